import type { Mutation } from './mutation.ts';

const APPEND = 'lib/log/append.ts';
const CLAIMS = 'lib/log/claims.ts';
const METHODS = 'lib/log/claim-methods.ts';
const GUESS = 'lib/log/guess.ts';
const RESERVATION = 'lib/log/reservation.ts';
const TAIL = 'lib/store/tail-item.ts';
const COUNTS = 'lib/store/second-counts.ts';
const BATCH = 'lib/store/batch-item.ts';
const CHUNK = 'lib/store/chunk-item.ts';
const GROUP = 'lib/log/group-commit.ts';
const PROTOCOL = 'lib/log/protocol.ts';

const RULES = ['test/contract/writing-rules.test.ts'];
const LOG = ['test/contract/shard-log.test.ts'];
const CHAINS = ['test/contract/guessing.test.ts'];
const GROUPS = ['test/unit/group-commit.test.ts'];

/** Mistakes in claiming, storing, putting and acknowledging. */
export const WRITING: readonly Mutation[] = [
  {
    mistake: 'a batch replaces what stands at its position',
    file: BATCH,
    find: "    ConditionExpression: 'attribute_not_exists(pk)',\n    ReturnValues",
    instead: '    ReturnValues',
    tests: RULES,
    named: '\\[A1\\]',
  },
  {
    mistake: 'a fill replaces what stands at its position',
    file: BATCH,
    find: "    ConditionExpression: 'attribute_not_exists(pk)',\n    ReturnValues",
    instead: "    ...(batch.kind !== 'fill' && { ConditionExpression: 'attribute_not_exists(pk)' }),\n    ReturnValues",
    tests: LOG,
    named: '\\[R9\\]',
  },
  {
    mistake: 'a put does not know its own first attempt',
    file: BATCH,
    find: 'outcome.held || outcome.found?.writer === batch.writer',
    instead: 'outcome.held',
    tests: LOG,
    named: '\\[A4\\]',
  },
  {
    mistake: 'what was confirmed after the deadline is acknowledged',
    file: APPEND,
    find: 'this.#stopwatch.ageMs(claimed) > ACK_DEADLINE_MS',
    instead: 'this.#stopwatch.ageMs(claimed) > 10 * ACK_DEADLINE_MS',
    tests: LOG,
    named: '\\[A2\\]',
  },
  {
    mistake: 'what was put by old settings is acknowledged',
    file: APPEND,
    find: 'this.#stopwatch.ageMs(settingsRead) > SETTINGS_LIFE_MS',
    instead: 'this.#stopwatch.ageMs(settingsRead) > 10 * SETTINGS_LIFE_MS',
    tests: RULES,
    named: '\\[A3\\]',
  },
  {
    mistake: 'a group forgets when the settings of its members were read',
    file: GROUP,
    find: 'settingsRead: oldestRead(group) ',
    instead: 'settingsRead: undefined ',
    tests: GROUPS,
  },
  {
    mistake: 'a put of which nothing was heard is claimed anew',
    file: APPEND,
    find: 'if (!(mayHaveBeenApplied(error) || (throttled && lost))) {',
    instead:
      "if (mayHaveBeenApplied(error)) {\n          return { kind: 'taken', by: undefined };\n        }\n        if (!throttled) {",
    tests: RULES,
    named: '\\[A4\\]',
  },
  {
    mistake: 'a put is told as throttled of which an attempt may have got through',
    file: APPEND,
    find: 'mayHaveBeenApplied(error) || (throttled && lost)',
    instead: 'mayHaveBeenApplied(error)',
    tests: RULES,
    named: '\\[A6\\]',
  },
  {
    mistake: 'bad luck is told as throttling',
    file: APPEND,
    find: "    throw new NoPositionWon('every position was taken by another batch');",
    instead: "    return { kind: 'throttled', cause: 'shard limit' };",
    tests: RULES,
    named: '\\[W10\\]',
  },
  {
    mistake: 'who has lost looks again each time, and is always slower',
    file: CLAIMS,
    find: 'return lost.takenBy && methodAbove(lost.takenBy);',
    instead: 'return undefined;',
    tests: RULES,
    named: '\\[W10\\]',
  },
  {
    mistake: 'the deadline counts from after the time that a claim is told with',
    file: CLAIMS,
    find: 'const terms = { claimed, looked',
    instead: 'const terms = { claimed: this.#stopwatch.moment(), looked',
    tests: RULES,
    named: '\\[W3\\]',
  },
  {
    mistake: 'a head that is taken counts from after the tail was asked',
    file: GUESS,
    find: 'claimed: method.asked,',
    instead: 'claimed,',
    tests: CHAINS,
    named: '\\[W5\\]',
  },
  {
    mistake: 'one name for all bodies of an append',
    file: APPEND,
    find: '    const writer = this.#newWriter();\n    if (bytes',
    instead: "    const writer = [append.shard.streamId, append.records.length].join('-');\n    if (bytes",
    tests: RULES,
    named: '\\[B1\\]',
  },
  {
    mistake: 'a chunk is replaced by a later attempt',
    file: CHUNK,
    find: 'SET body = if_not_exists(body, :body), #ttl = if_not_exists(#ttl, :ttl)',
    instead: 'SET body = :body, #ttl = :ttl',
    tests: RULES,
    named: '\\[B3\\]',
  },
  {
    mistake: 'chunks expire before their batch',
    file: PROTOCOL,
    find: 'expirySeconds(arrivalMs + BODY_MARGIN_MS, retentionMs)',
    instead: 'expirySeconds(arrivalMs, retentionMs) - 60',
    tests: RULES,
    named: '\\[B4\\]',
  },
  {
    mistake: 'a body is kept for a batch that arrives much later',
    file: APPEND,
    find: 'expirySeconds(arrivalOf(append, claim), append.retentionMs) <= stored.ttl',
    instead: 'stored.ttl > 0',
    tests: RULES,
    named: '\\[B4\\]',
  },
  {
    mistake: 'a chunk is not written',
    file: CHUNK,
    find: '  await collectYielding(count, (number) => {',
    instead: '  await collectYielding(count - 1, (number) => {',
    tests: LOG,
    named: 'chunks',
  },
  {
    mistake: 'a batch does not wait for its chunks',
    file: APPEND,
    find: 'const chunks = await putChunks(this.#tables, append.shard, { writer, bytes }, ttl);',
    instead:
      'putChunks(this.#tables, append.shard, { writer, bytes }, ttl);\n    const chunks = Math.ceil(bytes.length / MAX_ITEM_BODY_BYTES);',
    tests: RULES,
    named: '\\[B2\\]',
  },
  {
    mistake: 'arrival times lie before the creation of their shard',
    file: APPEND,
    find: 'Math.max(arrivalMs, shardCreatedMs)',
    instead: 'Math.max(arrivalMs, Math.min(0, shardCreatedMs))',
    tests: RULES,
    named: '\\[W9\\]',
  },
  {
    mistake: 'arrival times go by the own clock alone',
    file: RESERVATION,
    find: 'arrivalMs: Math.max(claimed.wallMs, earliestMs(old.reservedMs), newestMs),',
    instead: 'arrivalMs: claimed.wallMs + 0 * (earliestMs(old.reservedMs) + newestMs),',
    tests: RULES,
    named: '\\[W9\\]',
  },
  {
    mistake: 'arrival times in a chain go by the own clock alone',
    file: GUESS,
    find: 'arrivalMs: plan.notBeforeMs,',
    instead: 'arrivalMs: claimed.wallMs,',
    tests: CHAINS,
    named: '\\[W9\\]',
  },
  {
    mistake: 'the time of reservations goes back',
    file: TAIL,
    find: "      'reservedMs <= :reserved',\n",
    instead: '',
    tests: LOG,
    named: '\\[W2\\]',
  },
  {
    mistake: 'a tail that is not open gives positions',
    file: TAIL,
    find: "      'shardState = :open',\n",
    instead: "      '(shardState = :open OR shardState <> :open)',\n",
    tests: RULES,
    named: '\\[W1\\]',
  },
  {
    mistake: 'limits are not in the condition',
    file: COUNTS,
    find: "conditions: ['countedSecond >= :second', 'secondRecords <= :atMostRecords', 'secondBytes <= :atMostBytes'],",
    instead:
      "conditions: ['countedSecond >= :second', '(secondRecords <= :atMostRecords OR secondBytes <= :atMostBytes)'],",
    tests: LOG,
    named: '\\[W8\\]',
  },
  {
    mistake: 'counts do not go on along a chain',
    file: GUESS,
    find: 'counts: countsAfter(plan.request, newest),',
    instead: 'counts: { ...countsAfter(plan.request, newest), secondRecords: 0 },',
    tests: CHAINS,
    named: '\\[W8\\]',
  },
  {
    mistake: 'positions are reserved beside a chain',
    file: TAIL,
    find: "        conditions: [RESERVING],\n        sets: ['nextPosition",
    instead: "        conditions: ['(claims = :reserve OR claims <> :reserve)'],\n        sets: ['nextPosition",
    tests: RULES,
    named: '\\[W1\\]',
  },
  {
    mistake: 'positions are guessed above what was reserved',
    file: METHODS,
    find: '  if (newest.headMs === undefined) {\n    return',
    instead: '  if (newest.headMs === undefined && newest.position < 0) {\n    return',
    tests: CHAINS,
  },
  {
    mistake: 'a chain grows for ever',
    file: GUESS,
    find: 'claimed.wallMs - headMs > CHAIN_LIFE_MS',
    instead: 'claimed.wallMs - headMs > 24 * CHAIN_LIFE_MS',
    tests: CHAINS,
    named: '\\[W6\\]',
  },
  {
    mistake: 'no leap over what may have expired',
    file: PROTOCOL,
    find: 'export const LEAP = 2 ** 26;',
    instead: 'export const LEAP = 0;',
    tests: CHAINS,
    named: '\\[W7\\]',
  },
  {
    mistake: 'no leap where nothing is to be seen from the head on',
    file: 'lib/log/claim-methods.ts',
    find: 'const leap = isForgotten(tail, newest, asked.wallMs);',
    instead: 'const leap = isForgotten(tail, newest, asked.wallMs) && newest !== undefined;',
    tests: CHAINS,
    named: '\\[W7\\]',
  },
  {
    mistake: 'a writer that finds a seal goes on',
    file: CLAIMS,
    find: "    if (lost?.takenBy?.kind === 'seal') {\n      return 'closed';\n    }\n",
    instead: '',
    tests: RULES,
    named: '\\[A5\\]',
  },
  {
    mistake: "a group's offsets begin at 0 for everybody",
    file: GROUP,
    find: '{ ...outcome, offset, admitted }',
    instead: '{ ...outcome, offset: 0, admitted }',
    tests: GROUPS,
  },
  {
    mistake: 'each of a group is told that all was admitted',
    file: GROUP,
    find: 'admitted.length > 0 ? { ...outcome, offset, admitted }',
    instead: 'admitted.length >= 0 ? { ...outcome, offset, admitted: append.records.map((_, index) => index) }',
    tests: GROUPS,
  },
  {
    mistake: 'what waits has no bound',
    file: GROUP,
    find: 'if (this.#waiting > 0 && (this.#waiting >= MAX_WAITING || this.#waitingBytes + bytes > MAX_WAITING_BYTES)) {',
    instead: 'if (this.#waiting > Number.MAX_SAFE_INTEGER) {',
    tests: GROUPS,
  },
];
