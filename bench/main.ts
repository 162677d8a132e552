import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RawClient } from './raw-client.ts';
import { scenarios as allScenarios, type Measurement, type Scenario } from './scenarios.ts';
import { type Server, startKinesalite, startRivulet } from './servers.ts';

/**
 * `npm run bench -- --rounds 3 --seconds 2`: Rivulet and kinesalite side by side, in turn, on this machine; and Rivulet with
 * its data on disk. Prints medians over the rounds as a table in Markdown. `--only poll` takes the scenarios of that name.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
});
const rounds = Number(values.rounds);
const forMs = Number(values.seconds) * 1_000;
const scenarios = allScenarios.filter(({ name }) => name.includes(values.only));
const SHARDS = 4;
const CONNECTIONS = 64;

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Runs a scenario on a stream of its own, which is taken away afterwards. */
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

/** Every scenario on every server, in turn. @returns by scenario, then by server, the rounds */
async function compare(servers: readonly Server[]): Promise<Measurement[][][]> {
  const results: Measurement[][][] = scenarios.map(() => servers.map(() => []));
  for (let round = 0; round < rounds; round++) {
    for (const [s, scenario] of scenarios.entries()) {
      for (const [i, server] of servers.entries()) {
        const measured = await measure(scenario, server, round);
        results[s]?.[i]?.push(measured);
        console.error(
          `round ${round + 1}/${rounds}  ${scenario.name}  ${server.name}: ${Math.round(measured.perSecond)}/s`,
        );
      }
    }
  }
  return results;
}

function row(scenario: Scenario, byServer: readonly Measurement[][]): string {
  const rate = (rounds_: readonly Measurement[]) => median(rounds_.map(({ perSecond }) => perSecond));
  const [first = Number.NaN, second = Number.NaN] = byServer.map(rate);
  const cells = byServer.flatMap((measured) => [
    Math.round(rate(measured)).toLocaleString('en'),
    `${median(measured.map(({ medianMs }) => medianMs)).toFixed(1)} / ${median(measured.map(({ p99Ms }) => p99Ms)).toFixed(1)}`,
  ]);
  return `| ${scenario.name} | ${scenario.unit}/s | ${cells.join(' | ')} | ${(first / second).toFixed(1)} |`;
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'rivulet-bench-'));
  const servers = [
    await startRivulet(),
    await startKinesalite(),
    await startRivulet({ DATA_DIR: dataDir }, 'Rivulet, DATA_DIR'),
  ];
  try {
    await sleep(1_000);
    const atRest = servers.map((server) => server.memoryMiB());
    const results = await compare(servers);
    const names = servers.map(({ name }) => name);
    console.log(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, ${rounds} rounds of ${forMs} ms\n`);
    console.log(`| | | ${names.map((name) => `${name} | ms, median / p99`).join(' | ')} | Rivulet : kinesalite |`);
    console.log(`|---|---|${'---|---|'.repeat(servers.length)}---|`);
    for (const [s, scenario] of scenarios.entries()) {
      console.log(row(scenario, results[s] ?? []));
    }
    console.log(`\n| | ${names.join(' | ')} |\n|---|${'---|'.repeat(servers.length)}`);
    const figures = (name: string, of: (server: Server, i: number) => number) =>
      console.log(`| ${name} | ${servers.map((server, i) => Math.round(of(server, i))).join(' | ')} |`);
    figures('start to first answer, ms', ({ startMs }) => startMs);
    figures('memory at rest, MiB, with the engine', (_, i) => atRest[i] ?? Number.NaN);
    figures('memory after the run, MiB', (server) => server.memoryMiB());
  } finally {
    for (const server of servers) {
      await server.stop();
    }
    await rm(dataDir, { recursive: true, force: true });
  }
}

await main();
