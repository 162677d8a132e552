import { InternalServerError } from './errors.ts';

/** The primary result codes of SQLite that say something about the file. https://www.sqlite.org/rescode.html */
const REASONS: Readonly<Record<number, string>> = {
  5: 'another process holds the file: end that process, or choose another folder',
  8: 'the file cannot be written',
  10: 'the disk failed',
  11: 'the file is damaged: restore it from a copy, or choose another folder',
  13: 'the disk is full',
  14: 'the file cannot be opened',
  26: 'its rivulet.db is none of this engine, or damaged: restore it from a copy, or choose another folder',
};

/** The problem with the file, in SQLite's words; undefined for an error of another kind. */
export function storageReason(error: unknown): string | undefined {
  const { errcode } = error as { readonly errcode?: unknown };
  return typeof errcode === 'number' ? REASONS[errcode & 0xff] : undefined;
}

/** Runs a function that uses the file. @throws InternalServerError if the file is the problem: then nothing was changed */
export function storing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = storageReason(error);
    throw reason === undefined ? error : new InternalServerError(reason, { cause: error });
  }
}
