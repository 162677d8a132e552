import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from '../../deps.ts';
import { invalidArgument, KinesisFault, type StreamReference } from '../../faults.ts';
import type { AppendOutcome } from '../../log/append.ts';
import type { LogRecord } from '../../log/batch-body.ts';
import { HASH_KEY_SPACE, hashPartitionKey } from '../../model/hash-key.ts';
import { sequenceIndexOf } from '../../model/position.ts';
import { formatSequenceNumbers } from '../../model/sequence-number.ts';
import { type Shard, shardForHashKey } from '../../model/shard.ts';
import { retentionMs, type Stream } from '../../model/stream.ts';
import { servingStream } from '../../resources/existing-stream.ts';
import { StoreThrottled } from '../../store/store-errors.ts';
import type { StreamEntry } from '../../store/stream-catalog.ts';
import { type LoadedShard, loadOf, scaleByLoad } from './on-demand.ts';

/** The result of one record. */
export type PutResult =
  | { readonly kind: 'put'; readonly shard: Shard; readonly sequenceNumber: string }
  | { readonly kind: 'throttled'; readonly shard: Shard }
  /** Not written, or the result is unknown: the producer has to retry. */
  | { readonly kind: 'failed' };

/** The pauses between two reads of the shard map during a reshard, ms. Together about five seconds. */
const REROUTE_DELAYS_MS = [10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000, 1000];

/**
 * Writes records to the shards of their hash keys, one batch for each shard.
 * @param entry the stream as the caller checked it
 * @returns one result for each record, in the records' order
 * @throws KinesisFault ResourceNotFoundException when the stream went away before anything was written
 */
export async function putToStream(
  reference: StreamReference,
  entry: StreamEntry,
  records: readonly LogRecord[],
  deps: Deps,
): Promise<PutResult[]> {
  // Filled with undefined: array methods skip empty elements.
  const results: (PutResult | undefined)[] = new Array(records.length).fill(undefined);
  const hashKeys = records.map(hashKeyOf);
  const loaded: LoadedShard[] = [];
  let current = entry;
  for (const delayMs of [...REROUTE_DELAYS_MS, undefined]) {
    await Promise.all(
      routed(current, hashKeys, results).map((part) =>
        putPart(current, part, { records, hashKeys }, { results, loaded }, deps),
      ),
    );
    if (!results.includes(undefined) || delayMs === undefined) {
      break;
    }
    // The shard map was stale, or a reshard is between closing and opening shards.
    await sleep(delayMs);
    deps.catalog.forget(reference.streamName);
    const reloaded = await reloadedStream(reference, results, deps);
    if (reloaded === undefined) {
      break;
    }
    current = reloaded;
  }
  await scaleByLoad(reference, current.stream, loaded, deps);
  return results.map((result) => result ?? { kind: 'failed' });
}

/** @throws KinesisFault for a hash key beyond the key space */
export function checkExplicitHashKey(explicitHashKey: string | undefined): void {
  if (explicitHashKey !== undefined && BigInt(explicitHashKey) >= HASH_KEY_SPACE) {
    throw invalidArgument(
      'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
        `Specified value was ${explicitHashKey}`,
    );
  }
}

/** The member that responses have for encrypted streams only. */
export const encryptionMember = (stream: Stream) => (stream.keyId === null ? {} : { EncryptionType: 'KMS' as const });

/**
 * Refuses a record above the stream's maximum. The cached stream may be stale. So the stream is read again before a record
 * is refused.
 * @param memberOf the path in the message, for the index of a record
 * @returns the stream as last read
 * @throws KinesisFault
 */
export async function checkRecordSizes(
  records: readonly LogRecord[],
  reference: StreamReference,
  entry: StreamEntry,
  memberOf: (index: number) => string,
  deps: Deps,
): Promise<StreamEntry> {
  if (tooLarge(records, entry.stream) === -1) {
    return entry;
  }
  deps.catalog.forget(reference.streamName);
  const current = await servingStream(reference, deps);
  const index = tooLarge(records, current.stream);
  if (index !== -1) {
    throw new KinesisFault(
      'ValidationException',
      `1 validation error detected: Value at '${memberOf(index)}' failed to satisfy constraint: ` +
        `Member must have length less than or equal to ${current.stream.maxRecordKiB * 1024}`,
    );
  }
  return current;
}

