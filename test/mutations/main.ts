import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CONSOLE } from './console.ts';
import { ENGINE_AND_PROCESS } from './engine.ts';
import { LIFECYCLE } from './lifecycle.ts';
import type { Mutation } from './mutation.ts';
import { OWNING } from './owning.ts';
import { READING } from './reading.ts';
import { TOOLS } from './tools.ts';
import { WRITING } from './writing.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** How many mutations are tried at once, each in its own copy of the code. */
const COPIES = 2;

/** The timeout of a run of tests. A run that hangs because of a mistake has caught it. */
const TIMEOUT_MS = 180_000;

/** The result of a mutation. */
type Fate = 'caught' | 'survived' | 'not found' | 'no test';

/**
 * `npm run mutations`: puts each mistake of the list into a copy of the code, and runs the tests that should catch it.
 * Exits with 1 when a mistake survives, when its place in the code is not found, or when no test of its name ran. It
 * also exits with 1 when there is no mutation, or when a test fails without any mistake.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  const mutations = [
    ...WRITING,
    ...READING,
    ...LIFECYCLE,
    ...ENGINE_AND_PROCESS,
    ...TOOLS,
    ...OWNING,
    ...CONSOLE,
  ].filter(({ mistake }) => mistake.includes(values.only));
  const fates = new Map<Mutation, Fate>();
  const waiting = [...mutations];
  const start = performance.now();
  if (!(await passWithoutMistakes(mutations))) {
    console.error('tests fail without any mistake: what they would catch says nothing');
    process.exitCode = 1;
    return;
  }
  await Promise.all(
    Array.from({ length: COPIES }, async () => {
      const copy = copyOfCode();
      for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
        const fate = await tryOut(mutation, copy);
        fates.set(mutation, fate);
        console.log(`${fate}: ${mutation.mistake}`);
      }
      rmSync(copy, { recursive: true, force: true });
    }),
  );
  const missed = mutations.filter((mutation) => fates.get(mutation) !== 'caught');
  const seconds = Math.round((performance.now() - start) / 1_000);
  console.log(`${mutations.length} mutations in ${seconds} s, ${mutations.length - missed.length} caught`);
  for (const mutation of missed) {
    console.error(`${fates.get(mutation)}: ${mutation.mistake} (${mutation.file})`);
  }
  process.exitCode = missed.length > 0 || mutations.length === 0 ? 1 : 0;
}

/** Whether all tests of the mutations pass on the unchanged code. */
async function passWithoutMistakes(mutations: readonly Mutation[]): Promise<boolean> {
  const copy = copyOfCode();
  const tests = [...new Set(mutations.flatMap((mutation) => mutation.tests))];
  const fate = await fateBy(tests, '', copy);
  rmSync(copy, { recursive: true, force: true });
  return fate === 'survived';
}

/** Copies the files that git knows or would add, and links the packages. @returns the folder of the copy */
function copyOfCode(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'rivulet-mutations-'));
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const file of files.toString().split('\n').filter(Boolean)) {
    mkdirSync(path.join(copy, path.dirname(file)), { recursive: true });
    cpSync(path.join(ROOT, file), path.join(copy, file));
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

async function tryOut({ file, find, instead, tests, named = '' }: Mutation, copy: string): Promise<Fate> {
  const target = path.join(copy, file);
  const code = readFileSync(target, 'utf8');
  if (code.split(find).length !== 2) {
    return 'not found';
  }
  writeFileSync(
    target,
    code.replace(find, () => instead),
  );
  try {
    return await fateBy(tests, named, copy);
  } finally {
    writeFileSync(target, code);
  }
}

/** Runs tests. Contract tests run on the embedded engine only: a mistake breaks them on all engines. */
function fateBy(tests: readonly string[], named: string, copy: string): Promise<Fate> {
  const report = path.join(copy, 'report.json');
  rmSync(report, { force: true });
  const pattern = tests.some((test) => test.includes('/contract/')) ? `embedded.*${named}` : named;
  const child = spawn(
    process.execPath,
    [
      path.join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--config', 'test/vitest.config.ts', '--reporter', 'json', '--outputFile', report, '--bail', '1'],
      ...tests.map((test) => path.relative('test', test)),
      ...(pattern ? ['-t', pattern] : []),
    ],
    { cwd: copy, stdio: 'ignore', timeout: TIMEOUT_MS, killSignal: 'SIGKILL' },
  );
  return new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal ? 'caught' : fateOf(report))));
}

/** A run that ended before any test did catches nothing. For example, its mistake cannot be compiled. */
function fateOf(report: string): Fate {
  let result: { readonly numPassedTests: number; readonly numFailedTests: number };
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return 'no test';
  }
  if (result.numFailedTests > 0) {
    return 'caught';
  }
  return result.numPassedTests > 0 ? 'survived' : 'no test';
}

await main();
