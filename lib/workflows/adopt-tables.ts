import { bodyExpirySeconds, MIN_RETENTION_MS, PASS_AFTER_MS, RESTORE_LEAP } from '../log/protocol.ts';
import { sealShard } from '../log/seal.ts';
import type { Shard, ShardState } from '../model/shard.ts';
import { retentionMs, type Stream } from '../model/stream.ts';
import { type Batch, deleteSeal, type EmptyBatch, newestBatch, putBatch } from '../store/batch-item.ts';
import { listShards } from '../store/shard-item.ts';
import { listStreams, skipShardIndexes } from '../store/stream-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { noteAdopted } from '../store/tables-item.ts';
import { readTail, replaceTail } from '../store/tail-state.ts';
import { inGroups } from './in-groups.ts';
import { rewriteExpiry } from './rewrite-expiry.ts';

const STREAMS_PER_PAGE = 100;

/** The claims of a restored log are older than any reader waits for: their writers wrote to another table. */
const CLAIMS_OLDER_MS = 2 * PASS_AFTER_MS;

/** Seals at the end of one log: the one that counts, and those of earlier versions. */
const MOST_SEALS = 8;

/**
 * How many shard indexes of a stream are skipped: more than a stream can have used after the moment that was restored. The logs of
 * shards that the restored map does not know may be in the records table.
 */
const SKIPPED_INDEXES = 100_000;

/** A transition that was under way makes at most this many shards for each open one, and for each that it aims at. */
const CHILDREN_FOR_EACH = 4;

/** What an adoption is done with. */
export interface AdoptionTools {
  readonly tables: Tables;
  /** Epoch ms. */
  readonly now: () => number;
  /** Makes a token that no other batch has. */
  readonly newId: () => string;
}

/** What an adoption has done. */
export interface Adoption {
  readonly streams: number;
  readonly shards: number;
}

/**
 * Prepares tables that were restored, or that an earlier stack has left, for new writers (docs/log.md#adoption). The two tables
 * need not be of the same moment. While it runs, nobody may write to them. It may be repeated.
 */
export async function adoptTables(
  tools: AdoptionTools,
  adopted: (stream: Stream) => void = () => {},
): Promise<Adoption> {
  let [streams, shards] = [0, 0];
  let after: string | undefined;
  for (let more = true; more; ) {
    const page = await listStreams(tools.tables, { after, limit: STREAMS_PER_PAGE });
    for (const stream of page.streams) {
      shards += await adoptStream(stream, tools);
      streams += 1;
      adopted(stream);
    }
    after = page.streams.at(-1)?.name;
    ({ more } = page);
  }
  // Last: until then, no function takes a request.
  await noteAdopted(tools.tables, tools.now());
  return { streams, shards };
}

async function adoptStream(stream: Stream, tools: AdoptionTools): Promise<number> {
  await moveExpiry(stream, tools);
  const shards = await listShards(tools.tables, stream.id);
  await inGroups(shards, (shard) => adoptShard(stream, shard, tools));
  if (stream.transition === undefined) {
    await skipShardIndexes(tools.tables, stream, SKIPPED_INDEXES);
  } else {
    await adoptPlannedShards(stream, shards, tools);
  }
  return shards.length;
}

/**
 * The records table may be of a moment before the retention period was increased, and the streams table of one after it: then
 * nothing else would move the expiry of what is kept for longer.
 */
async function moveExpiry(stream: Stream, tools: AdoptionTools): Promise<void> {
  if (retentionMs(stream) <= MIN_RETENTION_MS) {
    return;
  }
  for (let movedMs: number | undefined; ; ) {
    movedMs = await rewriteExpiry(stream, movedMs === undefined ? {} : { movedMs }, tools);
    if (movedMs === undefined) {
      return;
    }
  }
}

/** A shard that is open for the map is open for writers, above everything that was ever given out; a closed one has its end. */
async function adoptShard(
  stream: Stream,
  { index, state, createdSeconds }: Shard,
  tools: AdoptionTools,
): Promise<void> {
  const shard = { streamId: stream.id, shardIndex: index };
  const newest = await newestBatch(tools.tables, shard);
  if (state === 'CLOSED' && newest?.kind === 'seal') {
    return;
  }
  await leap(stream, shard, { state, createdMs: createdSeconds * 1_000 }, tools);
  if (state === 'CLOSED') {
    await sealShard(tools.tables, shard, { now: tools.now, writer: tools.newId() });
  }
}

/** The shards that a transition will make keep the indexes that it has planned. Their logs may have records of later than the map. */
async function adoptPlannedShards(stream: Stream, shards: readonly Shard[], tools: AdoptionTools): Promise<void> {
  const known = new Set(shards.map(({ index }) => index));
  const { transition } = stream;
  const aimed = transition?.kind === 'SCALE' ? transition.targetShardCount : 0;
  const count = CHILDREN_FOR_EACH * (stream.openShardCount + aimed);
  const planned = Array.from({ length: count }, (_, offset) => stream.nextShardIndex + offset);
  await inGroups(
    planned.filter((index) => !known.has(index)),
    async (index) => {
      const shard = { streamId: stream.id, shardIndex: index };
      if ((await newestBatch(tools.tables, shard)) !== undefined) {
        await leap(stream, shard, { state: 'PENDING', createdMs: 0 }, tools);
      }
    },
  );
}

/**
 * Continues a log far above everything that it has, and above everything that was given out after the moment that was restored. A
 * fill stands there: it ends a chain, and readers pass the gap below it at once.
 */
async function leap(
  stream: Stream,
  shard: ShardReference,
  { state, createdMs }: { readonly state: ShardState; readonly createdMs: number },
  { tables, now, newId }: AdoptionTools,
): Promise<void> {
  const newest = await withoutSeals(tables, shard);
  const tail = await readTail(tables, shard);
  const nowMs = now();
  const position = Math.max(newest?.position ?? 0, (tail?.nextPosition ?? 1) - 1) + RESTORE_LEAP;
  const fill: EmptyBatch = {
    kind: 'fill',
    position,
    arrivalMs: Math.max(newest?.arrivalMs ?? 0, createdMs),
    beforeMs: nowMs - CLAIMS_OLDER_MS,
    writer: newId(),
    ttl: bodyExpirySeconds(nowMs, retentionMs(stream)),
    countedSecond: 0,
    secondRecords: 0,
    secondBytes: 0,
  };
  await putBatch(tables, shard, fill);
  await replaceTail(tables, shard, {
    shardState: state,
    claims: 'RESERVE',
    nextPosition: position + 1,
    reservedMs: Math.min(tail?.reservedMs ?? nowMs, nowMs),
    countedSecond: 0,
    secondRecords: 0,
    secondBytes: 0,
  });
}

/** Removes the end of a log that the shard map knows as open: its reshard has not happened yet. @returns the newest batch then */
async function withoutSeals(tables: Tables, shard: ShardReference): Promise<Batch | undefined> {
  for (let seals = 0; seals <= MOST_SEALS; seals++) {
    const newest = await newestBatch(tables, shard);
    if (newest?.kind !== 'seal') {
      return newest;
    }
    await deleteSeal(tables, shard, newest.position);
  }
  throw new Error('the log of a shard has too many ends');
}
