import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { added, type RoundReport, tortureRound } from './round.ts';

/** The longest that one seed is tortured for; the rest of the time goes to the next seeds. */
const ROUND_SECONDS = 75;

/** Less time than this is not worth another round. */
const SHORTEST_ROUND_MS = 45_000;

/** What a round takes beside its torture, to settle and to check. */
const ROUND_EXTRA_SECONDS = 25;

/** `npm run torture -- --minutes N --seed S`. Ends with 1 when a promise was broken. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '2' }, seed: { type: 'string', default: '1' } },
  });
  const endMs = Date.now() + Number(values.minutes) * 60_000;
  const reports: RoundReport[] = [];
  for (let seed = Number(values.seed); reports.length === 0 || Date.now() + SHORTEST_ROUND_MS < endMs; seed++) {
    const leftSeconds = Math.floor((endMs - Date.now()) / 1_000) - ROUND_EXTRA_SECONDS;
    const report = await tortureRound(seed, Math.max(10, Math.min(ROUND_SECONDS, leftSeconds)));
    reports.push(report);
    tell(report);
    if (report.verdict.violations.length > 0) {
      process.exitCode = 1;
      return;
    }
    await rm(report.folder, { recursive: true, force: true });
  }
  summarize(reports);
}

function tell({ seed, seconds, verdict, longestTransitionMs, folder, ...counts }: RoundReport): void {
  const { violations, ...figures } = verdict;
  console.log(`seed ${seed}, ${seconds} s: ${violations.length} violations`);
  console.log(`  history: ${listed(Object.entries(figures))}`);
  console.log(`  DynamoDB calls: ${counts.dynamoDbCalls}, of which wrong: ${listed(counts.faults)}`);
  console.log(`  killed: ${listed(counts.kills)}`);
  console.log(`  changed: ${listed(counts.changes)}; longest transition ${longestTransitionMs} ms`);
  for (const { promise, events } of violations.slice(0, 5)) {
    console.error(`broken with seed ${seed}: ${promise}`);
    for (const event of events) {
      console.error(`  ${JSON.stringify(event)}`);
    }
  }
  if (violations.length > 0) {
    console.error(`histories, logs and data: ${folder}`);
  }
}

function summarize(reports: readonly RoundReport[]): void {
  const sum = (figure: (report: RoundReport) => number) => reports.reduce((total, report) => total + figure(report), 0);
  console.log(`${reports.length} seeds, ${sum(({ seconds }) => seconds)} s of torture, no promise broken`);
  console.log(`  acknowledged: ${sum(({ verdict }) => verdict.acknowledged)}`);
  console.log(`  records checked: ${sum(({ verdict }) => verdict.recordsRead)}`);
  console.log(`  DynamoDB calls: ${sum(({ dynamoDbCalls }) => dynamoDbCalls)}`);
  console.log(`  faults: ${listed(added(reports.map(({ faults }) => faults)))}`);
  console.log(`  kills: ${listed(added(reports.map(({ kills }) => kills)))}`);
  console.log(`  changes: ${listed(added(reports.map(({ changes }) => changes)))}`);
}

const listed = (entries: Iterable<readonly [string, number]>): string =>
  [...entries].map(([name, count]) => `${name} ${count}`).join(', ');

await main();
