import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type RoundReport, summarize, tell } from './report.ts';
import { tortureRound } from './round.ts';

/**
 * The longest time that one seed is tortured for, unless the command says otherwise. The next seeds get the rest of
 * the time.
 */
const ROUND_SECONDS = '75';

/** Less time than this is not worth another round. */
const SHORTEST_ROUND_MS = 45_000;

/** What a round takes besides its torture, to settle and to check. */
const ROUND_EXTRA_SECONDS = 25;

/**
 * `npm run torture -- --minutes N --seed S --seconds R --engine separate|embedded`: tortures several API processes and
 * an engine in a process of its own, or one API process with the embedded engine. Exits with 1 when a promise is
 * broken.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string', default: ROUND_SECONDS },
      engine: { type: 'string', default: 'separate' },
    },
  });
  const { engine } = values;
  if (engine !== 'separate' && engine !== 'embedded') {
    throw new Error(`--engine takes separate or embedded, not ${engine}`);
  }
  const endMs = Date.now() + Number(values.minutes) * 60_000;
  const reports: RoundReport[] = [];
  for (let seed = Number(values.seed); reports.length === 0 || Date.now() + SHORTEST_ROUND_MS < endMs; seed++) {
    const leftSeconds = Math.floor((endMs - Date.now()) / 1_000) - ROUND_EXTRA_SECONDS;
    const report = await tortureRound(seed, Math.max(10, Math.min(Number(values.seconds), leftSeconds)), engine);
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

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => process.exit(1));
}
await main();
