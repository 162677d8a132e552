import { setTimeout as sleep } from 'node:timers/promises';
import { HASH_KEY_SPACE } from '../../lib/model/hash-key.ts';
import { between, pick, type Random } from '../support/random.ts';
import type { AnyApi } from './kinesis-call.ts';

const MIN_SHARDS = 2;
const MAX_SHARDS = 8;
const POLL_MS = 150;
const CHECK_TRIES = 20;

interface ListedShard {
  readonly ShardId: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
}

/** Reshards a stream and changes its settings, again and again, as its owner may do at any time. */
export class Operator {
  /** The number of accepted changes, by action. */
  readonly changes = new Map<string, number>();
  /** What was wrong, in sentences. */
  readonly wrong: string[] = [];
  /** The longest time that the stream was seen in a transition, ms. */
  longestTransitionMs = 0;
  #abandoned = false;
  readonly #maxTransitionMs: number;
  readonly #stream: string;
  readonly #api: AnyApi;
  readonly #next: Random;

  /** @param maxTransitionMs the longest time that the stream may be in a transition, ms */
  constructor(stream: string, api: AnyApi, next: Random, maxTransitionMs: number) {
    this.#maxTransitionMs = maxTransitionMs;
    this.#stream = stream;
    this.#api = api;
    this.#next = next;
  }

  async run(stopped: () => boolean): Promise<void> {
    while (!stopped()) {
      await this.#change();
      await this.settled();
      await sleep(between(this.#next, 0, 2_000));
    }
  }

  /** Stops all waiting. */
  abandon(): void {
    this.#abandoned = true;
  }

  async #change(): Promise<void> {
    const shards = await this.openShards();
    if (shards === undefined) {
      return;
    }
    const [action, input] = this.#chosen(shards);
    if ((await this.#api.ok(action, { StreamName: this.#stream, ...input })) !== undefined) {
      this.changes.set(action, (this.changes.get(action) ?? 0) + 1);
    }
  }

  #chosen(shards: readonly ListedShard[]): readonly [string, object] {
    const next = this.#next;
    const which = next();
    if (which < 0.35 && shards.length < MAX_SHARDS) {
      const shard = pick(next, shards);
      const { StartingHashKey, EndingHashKey } = shard.HashKeyRange;
      const start = BigInt(StartingHashKey);
      const width = BigInt(EndingHashKey) - start;
      const at = start + 1n + (width * BigInt(between(next, 1, 998))) / 1_000n;
      return ['SplitShard', { ShardToSplit: shard.ShardId, NewStartingHashKey: at.toString() }];
    }
    if (which < 0.7 && shards.length > MIN_SHARDS) {
      const left = between(next, 0, shards.length - 2);
      const [ShardToMerge, AdjacentShardToMerge] = shards.slice(left, left + 2).map(({ ShardId }) => ShardId);
      return ['MergeShards', { ShardToMerge, AdjacentShardToMerge }];
    }
    if (which < 0.85) {
      const least = Math.max(MIN_SHARDS, Math.ceil(shards.length / 2));
      const TargetShardCount = between(next, least, Math.min(MAX_SHARDS, shards.length * 2));
      return ['UpdateShardCount', { TargetShardCount, ScalingType: 'UNIFORM_SCALING' }];
    }
    return next() < 0.5
      ? ['IncreaseStreamRetentionPeriod', { RetentionPeriodHours: 48 }]
      : ['DecreaseStreamRetentionPeriod', { RetentionPeriodHours: 24 }];
  }

  /** The open shards in the order of their hash key ranges; undefined when there is no response. */
  async openShards(): Promise<ListedShard[] | undefined> {
    const answer = await this.#api.ok('ListShards', { StreamName: this.#stream });
    const shards: ListedShard[] | undefined = answer?.Shards;
    return shards
      ?.filter((shard) => shard.SequenceNumberRange.EndingSequenceNumber === undefined)
      .sort((a, b) => (BigInt(a.HashKeyRange.StartingHashKey) < BigInt(b.HashKeyRange.StartingHashKey) ? -1 : 1));
  }

  /** Waits until the stream is ACTIVE, and notes when that takes longer than allowed. */
  async settled(): Promise<void> {
    let sinceMs: number | undefined;
    while (!this.#abandoned) {
      const answer = await this.#api.ok('DescribeStreamSummary', { StreamName: this.#stream });
      const status = answer?.StreamDescriptionSummary.StreamStatus;
      if (status === 'ACTIVE') {
        return;
      }
      sinceMs ??= Date.now();
      const tookMs = Date.now() - sinceMs;
      this.longestTransitionMs = Math.max(this.longestTransitionMs, tookMs);
      if (tookMs > this.#maxTransitionMs) {
        this.wrong.push(`the stream was ${status} for ${tookMs} ms`);
        return;
      }
      await sleep(POLL_MS);
    }
  }

  /** Checks that the open shards cover every hash key exactly once. */
  async checkShards(): Promise<void> {
    let shards: ListedShard[] | undefined;
    for (let tries = 0; shards === undefined && tries < CHECK_TRIES; tries++) {
      // A kept connection to a process that was killed breaks once.
      shards = await this.openShards();
    }
    let expected = 0n;
    for (const { HashKeyRange } of shards ?? []) {
      if (BigInt(HashKeyRange.StartingHashKey) !== expected) {
        this.wrong.push(`the open shards do not meet at hash key ${expected}`);
      }
      expected = BigInt(HashKeyRange.EndingHashKey) + 1n;
    }
    if (expected !== HASH_KEY_SPACE) {
      this.wrong.push('the open shards do not cover the hash keys');
    }
  }
}
