import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildBundles } from '../scripts/build.ts';
import { RawClient } from './raw-client.ts';
import { scenarios as allScenarios, type Measurement, type Scenario } from './scenarios.ts';
import { bareServer, bundledRivulet, kinesalite, npmStart, peer, rivulet, type Server, start } from './servers.ts';

/**
 * `npm run bench -- --rounds 3 --seconds 2`: compares Rivulet, in memory and with its data on disk, with kinesalite.
 * They run in turn on this machine. A bare Node server shows the upper limit. Prints medians over the rounds as
 * tables in Markdown. `--only poll` selects scenarios by name. `--peer ferrokinesis=http://localhost:4570` adds a
 * server that already runs.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    peer: { type: 'string', multiple: true, default: [] },
  },
});
const rounds = Number(values.rounds);
const forMs = Number(values.seconds) * 1_000;
const scenarios = allScenarios.filter(({ name }) => name.includes(values.only));
const SHARDS = 4;
const CONNECTIONS = 64;
const STARTS = 5;

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Runs a scenario on a new stream, and deletes the stream afterwards. */
async function measure(scenario: Scenario, { endpoint }: Server, round: number): Promise<Measurement> {
  const client = new RawClient(endpoint, CONNECTIONS);
  const StreamName = `bench-${scenarios.indexOf(scenario)}-${round}`;
  await client.json('CreateStream', { StreamName, ShardCount: SHARDS });
  const status = async () =>
    (await client.json('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary.StreamStatus;
  while ((await status()) !== 'ACTIVE') {
    await sleep(20);
  }
  const measured = await scenario.run(client, StreamName, forMs);
  await client.json('DeleteStream', { StreamName });
  client.close();
  return measured;
}

/**
 * Runs every scenario on every server, in turn.
 * @returns the measurements of all rounds, by scenario and then by server
 */
async function compare(servers: readonly Server[]): Promise<Measurement[][][]> {
  const results: Measurement[][][] = scenarios.map(() => servers.map(() => []));
  for (let round = 0; round < rounds; round++) {
    for (const [s, scenario] of scenarios.entries()) {
      for (const [i, server] of servers.entries()) {
        if (server.keepsRecords || !scenario.readsRecords) {
          const measured = await measure(scenario, server, round);
          results[s]?.[i]?.push(measured);
          console.error(
            `round ${round + 1}/${rounds}  ${scenario.name}  ${server.name}: ${Math.round(measured.perSecond)}/s`,
          );
        }
      }
    }
  }
  return results;
}

/** Starts each server several times, in turn. @returns the median time from the start to the first response, ms */
async function starts(commands: readonly Parameters<typeof start>[0][]): Promise<number[]> {
  const times: number[][] = commands.map(() => []);
  for (let round = 0; round < STARTS; round++) {
    for (const [i, command] of commands.entries()) {
      const server = await start(command);
      times[i]?.push(server.startMs);
      await server.stop();
    }
  }
  return times.map(median);
}

/** Prints a table in Markdown. Missing figures are a dash. */
function print(head: readonly string[], rows: readonly (readonly (string | number)[])[], digits = 0): void {
  const format = new Intl.NumberFormat('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const cell = (value: string | number) =>
    typeof value === 'string' ? value : Number.isNaN(value) ? '–' : format.format(value);
  console.log(`\n| ${head.join(' | ')} |\n|${'---|'.repeat(head.length)}`);
  for (const row of rows) {
    console.log(`| ${row.map(cell).join(' | ')} |`);
  }
}

function printRates(servers: readonly Server[], results: readonly Measurement[][][]): void {
  const names = servers.map(({ name }) => name);
  const of = (measured: readonly Measurement[] | undefined, figure: keyof Measurement) =>
    median((measured ?? []).map((one) => one[figure]));
  const byScenario = (figures: (byServer: Measurement[][], unit: string) => (string | number)[]) =>
    scenarios.map(({ name, unit }, s) => [name, ...figures(results[s] ?? [], unit)]);
  const peerIndex = servers.findIndex(({ name }) => name === 'kinesalite');
  console.log('\nRates, as multiples of kinesalite’s:');
  const ratios = (byServer: Measurement[][]) =>
    byServer.map((measured) => of(measured, 'perSecond') / of(byServer[peerIndex], 'perSecond'));
  print(['', ...names], byScenario(ratios), 1);
  console.log('\nRates, a second:');
  print(
    ['', '', ...names],
    byScenario((byServer, unit) => [unit, ...byServer.map((measured) => of(measured, 'perSecond'))]),
  );
  console.log('\nTime of one request, median / 99th percentile, ms:');
  const times = (measured: Measurement[]) =>
    measured.length === 0 ? '–' : `${of(measured, 'medianMs').toFixed(2)} / ${of(measured, 'p99Ms').toFixed(1)}`;
  print(
    ['', ...names],
    byScenario((byServer) => byServer.map(times)),
  );
}

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-bench-'));
  const servers: Server[] = [];
  try {
    const started = [rivulet(), kinesalite, rivulet({ DATA_DIR: path.join(folder, 'data') }, 'Rivulet, DATA_DIR')];
    const bundles = path.join(folder, 'dist');
    await buildBundles(bundles);
    const startMs = await starts([rivulet(), bundledRivulet(path.join(bundles, 'rivulet.js')), npmStart, kinesalite]);
    for (const command of [...started, bareServer]) {
      servers.push(await start(command));
    }
    for (const text of values.peer) {
      const [name = '', endpoint = ''] = text.split(/=(.*)/);
      servers.push(peer(name, endpoint));
    }
    await sleep(1_000);
    const atRest = servers.map((server) => server.memoryMiB());
    const results = await compare(servers);
    console.log(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, ${rounds} rounds of ${forMs} ms`);
    printRates(servers, results);
    console.log(`\nStart to first answer, median of ${STARTS}:`);
    print(['', 'Rivulet', 'Rivulet, bundled', '`npm start`', 'kinesalite'], [['ms', ...startMs]]);
    console.log('\nMemory, MiB:');
    const after = servers.map((server) => server.memoryMiB());
    print(
      ['', ...servers.map(({ name }) => name)],
      [
        ['at rest', ...atRest],
        ['after the run', ...after],
      ],
    );
  } finally {
    for (const server of servers) {
      await server.stop();
    }
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
