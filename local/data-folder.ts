import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Account } from '../lib/model/stream.ts';
import { FILE_NAME } from './engine/open.ts';
import { parseRegionKey, regionKey } from './regions.ts';

/** Says whose data the folder itself holds. */
const HOME_FILE = 'region';

/** Has a folder for each other region. */
const REGIONS_FOLDER = 'regions';

/**
 * A `DATA_DIR`: the data of its first region lies in the folder itself, that of every other region in a folder of its own. A folder
 * of an earlier version has one region.
 */
export class DataFolder {
  readonly #folder: string;
  readonly #home: Account;

  /**
   * @param home whose data a new folder gets
   * @param earlier whose data it is, if it is of a version that did not say so
   * @throws Error with a sentence that names the folder and the problem
   */
  constructor(folder: string, home: Account, earlier: Account) {
    this.#folder = folder;
    this.#home = this.#storedHome() ?? (existsSync(path.join(folder, FILE_NAME)) ? earlier : home);
  }

  /** Where a region keeps its data. */
  folderOf(account: Account): string {
    return regionKey(account) === regionKey(this.#home)
      ? this.#folder
      : path.join(this.#folder, REGIONS_FOLDER, regionKey(account));
  }

  /** The regions that have data. */
  regions(): Account[] {
    const others = path.join(this.#folder, REGIONS_FOLDER);
    const named = existsSync(others) ? readdirSync(others).map(parseRegionKey) : [];
    return [this.#home, ...named.filter((account) => account !== undefined)].filter((account) =>
      existsSync(path.join(this.folderOf(account), FILE_NAME)),
    );
  }

  /** Remembers whose data the folder holds: from then on, no setting changes it. */
  remember(): void {
    const file = path.join(this.#folder, HOME_FILE);
    if (!existsSync(file)) {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, `${regionKey(this.#home)}\n`, { mode: 0o600 });
    }
  }

  /** Removes all data. Nothing of it may be open. */
  clear(): void {
    for (const file of ['', '-wal', '-shm']) {
      rmSync(path.join(this.#folder, `${FILE_NAME}${file}`), { force: true });
    }
    rmSync(path.join(this.#folder, REGIONS_FOLDER), { recursive: true, force: true });
  }

  #storedHome(): Account | undefined {
    let text: string;
    try {
      text = readFileSync(path.join(this.#folder, HOME_FILE), 'utf8').trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') {
        return undefined;
      }
      throw error;
    }
    const home = parseRegionKey(text);
    if (home === undefined) {
      throw new Error(
        `DATA_DIR ${this.#folder} cannot be used: its file ${HOME_FILE} does not name a region such as 000000000000.us-east-1`,
      );
    }
    return home;
  }
}
