import type { Verdict } from './checker.ts';
import { type RoundTerms, termsInWords } from './round-terms.ts';

/** Counts of things by their names. */
export type Counts = ReadonlyMap<string, number>;

/** What one round did and found. */
export interface RoundReport {
  readonly seed: number;
  readonly seconds: number;
  readonly terms: RoundTerms;
  readonly verdict: Verdict;
  readonly dynamoDbCalls: number;
  readonly longestTransitionMs: number;
  /** What went wrong, and what was done, by subject. */
  readonly counts: Readonly<Record<string, Counts>>;
  /** Where histories, logs and data are stored. */
  readonly folder: string;
}

/** Prints what a round did and found. */
export function tell({
  seed,
  seconds,
  terms,
  verdict,
  counts,
  longestTransitionMs,
  folder,
  dynamoDbCalls,
}: RoundReport): void {
  const { violations, ...figures } = verdict;
  console.log(`seed ${seed} (${termsInWords(terms)}), ${seconds} s: ${violations.length} violations`);
  console.log(`  history: ${listed(Object.entries(figures))}`);
  console.log(`  DynamoDB calls: ${dynamoDbCalls}; longest transition ${longestTransitionMs} ms`);
  tellCounts(counts);
  for (const { promise, events } of violations.slice(0, 5)) {
    console.error(`broken with seed ${seed}: ${promise}`);
    for (const event of events) {
      console.error(`  ${JSON.stringify(event)}`);
    }
  }
  if (violations.length > 0) {
    const promises = [...Map.groupBy(violations, ({ promise }) => promise)];
    console.error(`broken: ${listed(promises.map(([promise, broken]) => [promise, broken.length]))}`);
    console.error(`histories, logs and data: ${folder}`);
  }
}

/** Prints what all rounds together did. */
export function summarize(reports: readonly RoundReport[]): void {
  const sum = (figure: (report: RoundReport) => number) => reports.reduce((total, report) => total + figure(report), 0);
  console.log(`${reports.length} seeds, ${sum(({ seconds }) => seconds)} s of torture, no promise broken`);
  console.log(`  acknowledged: ${sum(({ verdict }) => verdict.acknowledged)}`);
  console.log(`  records checked: ${sum(({ verdict }) => verdict.recordsRead)}`);
  console.log(`  DynamoDB calls: ${sum(({ dynamoDbCalls }) => dynamoDbCalls)}`);
  const subjects = Object.keys(reports[0]?.counts ?? {});
  tellCounts(
    Object.fromEntries(
      subjects.map((subject) => [subject, added(reports.map(({ counts }) => counts[subject] ?? new Map()))]),
    ),
  );
}

function tellCounts(counts: RoundReport['counts']): void {
  for (const [subject, some] of Object.entries(counts)) {
    console.log(`  ${subject}: ${listed(some) || 'none'}`);
  }
}

const listed = (entries: Iterable<readonly [string, number]>): string =>
  [...entries].map(([name, count]) => `${name} ${count}`).join(', ');

/** Counts of the same names added up. */
export function added(counts: readonly Counts[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts.flatMap((some) => [...some])) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
}
