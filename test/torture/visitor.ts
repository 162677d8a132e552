import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick, type Random } from '../support/random.ts';
import { MAX_POLL_MS, RETRY_MS, ShardConsumer, type Start } from './consumer.ts';
import type { ClientTools, StreamUnderTest } from './producer.ts';
import type { RoundTerms } from './round-terms.ts';

const VISIT_MS = 4_000;

/** Again and again, begins to read some shard at some place, and reads on for a while. */
export async function visitShards(
  visitor: string,
  stream: StreamUnderTest,
  tools: ClientTools,
  stopped: () => boolean,
  recent: () => { readonly shardId: string; readonly sequenceNumber: string } | undefined,
  terms: RoundTerms,
): Promise<void> {
  const { api, next } = tools;
  for (let visit = 0; !stopped(); visit++) {
    const shards: { ShardId: string }[] = (await api.ok('ListShards', { StreamName: stream.name }))?.Shards ?? [];
    const record = recent();
    if (shards.length === 0 || record === undefined) {
      await sleep(RETRY_MS);
      continue;
    }
    const start = startingPosition(next, record.sequenceNumber, terms);
    const shardId = start.sequenceNumber === undefined ? pick(next, shards.slice(-6)).ShardId : record.shardId;
    const shard = new ShardConsumer(`${visitor}.${visit}`, shardId, stream, tools);
    if (await shard.begin(start)) {
      const endMs = Date.now() + next() * VISIT_MS;
      while (!stopped() && !shard.ended && Date.now() < endMs) {
        await shard.read(between(next, 1, 500));
        await sleep(next() * MAX_POLL_MS);
      }
    }
  }
}

function startingPosition(next: Random, sequenceNumber: string, terms: RoundTerms): Start {
  const type = pick(next, ['LATEST', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const);
  switch (type) {
    case 'LATEST':
      return { type };
    case 'AT_TIMESTAMP':
      return { type, timestampMs: pastTime(next, terms) };
    default:
      return { type, sequenceNumber };
  }
}

/** A time of about the last half minute, which has passed by the clock of every process. */
export const pastTime = (next: Random, { behindMs }: RoundTerms): number =>
  Date.now() - behindMs - 1_000 - Math.floor(next() * 20_000);
