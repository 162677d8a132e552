import { createReadStream, createWriteStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { addAbortSignal, type Readable, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { drained } from '../client/drained.ts';
import { Failure, usage } from '../client/failure.ts';
import { type FileLine, fileLines } from '../client/records/file-lines.ts';

/**
 * Reads the lines of a file or of standard input, without those that are blank.
 * @param signal ends the reading at once, also while no line comes
 * @throws Failure that names the file, BadLine, or an AbortError
 */
export async function* readLines(file: string | undefined, signal: AbortSignal): AsyncGenerator<FileLine> {
  if (file !== undefined) {
    await access(file).catch((error: NodeJS.ErrnoException) => {
      throw new Failure(`${file} cannot be read: ${error.code === 'ENOENT' ? 'it does not exist' : error.message}`);
    });
  }
  const input = addAbortSignal(signal, file === undefined ? process.stdin : decompressed(file, createReadStream(file)));
  let failure: Error | undefined;
  input.once('error', (error) => {
    failure = error;
  });
  try {
    yield* fileLines(input);
  } catch (error) {
    throw error === failure && !signal.aborted
      ? new Failure(`${file ?? 'standard input'} cannot be read: ${(error as Error).message}`)
      : error;
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
  /** Resolves when there is room for more. @throws Failure if the file cannot be written any more */
  write(lines: readonly string[]): Promise<void>;
  /** @throws Failure if something is not in the file */
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
  const done = packer === undefined ? finished(target) : pipeline(packer, target);
  let failure: Failure | undefined;
  done.catch((error: Error) => {
    failure = new Failure(`${file} cannot be written: ${error.message}`);
  });
  const first: Writable = packer ?? target;
  return lineWriter(
    first,
    async () => {
      first.end();
      await done.catch(() => {});
      throwIf(failure);
    },
    () => throwIf(failure),
  );
}

function throwIf(failure: Failure | undefined): void {
  if (failure !== undefined) {
    throw failure;
  }
}

/** @param check throws if nothing more can be written */
const lineWriter = (target: Writable, end: () => Promise<void>, check: () => void = () => {}): LineWriter => ({
  async write(lines) {
    check();
    if (lines.length > 0 && !target.write(`${lines.join('\n')}\n`)) {
      await drained(target);
    }
  },
  end,
});
