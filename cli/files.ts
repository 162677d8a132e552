import { createReadStream, createWriteStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Failure, usage } from '../client/failure.ts';

/** The longest line that is read, characters: a record of 10 MiB in base64, and its other members. */
const MAX_LINE = 16 * 1024 * 1024;

/**
 * Reads the lines of a file or of standard input, without those that are empty.
 * @throws Failure that names the file, or the line that is too long
 */
export async function* readLines(
  file: string | undefined,
): AsyncGenerator<{ readonly line: string; readonly number: number }> {
  if (file !== undefined) {
    await access(file).catch((error: NodeJS.ErrnoException) => {
      throw new Failure(`${file} cannot be read: ${error.code === 'ENOENT' ? 'it does not exist' : error.message}`);
    });
  }
  const input = file === undefined ? process.stdin : decompressed(file, createReadStream(file));
  let failure: Error | undefined;
  input.once('error', (error) => {
    failure = new Failure(`${file ?? 'standard input'} cannot be read: ${error.message}`);
  });
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.length > MAX_LINE) {
      throw new Failure(`line ${number} is longer than any record`);
    }
    if (line.trim() !== '') {
      yield { line, number };
    }
  }
  if (failure !== undefined) {
    throw failure;
  }
}

function decompressed(file: string, raw: Readable): Readable {
  const opener = file.endsWith('.gz') ? createGunzip() : file.endsWith('.zst') ? createZstdDecompress() : undefined;
  if (opener === undefined) {
    return raw;
  }
  raw.once('error', (error) => opener.destroy(error));
  return raw.pipe(opener);
}

/** Lines that go to a file or to standard output, compressed as the file's name says. */
export interface LineWriter {
  /** Resolves when there is room for more. */
  write(lines: readonly string[]): Promise<void>;
  end(): Promise<void>;
}

/** @throws Failure for a file that exists, unless it is to be overwritten */
export async function openLines(file: string | undefined, overwrite: boolean): Promise<LineWriter> {
  if (file === undefined) {
    return lineWriter(process.stdout, async () => {});
  }
  const target = createWriteStream(file, { flags: overwrite ? 'w' : 'wx' });
  await new Promise<void>((resolve, reject) => {
    target.once('open', () => resolve());
    target.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EEXIST'
          ? usage(`${file} exists: --force overwrites it`)
          : new Failure(`${file} cannot be written: ${error.message}`),
      ),
    );
  });
  const packer = file.endsWith('.gz') ? createGzip() : file.endsWith('.zst') ? createZstdCompress() : undefined;
  const first: Writable = packer ?? target;
  const done =
    packer === undefined
      ? new Promise<void>((resolve, reject) => target.once('close', resolve).once('error', reject))
      : pipeline(packer, target);
  return lineWriter(first, async () => {
    first.end();
    await done;
  });
}

const lineWriter = (target: Writable, end: () => Promise<void>): LineWriter => ({
  async write(lines) {
    if (lines.length > 0 && !target.write(`${lines.join('\n')}\n`)) {
      await new Promise<void>((resolve) => target.once('drain', resolve).once('close', resolve));
    }
  },
  end,
});
