import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { RerunReporter } from './rerun-reporter.ts';

/** The kinds of tests, those with the longest files first. */
const KINDS = ['model', 'e2e', 'infra', 'log', 'engine', 'contract', 'operations', 'unit'];

/** Files of these kinds change nothing outside of themselves: one process serves many, and loads what they import once. */
const SHARING = ['contract', 'operations', 'unit'];

/** Tests wait for what has to happen, however long a busy machine takes for it: this ends what hangs. */
const HANGING_MS = 600_000;

/** One project for each kind of test, so that each runs alone: `npx vitest run --config test/vitest.config.ts --project unit`. */
const project = (name: string) => ({
  test: {
    name,
    include: [`${name}/**/*.test.ts`],
    root: import.meta.dirname,
    isolate: !SHARING.includes(name),
    // Powertools then writes by the console, which Vitest keeps to itself while tests pass.
    ...(name === 'infra' && { env: { POWERTOOLS_DEV: 'true' } }),
    testTimeout: HANGING_MS,
    hookTimeout: HANGING_MS,
  },
});

/** Begins with the kinds that take long, so that no worker is left alone with one of them in the end. */
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
    // Most tests wait for a process or for a second to pass: more of them than there are cores keep a machine at work.
    maxWorkers: availableParallelism() + 2,
  },
});
