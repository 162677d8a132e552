import type { Mutation } from './mutation.ts';

const READER = 'client/reading/stream-reader.ts';
const WRITER = 'client/writing/batch-writer.ts';
const REGIONS = 'local/regions.ts';

const TAIL = ['test/cli/tail.test.ts'];
const COPY = ['test/cli/copy.test.ts'];
const PUT = ['test/cli/put.test.ts'];
const REGION_TESTS = ['test/e2e/regions.test.ts'];
const LIBRARY = ['test/e2e/library.test.ts'];

/** Mistakes of the command line, of regions and of the library. */
export const TOOLS: readonly Mutation[] = [
  {
    mistake: 'the children of a shard are read before their parents have ended',
    file: READER,
    find: 'parents.every((parent) => isEnded(parent) || !this.#shards.has(parent))',
    instead: 'parents.every(() => true)',
    tests: TAIL,
    named: 'a parent that',
  },
  {
    mistake: 'the second parent of a merged shard is not waited for',
    file: READER,
    find: 'parents.every((parent) => isEnded(parent) || !this.#shards.has(parent))',
    instead: 'parents.slice(0, 1).every((parent) => isEnded(parent) || !this.#shards.has(parent))',
    tests: TAIL,
    named: 'a parent that',
  },
  {
    mistake: 'a child is read from where the stream was begun, not from its beginning',
    file: READER,
    find: "progress === undefined ? { type: 'TRIM_HORIZON' } : this.#options.start",
    instead: 'this.#options.start',
    tests: TAIL,
    named: 'what is new, through',
  },
  {
    mistake: 'the end of a shard ends the reading of its stream',
    file: READER,
    find: '      this.#startReady();\n    }\n  }\n}',
    instead: '    }\n  }\n}',
    tests: TAIL,
    named: 'through splits',
  },
  {
    mistake: 'a shard is marked as read before its records are taken',
    file: READER,
    find: `        await onPage({ shard, records: value });
        const after = value.at(-1)?.SequenceNumber;
        if (after !== undefined) {
          this.#progress.set(shard.id, { after });
        }`,
    instead: `        const after = value.at(-1)?.SequenceNumber;
        if (after !== undefined) {
          this.#progress.set(shard.id, { after });
        }
        await onPage({ shard, records: value });`,
    tests: COPY,
    named: 'after a kill',
  },
  {
    mistake: 'an expired iterator is tried for ever',
    file: 'client/reading/polling.ts',
    find: "if ((error as Error).name === 'ExpiredIteratorException') {",
    instead: "if ((error as Error).name === 'NoSuchException') {",
    tests: TAIL,
    named: 'iterator has expired',
  },
  {
    mistake: 'a batch has several records of one key, so that a failed one is overtaken',
    file: WRITER,
    find: '    for (const [record] of chains.values()) {',
    instead: '    for (const record of [...chains.values()].flat()) {',
    tests: PUT,
    named: 'order of each key',
  },
  {
    mistake: 'a record that failed is not put again',
    file: WRITER,
    find: '        failures.push(result);',
    instead: '        failures.push(result);\n        chains.get(this.#chainOf(record))?.shift();',
    tests: PUT,
    named: 'order of each key',
  },
  {
    mistake: 'a consumer of tail is left behind',
    file: 'cli/commands/tail.ts',
    find: '  await consumer?.end();\n',
    instead: '',
    tests: TAIL,
    named: 'follows reshards',
  },
  {
    mistake: 'a load test starts its clock when a call is sent, not when it was due',
    file: 'cli/load/measured-load.ts',
    find: '    this.#put(first, dueMs)',
    instead: '    dueMs = this.now();\n    this.#put(first, dueMs)',
    tests: ['test/unit/measured-load.test.ts'],
    named: 'was due',
  },
  {
    mistake: 'regions are made without a limit',
    file: REGIONS,
    find: 'this.#opened.size >= MAX_REGIONS',
    instead: 'this.#opened.size >= MAX_REGIONS * 9',
    tests: REGION_TESTS,
    named: 'at most',
  },
  {
    mistake: 'a request opens a region before its signature is checked',
    file: 'local/region.ts',
    find: '    this.handler = createDispatcher(configuration, { ...platform, ...counting, tables, workflows });',
    instead: `    const dispatcher = createDispatcher(configuration, { ...platform, ...counting, tables, workflows });
    this.handler = async (event, context) => {
      await this.open();
      return dispatcher(event, context);
    };`,
    tests: REGION_TESTS,
    named: 'signature is refused',
  },
  {
    mistake: 'streams of the start are there only in the first region',
    file: 'local/region.ts',
    find: '      await createStreamsAtStart(streams,',
    instead: "      await createStreamsAtStart(environment.AWS_REGION === 'us-east-1' ? streams : [],",
    tests: REGION_TESTS,
    named: 'streams of its start',
  },
  {
    mistake: 'a region of a folder is read as another one',
    file: 'local/data-folder.ts',
    find: 'this.#home = this.#storedHome() ?? (existsSync',
    instead: 'this.#home = (existsSync',
    tests: REGION_TESTS,
    named: 'for the next start',
  },
  {
    mistake: 'signatures are checked by the clock that tests turn',
    file: 'local/server.ts',
    find: 'signatureNow: options.now ?? Date.now',
    instead: 'signatureNow: options.now ?? clock.now',
    tests: LIBRARY,
    named: 'signatures',
  },
  {
    mistake: 'transitions do not wait for a held clock',
    file: 'local/server.ts',
    find: 'settle: options.settle ?? clock.until',
    instead: 'settle: options.settle',
    tests: LIBRARY,
    named: 'stands still',
  },
  {
    mistake: 'a record that a fault refuses is stored all the same',
    file: 'library/injected-faults.ts',
    find: 'await handle({ ...input, Records: taken })',
    instead: 'await handle(input)',
    tests: LIBRARY,
    named: 'a part of PutRecords',
  },
  {
    mistake: 'health is told without a look at the store',
    file: 'local/server.ts',
    find: 'isReady && canRead(await regions.home.open())',
    instead: 'isReady',
    tests: ['test/e2e/local-server.test.ts'],
    named: 'when the store does not',
  },
];
