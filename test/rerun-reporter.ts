import path from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

const ROOT = path.join(import.meta.dirname, '..');

/** Prints, after a run with failures, the command that runs each failed file alone. */
export class RerunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const failed = modules.filter((module) => module.state() === 'failed');
    if (failed.length === 0) {
      return;
    }
    console.error('To run what failed alone (-t "words" picks the tests whose names have these words):');
    for (const module of failed) {
      const file = path.relative(ROOT, module.moduleId).replaceAll(path.sep, '/');
      const [test] = module.children.allTests('failed');
      console.error(`  npm run test:only -- ${file}${test ? ` -t "${test.name.replace(/[^\w ]/g, '.')}"` : ''}`);
    }
  }
}
