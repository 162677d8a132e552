import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Engine } from './engine.ts';
import type { TableSchema } from './item-table.ts';
import { storageReason } from './storage-errors.ts';

/** The options of an engine. */
export interface EngineOptions {
  readonly schemas: readonly TableSchema[];
  /** Undefined: in memory, and lost when the process ends. */
  readonly folder?: string | undefined;
  /** Whether each write is on the disk before it is confirmed: then it survives a power cut, and not only the process. */
  readonly synced?: boolean;
  /** Pages of 4 KiB that the file may have. */
  readonly maxPages?: number;
}

/** What the file system's codes mean for a folder of data. */
const FOLDER_REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file, and has to be a folder',
  ENOTDIR: 'a part of its path is a file, and has to be a folder',
  EACCES: 'this user may not write to it',
  EPERM: 'this user may not change it',
  EROFS: 'its disk is read-only',
  ENOSPC: 'the disk is full',
};

export interface OpenedEngine {
  readonly engine: Engine;
  close(): void;
}

export const FILE_NAME = 'rivulet.db';

/** The files of earlier engines in `DATA_DIR`. */
const EARLIER_FILES: readonly string[] = ['dynoxide.db', 'dynalite'];

/** The version of the stored format. Other versions are not read. */
const FORMAT = 1;

/** Files up to this size are checked at start, bytes. */
const CHECKED_BYTES = 256 * 1_024 * 1_024;

/**
 * Opens an engine.
 * @throws Error with a sentence that names the folder and the problem; nothing in the folder was changed
 */
export function openEngine({ schemas, folder, synced = false, maxPages }: EngineOptions): OpenedEngine {
  const database = folder === undefined ? new DatabaseSync(':memory:') : openFile(folder, synced);
  try {
    if (maxPages !== undefined) {
      database.exec(`PRAGMA max_page_count = ${maxPages}`);
    }
    const engine = new Engine(database, schemas);
    return { engine, close: () => database.close() };
  } catch (error) {
    database.close();
    throw told(error, folder);
  }
}

function openFile(folder: string, synced: boolean): DatabaseSync {
  const file = path.join(folder, FILE_NAME);
  let database: DatabaseSync | undefined;
  try {
    // Only the owner may read records, and the key that encrypts iterators.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    refuseEarlierData(folder);
    requireWritable(folder, file);
    chmodSync(folder, 0o700);
    const mask = process.umask(0o077);
    try {
      database = new DatabaseSync(file);
      // The process holds the file exclusively: two processes would each miss writes of the other.
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL');
    } finally {
      process.umask(mask);
    }
    database.exec(`PRAGMA synchronous = ${synced ? 'FULL' : 'NORMAL'}; BEGIN IMMEDIATE; COMMIT`);
    requireSound(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw told(error, folder);
  }
}

function refuseEarlierData(folder: string): void {
  const earlier = EARLIER_FILES.find((name) => existsSync(path.join(folder, name)));
  if (earlier !== undefined && !existsSync(path.join(folder, FILE_NAME))) {
    throw new Error(
      `it holds the data of an earlier engine (${earlier}), which this one does not read: set DYNAMODB_ENDPOINT to that engine, ` +
        'or choose another folder',
    );
  }
}

/** A folder or file without write permission is left alone, even if the process could change the permission. */
function requireWritable(folder: string, file: string): void {
  for (const place of [folder, file].filter((one) => existsSync(one))) {
    accessSync(place, constants.W_OK);
  }
}

function requireSound(database: DatabaseSync, file: string): void {
  const { user_version: format } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (format !== 0 && format !== FORMAT) {
    throw new Error(
      `${FILE_NAME} was written by another version of Rivulet (form ${format}, this one reads ${FORMAT})`,
    );
  }
  if (statSync(file).size <= CHECKED_BYTES) {
    const { quick_check: found } = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    if (found !== 'ok') {
      throw new Error(`${FILE_NAME} is damaged: ${found}`);
    }
  }
  if (format === 0) {
    database.exec(`PRAGMA user_version = ${FORMAT}`);
  }
}

function told(error: unknown, folder: string | undefined): Error {
  const { message, code = '' } = error as NodeJS.ErrnoException;
  const reason = storageReason(error) ?? FOLDER_REASONS[code] ?? message;
  return new Error(`DATA_DIR ${folder} cannot be used: ${reason}`, { cause: error });
}
