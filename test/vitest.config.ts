import { defineConfig } from 'vitest/config';

/** One project for each kind of test, so that each runs alone: `npx vitest run --config test/vitest.config.ts --project unit`. */
const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`${name}/**/*.test.ts`], root: import.meta.dirname, testTimeout, hookTimeout: 60_000 },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 10_000),
      project('contract', 60_000),
      project('log', 120_000),
      project('model', 300_000),
      project('operations', 60_000),
      project('infra', 120_000),
      project('e2e', 180_000),
    ],
  },
});
