import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The program of a Chromium. Empty: this machine has none. */
    readonly browser: string;
  }
}

/** Where browsers of the system are. CHROME_PATH names another. */
const SYSTEM_BROWSERS = [
  process.env.CHROME_PATH ?? '',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Finds a browser for the tests of the console: the one that npm brings, or one of the system. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-browser-'));
  const browser =
    (await packagedBrowser(folder)) ?? SYSTEM_BROWSERS.find((file) => file !== '' && existsSync(file)) ?? '';
  if (browser === '') {
    console.log('The console is not tested in a browser: this machine has no Chromium. CHROME_PATH names one.');
  }
  project.provide('browser', browser);
  return () => rm(folder, { recursive: true, force: true });
}

/** Unpacks the Chromium that npm brings, which is one for Linux on x64. */
async function packagedBrowser(folder: string): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return undefined;
  }
  const { default: chromium } = await import('@sparticuz/chromium');
  const { TMPDIR } = process.env;
  // It unpacks into the folder for temporary files, where a killed run may have left half of it.
  process.env.TMPDIR = folder;
  try {
    return await chromium.executablePath();
  } finally {
    if (TMPDIR === undefined) {
      delete process.env.TMPDIR;
    } else {
      process.env.TMPDIR = TMPDIR;
    }
  }
}
