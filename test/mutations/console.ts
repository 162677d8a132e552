import type { Mutation } from './mutation.ts';

const GUARD = 'console/server/request-guard.ts';
const STORE = 'console/page/records/record-store.ts';
const MATCHES = 'console/page/records/matches.ts';
const PUT = 'console/page/records/put-records.ts';
const FILTER = 'console/page/records/record-filter.ts';
const WRITER = 'client/writing/batch-writer.ts';
const OPENED = 'console/page/records/opened-record.ts';
const TRAFFIC = 'local/traffic.ts';

const GUARD_TESTS = ['test/e2e/console-guard.test.ts'];
const PROCESS_TESTS = ['test/e2e/console-process.test.ts'];
const RECORD_TESTS = ['test/unit/console-records.test.ts'];
const PAGE_TESTS = ['test/console/records.test.ts'];
const SHARD_TESTS = ['test/unit/console-shards.test.ts'];
const TRAFFIC_TESTS = ['test/unit/traffic.test.ts'];

/** Mistakes of the console, and of what a local server counts for it. */
export const CONSOLE: readonly Mutation[] = [
  {
    mistake: 'a page of any origin may call the console',
    file: GUARD,
    find: 'if (headers.origin !== ',
    instead: "if (headers.origin !== headers.origin && '' !== ",
    tests: GUARD_TESTS,
  },
  {
    mistake: 'the console needs no secret',
    file: GUARD,
    find: "    return this.#hasSecret(headers.cookie ?? '')",
    instead: "    return this.#hasSecret(headers.cookie ?? '') || true",
    tests: GUARD_TESTS,
  },
  {
    mistake: 'a beginning of the secret is enough',
    file: GUARD,
    find: 'equalInConstantTime(cookie.slice(prefix.length), this.#secret)',
    instead: 'this.#secret.startsWith(cookie.slice(prefix.length, 1))',
    tests: GUARD_TESTS,
  },
  {
    mistake: 'the console is called by any name',
    file: GUARD,
    find: "    const host = headers.host ?? '';\n    if (!this.#hosts.has(host)) {",
    instead: "    const host = headers.host ?? '';\n    if (host === '') {",
    tests: GUARD_TESTS,
  },
  {
    mistake: 'the page comes by any name, with the secret',
    file: GUARD,
    find: "    if (!this.#hosts.has(headers.host ?? '')) {",
    instead: "    if (headers.host === '') {",
    tests: GUARD_TESTS,
  },
  {
    mistake: 'a form may call the console',
    file: GUARD,
    find: "    if (headers['content-type'] !== 'application/json') {",
    instead: "    if (headers['content-type'] === '') {",
    tests: GUARD_TESTS,
  },
  {
    mistake: 'the page may call any operation',
    file: 'console/server/operations.ts',
    find: '  return reading.has(operation) || (!readOnly && changing.has(operation));',
    instead: '  return reading.has(operation) || !readOnly;',
    tests: GUARD_TESTS,
  },
  {
    mistake: 'a console for looking only changes what it is asked to',
    file: 'console/server/operations.ts',
    find: '(!readOnly && changing.has(operation))',
    instead: '(changing.has(operation) && (readOnly || true))',
    tests: GUARD_TESTS,
  },
  {
    mistake: 'a console for looking only takes subscriptions from consumers',
    file: 'console/server/calls.ts',
    find: '      if (readOnly) {\n',
    instead: '      if (name === undefined) {\n',
    tests: GUARD_TESTS,
  },
  {
    mistake: 'a server with access keys offers a console that signs for everybody',
    file: 'local/serve.ts',
    find: "environment.CONSOLE_PORT !== 'off' && isOpen(environment)",
    instead: "environment.CONSOLE_PORT !== 'off'",
    tests: PROCESS_TESTS,
  },
  {
    mistake: 'a server with access keys tells everybody what it has counted',
    file: 'local/server.ts',
    find: 'options.countsTraffic && guard\n',
    instead: 'options.countsTraffic\n',
    tests: ['test/e2e/console-process.test.ts'],
  },
  {
    mistake: 'a page of another origin reads the counters of a server',
    file: 'local/traffic-answer.ts',
    find: 'guard.refuses(request as IncomingMessage) !== undefined',
    instead: 'guard.refuses(request as IncomingMessage) === null',
    tests: PROCESS_TESTS,
  },
  {
    mistake: 'the console forgets the newest records instead of the oldest',
    file: STORE,
    find: '      this.#chunks = this.#chunks.slice(forgotten);',
    instead: '      this.#chunks = this.#chunks.slice(0, this.#chunks.length - forgotten);',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'the console keeps records without an end',
    file: STORE,
    find: '      this.#forgetOldest();\n',
    instead: '',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'a record that comes while others are filtered is not looked at',
    file: MATCHES,
    find: 'this.#looked >= this.#store.end;',
    instead: 'this.#looked > 0;',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'a filter shows records that are forgotten',
    file: MATCHES,
    find: '    this.#forgetGone();\n    return',
    instead: '    return',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'shards that wait for their turn are read after the reader has left',
    file: 'client/reading/polling.ts',
    find: 'signal.aborted ? undefined : await place.readOn()',
    instead: 'await place.readOn()',
    tests: ['test/cli/paged-reading.test.ts'],
    named: 'nobody waits',
  },
  {
    mistake: 'a reader that leaves is told that its call was aborted',
    file: 'client/reading/stream-reader.ts',
    find: '    if (!this.#options.signal.aborted) {',
    instead: '    if (this.#failure === undefined) {',
    tests: ['test/cli/paged-reading.test.ts'],
    named: 'never answers ListShards',
  },
  {
    mistake: 'a refused record is asked for without a pause while others are stored',
    file: WRITER,
    find: '      tries = failed.records < batch.length ? 0 : tries + 1;\n',
    instead:
      '      if (failed.records < batch.length) {\n        tries = 0;\n        continue;\n      }\n      tries += 1;\n',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'one refused call ends all that is put from the page',
    file: PUT,
    find: '    if (!isPassing(error.code)) {',
    instead: "    if (error.code !== '') {",
    tests: RECORD_TESTS,
  },
  {
    mistake: 'copies of one partition key go one by one',
    file: WRITER,
    find: 'this.#options.keepsOrder === false ? record : record.partitionKey',
    instead: 'record.partitionKey',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'what is refused for good is put again and again',
    file: WRITER,
    find: 'if (failed !== undefined && !isPassing(failed.code)) {',
    instead: "if (failed?.code === '') {",
    tests: RECORD_TESTS,
  },
  {
    mistake: 'the records before a wrong line of a file are dropped by the console',
    file: PUT,
    find: '    failure = { error };',
    instead: '    throw error;',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'a record that is nested too deep ends the filter',
    file: FILTER,
    find: '    } catch {\n      return false;\n    }\n  };',
    instead: '    } catch (error) {\n      throw error;\n    }\n  };',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'every shard puts a line into the memory of a page that does not read',
    file: 'console/server/answers.ts',
    find: 'this.#written.then(() => this.#write(line))',
    instead: 'this.#write(line)',
    tests: ['test/unit/console-line-stream.test.ts'],
  },
  {
    mistake: 'a shard gives its turn away before its page is taken',
    file: 'client/reading/polling.ts',
    find: '      yield page.records;',
    instead: '      endTurn();\n      yield page.records;',
    tests: ['test/cli/paged-reading.test.ts'],
  },
  {
    mistake: 'a tail goes on for ever when its page has left before it began',
    file: 'console/server/console-server.ts',
    find: '    const gone = goneWith(response);\n    const body = await readBody(request);\n    const calls = await this.#options.openCalls(regionOf(request));\n',
    instead:
      '    const body = await readBody(request);\n    const calls = await this.#options.openCalls(regionOf(request));\n    const gone = goneWith(response);\n',
    tests: GUARD_TESTS,
  },
  {
    mistake: 'a page that starts anew is refused because of its own last tail',
    file: 'console/server/console-server.ts',
    find: 'const ENDING_MS = 1_000;',
    instead: 'const ENDING_MS = -1;',
    tests: GUARD_TESTS,
  },
  {
    mistake: 'tails take all connections of a browser',
    file: 'console/server/console-server.ts',
    find: 'const MAX_LINE_STREAMS = 4;',
    instead: 'const MAX_LINE_STREAMS = 6;',
    tests: GUARD_TESTS,
  },
  {
    mistake: 'a choice that comes while a filter is typed is undone by it',
    file: 'console/page/screens/records.tsx',
    find: '      route(changedAddress(address, changes), true);',
    instead:
      "      route(address + '?' + new URLSearchParams(Object.entries({ start, follow, field, find, ...changes })), true);",
    tests: PAGE_TESTS,
    named: 'while it is still typed',
  },
  {
    mistake: 'the answer for an earlier address opens its record',
    file: 'console/page/screens/records.tsx',
    find: '    const { signal } = ending;\n    fetchRecord(',
    instead: '    const { signal } = new AbortController();\n    fetchRecord(',
    tests: PAGE_TESTS,
    named: 'an answer for an earlier one',
  },
  {
    mistake: 'the selection stays in its row while records come',
    file: MATCHES,
    find: '      return { index, row: isShown ? row : undefined };',
    instead: '      return { index: this.fromNewest(row) ?? index, row };',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'a download is of what a filter has looked at so far',
    file: 'console/page/records/record-reading.ts',
    find: '        while (!this.#matches.isComplete) {\n          this.#matches.lookOn();\n        }\n',
    instead: '',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'a tree of any depth is sent to the page',
    file: OPENED,
    find: 'isDeeper(value, MAX_DEPTH) ? {} :',
    instead: 'isDeeper(value, MAX_DEPTH * 1e6) ? {} :',
    tests: RECORD_TESTS,
  },
  {
    mistake: 'a cut may leave a half without a hash key',
    file: 'console/page/model/hash-key.ts',
    find: '  return cut <= start ? start + 1n : cut > end ? end : cut;',
    instead: '  return cut;',
    tests: SHARD_TESTS,
  },
  {
    mistake: 'a paused page goes on reading',
    file: 'console/page/records/record-reading.ts',
    find: "while (line.type === 'records' && this.#paused !== undefined) {",
    instead: "while (line.type === 'records' && this.#paused === null) {",
    tests: PAGE_TESTS,
    named: 'wait while it is paused',
  },
  {
    mistake: 'what is in a record is markup',
    file: 'console/page/screens/record-table.tsx',
    find: '      {view.preview}\n',
    instead: '      <b dangerouslySetInnerHTML={{ __html: view.preview }} />\n',
    tests: PAGE_TESTS,
    named: 'are text, whatever they hold',
  },
  {
    mistake: 'the page makes markup of text, and its policy lets it',
    file: 'console/server/answers.ts',
    find: '  "require-trusted-types-for \'script\'",\n',
    instead: '',
    tests: GUARD_TESTS,
  },
  {
    mistake: 'a record has another address than its own',
    file: 'console/page/screens/records.tsx',
    find: 'sequenceNumber}`;',
    instead: 'sequenceNumber.slice(1)}`;',
    tests: PAGE_TESTS,
    named: 'have addresses',
  },
  {
    mistake: 'the counters of a server grow with each name that a client invents',
    file: TRAFFIC,
    find: '  if (map.size > limit) {',
    instead: '  if (map.size > limit * 1e6) {',
    tests: TRAFFIC_TESTS,
  },
  {
    mistake: 'each screen of each tab pays for a look at CloudWatch of its own',
    file: 'console/server/traffic.ts',
    find: 'nowMs - last.atMs < LOOK_EVERY_MS',
    instead: 'nowMs - last.atMs < 0',
    tests: TRAFFIC_TESTS,
  },
  {
    mistake: 'a subscription is not counted',
    file: TRAFFIC,
    find: '    this.#add(streamName, add);\n    const counters',
    instead: '    const counters',
    tests: TRAFFIC_TESTS,
  },
];