/** @returns the index of the first record above the stream's maximum, or -1 */
const tooLarge = (records: readonly LogRecord[], stream: Stream): number =>
  records.findIndex(({ bytes }) => bytes > stream.maxRecordKiB * 1024);

const hashKeyOf = ({ explicitHashKey, partitionKey }: LogRecord): bigint =>
  explicitHashKey === undefined ? hashPartitionKey(partitionKey) : BigInt(explicitHashKey);

/** Records that go to one shard, by their indexes. */
interface Part {
  readonly shard: Shard;
  readonly indexes: number[];
}

/** Groups the records without a result by shard. Records without an open shard are in no group. */
function routed(entry: StreamEntry, hashKeys: readonly bigint[], results: readonly (PutResult | undefined)[]): Part[] {
  const parts = new Map<Shard, Part>();
  hashKeys.forEach((hashKey, index) => {
    const shard = results[index] === undefined ? shardForHashKey(entry.openShards, hashKey) : undefined;
    if (shard !== undefined) {
      const part = parts.get(shard);
      if (part === undefined) {
        parts.set(shard, { shard, indexes: [index] });
      } else {
        part.indexes.push(index);
      }
    }
  });
  return [...parts.values()];
}

/** Appends one shard's records and stores their results. Records of a closed shard get no result. */
async function putPart(
  { stream, readAt }: StreamEntry,
  { shard, indexes }: Part,
  { records, hashKeys }: { readonly records: readonly LogRecord[]; readonly hashKeys: readonly bigint[] },
  { results, loaded }: { readonly results: (PutResult | undefined)[]; readonly loaded: LoadedShard[] },
  deps: Deps,
): Promise<void> {
  const note = (result: PutResult) => {
    for (const index of indexes) {
      results[index] = result;
    }
  };
  let outcome: AppendOutcome;
  try {
    outcome = await deps.writer.append({
      shard: { streamId: stream.id, shardIndex: shard.index },
      records: indexes.map((index) => records[index] as LogRecord),
      retentionMs: retentionMs(stream),
      shardCreatedMs: shard.createdSeconds * 1000,
      encrypted: stream.keyId !== null,
      settingsRead: readAt,
    });
  } catch (error) {
    deps.log.error('an append failed', error);
    return note({ kind: 'failed' });
  }
  if (outcome.kind === 'closed') {
    return;
  }
  note({ kind: 'throttled', shard });
  if (stream.mode === 'ON_DEMAND') {
    const put = indexes.map((index) => ({
      hashKey: hashKeys[index] as bigint,
      bytes: (records[index] as LogRecord).bytes,
    }));
    const load = outcome.kind === 'appended' && outcome.admitted.length === indexes.length ? outcome.load : undefined;
    loaded.push(loadOf(shard, load, put));
  }
  if (outcome.kind === 'throttled') {
    deps.countEvent(outcome.cause);
  }
  if (outcome.kind === 'appended') {
    const numbers = sequenceNumbers(shard, outcome);
    outcome.admitted.forEach((admitted, offset) => {
      results[indexes[admitted] as number] = { kind: 'put', shard, sequenceNumber: numbers[offset] as string };
    });
  }
}

function sequenceNumbers(shard: Shard, appended: AppendOutcome & { readonly kind: 'appended' }): string[] {
  const first = {
    shardCreatedSeconds: shard.createdSeconds,
    shardIndex: shard.index,
    sequenceIndex: sequenceIndexOf(appended),
    timeSeconds: Math.floor(appended.arrivalMs / 1000),
  };
  return formatSequenceNumbers(first, appended.admitted.length);
}

/**
 * @returns undefined if the stream could not be read: then the records without a result have failed
 * @throws KinesisFault when the stream went away before anything was written: what was written must not look refused
 */
async function reloadedStream(
  reference: StreamReference,
  results: readonly (PutResult | undefined)[],
  deps: Deps,
): Promise<StreamEntry | undefined> {
  try {
    return await servingStream(reference, deps);
  } catch (error) {
    const goneUnwritten = error instanceof KinesisFault && !results.some(mayBeWritten);
    if (goneUnwritten || !(error instanceof KinesisFault || error instanceof StoreThrottled)) {
      throw error;
    }
    return undefined;
  }
}

const mayBeWritten = (result: PutResult | undefined): boolean => result?.kind === 'put' || result?.kind === 'failed';
