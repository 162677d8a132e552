import type { Mutation } from './mutation.ts';

const APPEND = 'lib/log/append.ts';
const AHEAD = 'lib/log/bodies-ahead.ts';
const READ = 'lib/log/read.ts';
const OBJECT = 'lib/store/body-object.ts';
const REWRITE = 'lib/workflows/rewrite-expiry.ts';
const ADOPT = 'lib/workflows/adopt-tables.ts';
const QUIET = 'lib/model/quiet-neighbours.ts';
const SCALE_DOWN = 'lib/resources/scale-down.ts';
const LOADS = 'lib/runtime/shard-loads.ts';
const CHOICE = 'functions/call-choice.ts';

const BODIES = ['test/contract/bodies-in-objects.test.ts'];
const ADOPTED = ['test/contract/adopted-tables.test.ts'];
const SCALING = ['test/contract/on-demand-scaling.test.ts'];
const LOAD = ['test/unit/on-demand-load.test.ts'];
const OBSERVED = ['test/operations/observation.test.ts'];

/** Mistakes in what owners rely on: bodies in a bucket, restored tables, scaling, and what is observed. */
export const OWNING: readonly Mutation[] = [
  {
    mistake: 'a body in an object keeps the name of the first attempt',
    file: APPEND,
    find: 'const newWriter = this.#newWriter;',
    instead: "const newWriter = () => append.records[0]?.partitionKey ?? '';",
    tests: BODIES,
    named: '\\[B1\\]',
  },
  {
    mistake: 'an attempt to store an object has the name of the one before',
    file: OBJECT,
    find: "  const writer = await retried('S3', async () => {\n    const name = newWriter();",
    instead: "  const name = newWriter();\n  const writer = await retried('S3', async () => {",
    tests: BODIES,
    named: 'survives an attempt',
  },
  {
    mistake: 'a batch is put before its object',
    file: OBJECT,
    find: '    await bodies.put(objectKey(shard, name, objectDays), bytes);',
    instead: '    bodies.put(objectKey(shard, name, objectDays), bytes).catch(() => {});',
    tests: BODIES,
    named: '\\[B2\\]',
  },
  {
    mistake: 'an object has the shortest life, however long its batch is kept',
    file: OBJECT,
    find: 'const days = OBJECT_LIVES_DAYS.find((life) => life * DAY_SECONDS >= needed);',
    instead: 'const days = needed > 0 ? OBJECT_LIVES_DAYS[0] : undefined;',
    tests: BODIES,
    named: '\\[B4\\]',
  },
  {
    mistake: 'an object keeps its life when the retention period grows',
    file: OBJECT,
    find: '  if (objectExpirySeconds(arrivalMs, objectDays) >= untilSeconds) {',
    instead: '  if (objectExpirySeconds(arrivalMs, objectDays) >= 0) {',
    tests: BODIES,
    named: '\\[E6\\]',
  },
  {
    mistake: 'a batch names a copy that was not made',
    file: REWRITE,
    find: 'const objectDays = await keepObject(tables, shard, batch, untilSeconds, now());',
    instead: 'const objectDays = await keepObject(tables, shard, batch, untilSeconds, now()).catch(() => 8);',
    tests: BODIES,
    named: '\\[E6\\]',
  },
  {
    mistake: 'an object that is missing too early is passed over',
    file: READ,
    find: 'objectDays === undefined ? arrivalMs + CHUNKS_KEPT_MS : objectExpirySeconds(arrivalMs, objectDays) * 1_000',
    instead: 'objectDays === undefined ? arrivalMs + CHUNKS_KEPT_MS : arrivalMs',
    tests: BODIES,
    named: 'never taken for expired',
  },
  {
    mistake: 'every object of a page is fetched at once',
    file: AHEAD,
    find: 'this.#begun.size >= OBJECTS_AT_ONCE',
    instead: 'this.#begun.size >= 1_000',
    tests: BODIES,
    named: 'side by side',
  },
  {
    mistake: 'objects are fetched that the response has no room for',
    file: AHEAD,
    find: 'this.#room.records <= 0',
    instead: 'this.#room.records <= -1_000',
    tests: BODIES,
    named: 'no more than the response takes',
  },
  {
    mistake: 'a restored log goes on where it ended',
    file: ADOPT,
    find: 'Math.max(positionAtAdoption(nowMs), used + 1)',
    instead: 'Math.max(Math.min(positionAtAdoption(nowMs), 0), used + 1)',
    tests: ADOPTED,
    named: '\\[D1\\]',
  },
  {
    mistake: 'readers wait for the claims of a lost future',
    file: ADOPT,
    find: 'beforeMs: nowMs - CLAIMS_OLDER_MS',
    instead: 'beforeMs: nowMs - Math.min(CLAIMS_OLDER_MS, 0)',
    tests: ADOPTED,
    named: '\\[D1\\]',
  },
  {
    mistake: 'a restored log ends where its lost future did',
    file: ADOPT,
    find: '  if (splits.length > 0) {',
    instead: '  if (splits.length > 99) {',
    tests: ADOPTED,
    named: '\\[D2\\]',
  },
  {
    mistake: 'a closed shard whose end was lost never ends',
    file: ADOPT,
    find: "  if (shard.state === 'CLOSED') {\n    await sealShard",
    instead: "  if (shard.state === 'PENDING') {\n    await sealShard",
    tests: ADOPTED,
    named: '\\[D2\\]',
  },
  {
    mistake: 'a new shard takes up the log of a lost one',
    file: ADOPT,
    find: 'nextShardIndex: nextShardIndex + SKIPPED_INDEXES',
    instead: 'nextShardIndex: nextShardIndex + Math.min(SKIPPED_INDEXES, 0)',
    tests: ADOPTED,
    named: '\\[D3\\]',
  },
  {
    mistake: 'the leap of an adoption is as long as the last one, whenever that was',
    file: 'lib/log/protocol.ts',
    find: '(nowMs - ADOPTIONS_SINCE_MS) * POSITIONS_PER_MS',
    instead: '(nowMs > ADOPTIONS_SINCE_MS ? 2 ** 40 : 0) * Math.min(POSITIONS_PER_MS, 1)',
    tests: ADOPTED,
    named: 'earlier adoption',
  },
  {
    mistake: 'a reshard that was under way leaves out no index when it ends',
    file: 'lib/workflows/reshard-stream.ts',
    find: '+ (stream.skippedIndexes ?? 0)',
    instead: '+ Math.min(stream.skippedIndexes ?? 0, 0)',
    tests: ADOPTED,
    named: 'under way',
  },
  {
    mistake: 'a shard that a reshard had written keeps the log of its lost future',
    file: ADOPT,
    find: "  if (shard.state === 'PENDING') {\n    await deleteLog",
    instead: "  if (shard.state === 'CLOSED') {\n    await deleteLog",
    tests: ADOPTED,
    named: 'under way',
  },
  {
    mistake: 'the expiry of restored records is left as it was',
    file: ADOPT,
    find: 'if (retentionMs(stream) <= MIN_RETENTION_MS) {',
    instead: 'if (retentionMs(stream) >= MIN_RETENTION_MS) {',
    tests: ADOPTED,
    named: '\\[E4\\]',
  },
  {
    mistake: 'a copy of an object is not found by a restored batch',
    file: OBJECT,
    find: 'OBJECT_LIVES_DAYS.filter((days) => days >= objectDays)',
    instead: 'OBJECT_LIVES_DAYS.filter((days) => days === objectDays)',
    tests: BODIES,
    named: 'restored table',
  },
  {
    mistake: 'restored tables are used before they are prepared',
    file: 'lib/store/tables-item.ts',
    find: 'return item?.streams === tables.streams && item.records === tables.records;',
    instead: 'return item === undefined || (item.streams === tables.streams && item.records === tables.records);',
    tests: ADOPTED,
    named: 'take no request',
  },
  {
    mistake: 'a shard that was busy is merged',
    file: QUIET,
    find: '&& busyMs <= sinceMs',
    instead: '&& busyMs >= 0',
    tests: LOAD,
    named: 'quiet neighbours',
  },
  {
    mistake: 'a stream is merged below the shards that it began with',
    file: SCALE_DOWN,
    find: '.slice(0, Math.max(0, spare))',
    instead: '.slice(0, Math.max(0, spare) + 9)',
    tests: SCALING,
    named: 'is looked at again',
  },
  {
    mistake: 'a burst of one second doubles a shard',
    file: LOADS,
    find: 'hot.seconds.length >= HOT_SECONDS',
    instead: 'hot.seconds.length >= Math.min(HOT_SECONDS, 1)',
    tests: LOAD,
    named: 'three seconds',
  },
  {
    mistake: 'one hot partition key doubles a shard again and again',
    file: LOADS,
    find: 'hot.seconds.length >= HOT_SECONDS && isShared',
    instead: 'hot.seconds.length >= HOT_SECONDS && (isShared || bytes > 0)',
    tests: LOAD,
    named: 'would not halve',
  },
  {
    mistake: 'a client can make the log as long as it likes',
    file: CHOICE,
    find: 'this.#lines <= REMARKABLE_LINES_PER_SECOND;',
    instead: 'this.#lines <= REMARKABLE_LINES_PER_SECOND * 1_000;',
    tests: OBSERVED,
    named: 'made dear',
  },
  {
    mistake: 'a failed call gets no line unless it is sampled',
    file: CHOICE,
    find: '    if (!isRemarkable(call)) {',
    instead: "    if (!isRemarkable(call) || of === 'sampled') {",
    tests: OBSERVED,
    named: 'with sampling',
  },
];
