import type { Mutation } from './mutation.ts';

const ENGINE = 'local/engine/engine.ts';
const PARSER = 'local/engine/parser.ts';
const OPEN = 'local/engine/open.ts';
const TABLE = 'local/engine/item-table.ts';
const GROUP = 'lib/log/group-commit.ts';

const TESTS = ['test/engine/engine.test.ts'];
const STORAGE = ['test/engine/storage.test.ts'];

/** Mistakes of the embedded engine, and of what works beside it in one process. */
export const ENGINE_AND_PROCESS: readonly Mutation[] = [
  {
    mistake: 'a put on condition replaces what is there',
    file: TABLE,
    find: 'ON CONFLICT DO NOTHING',
    instead: 'ON CONFLICT DO UPDATE SET doc = excluded.doc',
    tests: TESTS,
  },
  {
    mistake: 'an update is applied whether its condition holds or not',
    file: ENGINE,
    find: '  if (condition !== undefined && !condition.run(',
    instead: '  if (condition === null && !condition.run(',
    tests: TESTS,
  },
  {
    mistake: 'OR binds more closely than AND',
    file: PARSER,
    find: "left = { kind: 'and', left, right: this.#negation() };",
    instead: "left = { kind: 'and', left, right: this.condition() };",
    tests: TESTS,
    named: 'closely',
  },
  {
    mistake: 'NOT binds less closely than AND',
    file: PARSER,
    find: "{ kind: 'not', operand: this.#negation() }",
    instead: "{ kind: 'not', operand: this.condition() }",
    tests: TESTS,
    named: 'closely',
  },
  {
    mistake: 'an update changes the key',
    file: ENGINE,
    find: '  if (item[partitionKey] !== pk || item[sortKey] !== sk) {',
    instead: '  if (item[partitionKey] !== pk) {',
    tests: TESTS,
  },
  {
    mistake: 'a page has no end by its bytes',
    file: ENGINE,
    find: 'rows.length >= limit || bytes >= PAGE_BYTES',
    instead: 'rows.length >= limit',
    tests: TESTS,
  },
  {
    mistake: 'calls keep the event loop for as long as they come',
    file: ENGINE,
    find: '  async put(input: PutInput): Promise<WriteOutput> {\n    await yieldToEventLoop();',
    instead: '  async put(input: PutInput): Promise<WriteOutput> {',
    tests: TESTS,
    named: 'event loop',
  },
  {
    mistake: 'writes are never brought to the disk one by one',
    file: OPEN,
    find: "synced ? 'FULL' : 'NORMAL'",
    instead: "synced ? 'NORMAL' : 'NORMAL'",
    tests: STORAGE,
  },
  {
    mistake: 'two engines share a file',
    file: OPEN,
    find: 'PRAGMA locking_mode = EXCLUSIVE; ',
    instead: '',
    tests: STORAGE,
  },
  {
    mistake: 'a damaged file is opened as if it were well',
    file: OPEN,
    find: "    if (found !== 'ok') {",
    instead: "    if (found === '') {",
    tests: STORAGE,
  },
  {
    mistake: 'an error of the file is told as a fault of the request',
    file: 'local/engine/storage-errors.ts',
    find: 'throw reason === undefined ? error :',
    instead: 'throw reason !== undefined ? error :',
    tests: STORAGE,
  },
  {
    mistake: 'appends of one turn are written one by one',
    file: GROUP,
    find: '    if (this.#hasBegun) {',
    instead: '    if (this.#waiting < 0) {',
    tests: ['test/unit/group-commit.test.ts'],
    named: 'one turn',
  },
  {
    mistake: 'answers are written as if they were ASCII',
    file: 'local/gateway.ts',
    find: '  if (bytes === payload.length) {',
    instead: '  if (bytes >= payload.length) {',
    tests: ['test/operations/records/get-records.test.ts'],
    named: 'beyond ASCII',
  },
];
