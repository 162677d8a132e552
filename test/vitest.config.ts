import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { RerunReporter } from './rerun-reporter.ts';

/** The kinds of tests, those with the longest files first. */
const KINDS = ['console', 'model', 'e2e', 'cli', 'infra', 'log', 'engine', 'contract', 'operations', 'unit'];

/**
 * Files of these kinds change nothing outside themselves. So one process runs many files, and loads their imports
 * once.
 */
const SHARING = ['contract', 'operations', 'unit'];

/**
 * The timeout that ends tests which hang. Other tests wait without a limit of their own, because a machine may be
 * busy.
 */
const HANGING_MS = 600_000;

/**
 * One project for each kind of test, so that each can run alone: `npx vitest run --config test/vitest.config.ts
 * --project unit`.
 */
const project = (name: string) => ({
  test: {
    name,
    include: [`${name}/**/*.test.ts`],
    root: import.meta.dirname,
    isolate: !SHARING.includes(name),
    // Powertools then writes by the console, which Vitest keeps to itself while tests pass.
    // One browser, unpacked once.
    ...(name === 'console' && { globalSetup: 'support/browser-setup.ts' }),
    ...(name === 'infra' && { env: { POWERTOOLS_DEV: 'true' } }),
    testTimeout: HANGING_MS,
    hookTimeout: HANGING_MS,
  },
});

/** Starts the slow kinds first. So, in the end, no single worker is left alone with a slow file. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project: { name } }: TestSpecification) => KINDS.indexOf(name);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    projects: KINDS.map(project),
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new RerunReporter()],
    // What passing tests print would hide what failing ones do.
    silent: 'passed-only',
    // Most tests wait for a process, or for a second to pass. More workers than cores keep the machine busy.
    maxWorkers: availableParallelism() + 2,
  },
});
