import { type Command, Option } from 'commander';
import { endpointOptions, withEndpoint } from './endpoint-options.ts';

const SINCE = 'TRIM_HORIZON, LATEST, a time such as 2026-11-25T10:00Z, or how long ago, such as 10m';

/** Adds the commands that read and write records. */
export function addDataCommands(program: Command): void {
  addReading(program);
  addWriting(program);
  addCopying(program);
  addLoad(program);
}

function addReading(program: Command): void {
  withEndpoint(program.command('tail <stream>').description('print the records of a stream as they arrive'))
    .option('--since <start>', `where to start: ${SINCE}`, 'LATEST')
    .option('--shard <id...>', 'only these shards, by id or number')
    .option('--key <partition key...>', 'only records with these partition keys')
    .option('--grep <pattern>', 'only records whose decoded data matches a regular expression')
    .option(
      '--fan-out',
      'read by subscriptions of a consumer that is registered for this command, and deregistered at its end',
    )
    .addOption(
      new Option('--follow [yes or no]', 'go on for what arrives later').choices(['true', 'false']).default('true'),
    )
    .option('--json', 'print JSON, a line for each record')
    .action(async (stream, options) => (await import('./commands/tail.ts')).tail(stream, options));
  withEndpoint(
    program.command('export <stream>').description('write the records of a stream to a file, one line of JSON each'),
  )
    .option('--file <path>', 'the file; *.gz and *.zst are compressed (default: standard output)')
    .option('--since <start>', `where to start: ${SINCE}`, 'TRIM_HORIZON')
    .option('--force', 'overwrite the file')
    .action(async (stream, options) => (await import('./commands/export.ts')).exportStream(stream, options));
}

function addWriting(program: Command): void {
  withEndpoint(
    program
      .command('put <stream> [data...]')
      .description('put records: the arguments, or the lines of standard input or of a file, a record each'),
  )
    .option('--key <partition key>', 'the partition key of every record (default: a random one for each)')
    .option('--file <path>', 'read lines from a file; *.gz and *.zst are opened')
    .option('--key-path <path>', 'take the partition key from a member of each line, which is JSON: such as user.id')
    .option('--batch <records>', 'records of one call', '500')
    .option('--json', 'print the result as JSON')
    .action(async (stream, data, options) => (await import('./commands/put.ts')).put(stream, data, options));
  withEndpoint(
    program
      .command('import <stream>')
      .description('put the records of a file that `rivulet export` wrote. Arrival times are new'),
  )
    .option('--file <path>', 'the file; *.gz and *.zst are opened (default: standard input)')
    .option('--skip <lines>', 'lines to skip: those of an import that was interrupted', '0')
    .action(async (stream, options) => (await import('./commands/import.ts')).importStream(stream, options));
}

function addCopying(program: Command): void {
  const copy = program
    .command('copy <from> <to>')
    .description('copy the records of a stream to another one, at the same or another endpoint');
  for (const prefix of ['from-', 'to-']) {
    for (const option of endpointOptions(prefix)) {
      copy.addOption(option);
    }
  }
  copy
    .option('--since <start>', `where to start: ${SINCE}`, 'TRIM_HORIZON')
    .option('--follow', 'go on for what arrives later')
    .option('--checkpoint <file>', 'remember in this file how far it came, and go on from there')
    .action(async (from, to, options) => (await import('./commands/copy.ts')).copy(from, to, options));
}

function addLoad(program: Command): void {
  withEndpoint(
    program
      .command('load <stream>')
      .description('put and read at a known rate, and measure latency, throttling and loss'),
  )
    .option('--rate <records>', 'records a second', '1000')
    .option('--record-bytes <bytes>', 'size of the data of a record', '200')
    .option('--batch <records>', 'records of one call; 1: PutRecord', '100')
    .option('--duration <time>', 'how long, such as 60s', '30s')
    .option('--consumers <number>', 'readers of the whole stream', '1')
    .option('--keys <number>', 'different partition keys', '10000')
    .option('--svg <file>', 'draw latency and throughput over time')
    .option('--json', 'print the result as JSON')
    .action(async (stream, options) => (await import('./commands/load.ts')).load(stream, options));
}
