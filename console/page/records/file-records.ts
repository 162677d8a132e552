import { readStoredLine } from '../../../client/records/stored-line.ts';
import { toBase64 } from '../model/base64.ts';
import { LineCutter } from '../model/line-cutter.ts';
import { filled } from '../model/templates.ts';
import type { NewRecord } from './put-records.ts';

/** What a line of a file is. */
export type LineKind = 'stored' | 'data';

/** A line that is longer is no record of any stream. */
const MAX_LINE = 32 * 1024 * 1024;

/**
 * Reads the records of a file of lines, as they are needed.
 * @param kind        `stored`: lines of `rivulet export`. `data`: each line is the data of a record, under a key by the template
 * @param onRead      hears how many bytes are read
 * @throws Error that names the line
 */
export async function* fileRecords(
  file: Blob,
  kind: LineKind,
  keyTemplate: string,
  onRead: (bytes: number) => void,
): AsyncGenerator<NewRecord> {
  let number = 0;
  for await (const whole of fileLines(file, onRead)) {
    const line = whole.replace(/\r$/, '');
    number += 1;
    if (line.trim() !== '') {
      yield kind === 'data' ? dataRecord(line, keyTemplate, number) : storedRecord(line, number);
    }
  }
}

const dataRecord = (line: string, keyTemplate: string, number: number): NewRecord => ({
  partitionKey: filled(keyTemplate, number),
  data: toBase64(new TextEncoder().encode(line)),
});

function storedRecord(line: string, number: number): NewRecord {
  try {
    return readStoredLine(line);
  } catch (error) {
    throw new Error(`Line ${number} ${(error as Error).message}.`);
  }
}

async function* fileLines(file: Blob, onRead: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = file.stream().getReader();
  const cutter = new LineCutter();
  let read = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      read += value?.length ?? 0;
      onRead(read);
      yield* cutter.push(decoder.decode(value, { stream: !done }));
      if (cutter.length > MAX_LINE) {
        throw new Error('A line is too long to be a record.');
      }
      if (done) {
        yield cutter.rest;
        return;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
