import { bodyExpirySeconds, MIN_RETENTION_MS, PASS_AFTER_MS, positionAtAdoption } from '../log/protocol.ts';
import { sealShard } from '../log/seal.ts';
import { halves } from '../model/reshard.ts';
import type { Shard } from '../model/shard.ts';
import { retentionMs, type Stream } from '../model/stream.ts';
import { type Batch, deleteLog, deleteSeal, type EmptyBatch, newestBatch, putBatch } from '../store/batch-item.ts';
import { listShards } from '../store/shard-item.ts';
import { changeStream, getStream, listStreams } from '../store/stream-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { noteAdopted } from '../store/tables-item.ts';
import { closeTail, readTail, replaceTail } from '../store/tail-state.ts';
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

/** A run without progress for half a minute is started by the next call: this one is to be. */
const STARTED_EARLIER_MS = 60_000;

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
  const reopened: Shard[] = [];
  await inGroups(shards, async (shard) => {
    if ((await adoptShard(stream, shard, tools)) === 'ended') {
      reopened.push(shard);
    }
  });
  await skipShards(stream, shards, tools);
  await reshardAgain(stream, reopened, tools);
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

/**
 * A shard that is open for the map goes on above everything that was ever given out, and a closed one has its end. A new shard has an
 * empty log, whatever the lost future had there.
 * @returns `ended` if the lost future has ended the log of a shard that is open for the map
 */
async function adoptShard(stream: Stream, shard: Shard, tools: AdoptionTools): Promise<'adopted' | 'ended'> {
  const { tables, now } = tools;
  const reference = { streamId: stream.id, shardIndex: shard.index };
  const newest = await newestBatch(tables, reference);
  if (newest?.kind === 'seal' && shard.state !== 'PENDING') {
    if (shard.state === 'CLOSED') {
      return 'adopted';
    }
    // It takes no record until it is resharded: consumers that have seen its end do not come back to it.
    await closeTail(tables, reference);
    return 'ended';
  }
  if (shard.state === 'PENDING') {
    await deleteLog(tables, reference);
  }
  await leap(stream, reference, shard, tools);
  if (shard.state === 'CLOSED') {
    await sealShard(tables, reference, { now, writer: tools.newId() });
  }
  return 'adopted';
}

/** The transitions that make shards. */
const RESHARDS: ReadonlySet<string | undefined> = new Set(['SPLIT', 'MERGE', 'MERGES', 'SCALE']);

/**
 * Leaves out the indexes of shards of the lost future. A reshard that has written shards keeps the indexes that it has planned: their
 * logs are emptied, and the indexes are left out when it ends.
 */
async function skipShards(stream: Stream, shards: readonly Shard[], tools: AdoptionTools): Promise<void> {
  const { transition, nextShardIndex } = stream;
  const known = new Set(shards.map(({ index }) => index));
  const hasBegun = RESHARDS.has(transition?.kind) && [...known].some((index) => index >= nextShardIndex);
  if (!hasBegun) {
    await required(changeStream(tools.tables, stream, { nextShardIndex: nextShardIndex + SKIPPED_INDEXES }));
    return;
  }
  await required(changeStream(tools.tables, stream, { skippedIndexes: SKIPPED_INDEXES }));
  const aimed = transition?.kind === 'SCALE' ? transition.targetShardCount : 0;
  const count = CHILDREN_FOR_EACH * (stream.openShardCount + aimed);
  const planned = Array.from({ length: count }, (_, offset) => nextShardIndex + offset);
  await inGroups(
    planned.filter((index) => !known.has(index)),
    (shardIndex) => deleteLog(tools.tables, { streamId: stream.id, shardIndex }),
  );
}

/**
 * Splits shards that are open for the map and have ended in the lost future, since their reshard is lost too. The first call for the stream
 * carries it out. Consumers of either future go on: those that have seen the end, and those that have not.
 */
async function reshardAgain(stream: Stream, reopened: readonly Shard[], tools: AdoptionTools): Promise<void> {
  const current = reopened.length === 0 ? undefined : await getStream(tools.tables, stream.name);
  if (current === undefined || RESHARDS.has(current.transition?.kind)) {
    // The reshard that is under way closes them.
    return;
  }
  const splits = halves(reopened);
  for (const shard of reopened.filter(({ index }) => !splits.some(({ shardIndex }) => shardIndex === index))) {
    // Too narrow for a split.
    await leap(stream, { streamId: stream.id, shardIndex: shard.index }, shard, tools);
  }
  if (splits.length > 0) {
    const startedMs = tools.now();
    const run = { id: tools.newId(), startedMs, notBeforeMs: startedMs - STARTED_EARLIER_MS };
    const transition = { ...run, kind: 'SPLIT', splits } as const;
    await required(changeStream(tools.tables, current, { status: 'UPDATING', transition }));
  }
}

async function required(changed: Promise<boolean>): Promise<void> {
  if (!(await changed)) {
    throw new Error('a stream has changed meanwhile: stop everything that writes to the tables, and adopt them again');
  }
}

/**
 * Continues a log far above everything that it has, and above everything that was given out after the moment that was restored. A
 * fill stands there: it ends a chain, and readers pass the gap below it at once.
 */
async function leap(
  stream: Stream,
  shard: ShardReference,
  { state, createdSeconds }: Pick<Shard, 'state' | 'createdSeconds'>,
  { tables, now, newId }: AdoptionTools,
): Promise<void> {
  const newest = await withoutSeals(tables, shard);
  const tail = await readTail(tables, shard);
  const nowMs = now();
  const used = Math.max(newest?.position ?? 0, (tail?.nextPosition ?? 1) - 1);
  const position = Math.max(positionAtAdoption(nowMs), used + 1);
  const fill: EmptyBatch = {
    kind: 'fill',
    position,
    arrivalMs: Math.max(newest?.arrivalMs ?? 0, createdSeconds * 1_000),
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

/** Removes the end of a log that is to go on. @returns the newest batch then */
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
