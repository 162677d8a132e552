import type { TestProject } from 'vitest/node';
import { findBrowser } from '../../scripts/browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The program of a Chromium. Empty: this machine has none. */
    readonly browser: string;
  }
}

/** Finds a browser for the tests of the console. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { program = '', remove } = await findBrowser();
  if (program === '') {
    console.log('The console is not tested in a browser: this machine has no Chromium. CHROME_PATH names one.');
  }
  project.provide('browser', program);
  return remove;
}
