import type { Command } from 'commander';
import { withEndpoint } from './endpoint-options.ts';

/** Adds `streams` and the commands below it. */
export function addStreamCommands(program: Command): void {
  const streams = program
    .command('streams')
    .description('list streams with their status, open shards and rates; create, delete and reshard them');
  withEndpoint(streams.command('list', { isDefault: true }).description('list streams'))
    .option('--json', 'print JSON, a line for each stream')
    .option('--no-rates', 'do not measure rates, for which the last ten seconds of a few shards are read')
    .action(async (options) => (await import('./commands/streams.ts')).list(options));
  withEndpoint(streams.command('describe <stream>').description('show a stream and its shards'))
    .option('--json', 'print JSON')
    .action(async (stream, options) => (await import('./commands/streams.ts')).describe(stream, options));
  withEndpoint(streams.command('create <stream>').description('create a stream, and wait until it is ACTIVE'))
    .option('--shards <number>', 'open shards; without it, the stream is on-demand')
    .option('--retention-hours <hours>', 'how long records are kept (default: 24)')
    .action(async (stream, options) => (await import('./commands/streams.ts')).create(stream, options));
  withEndpoint(streams.command('delete <stream>').description('delete a stream and its records'))
    .option('--yes', 'do not ask for the name of the stream')
    .action(async (stream, options) => (await import('./commands/streams.ts')).remove(stream, options));
  withEndpoint(streams.command('split <stream> <shard>').description('split a shard in two, and wait'))
    .option('--at <hash key>', 'the first hash key of the second child (default: the middle)')
    .action(async (stream, shard, options) => (await import('./commands/reshard.ts')).split(stream, shard, options));
  withEndpoint(
    streams.command('merge <stream> <shard> <adjacent>').description('merge two neighbours, and wait'),
  ).action(async (stream, shard, adjacent, options) =>
    (await import('./commands/reshard.ts')).merge(stream, [shard, adjacent], options),
  );
  withEndpoint(
    streams.command('scale <stream> <shards>').description('change the number of open shards, and wait'),
  ).action(async (stream, shards, options) => (await import('./commands/reshard.ts')).scale(stream, shards, options));
}
