import { type FileLine, fileLines } from '../../../client/records/file-lines.ts';
import { readStoredLine } from '../../../client/records/stored-line.ts';
import { toBase64 } from '../model/base64.ts';
import { filled } from '../model/templates.ts';
import type { NewRecord } from './put-records.ts';

/** What a line of a file is. */
export type LineKind = 'stored' | 'data';

/**
 * Reads the records of a file of lines, as they are needed.
 * @param kind        `stored`: lines of `rivulet export`. `data`: each line is the data of a record, under a key by the template
 * @param onRead      hears how many bytes are read
 * @throws BadLine
 */
export async function* fileRecords(
  file: Blob,
  kind: LineKind,
  keyTemplate: string,
  onRead: (bytes: number) => void,
): AsyncGenerator<NewRecord> {
  for await (const line of fileLines(partsOf(file, onRead))) {
    yield kind === 'data' ? dataRecord(line, keyTemplate) : readStoredLine(line);
  }
}

const dataRecord = ({ bytes, number }: FileLine, keyTemplate: string): NewRecord => ({
  partitionKey: filled(keyTemplate, number),
  data: toBase64(bytes),
});

async function* partsOf(file: Blob, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  let read = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      read += value.length;
      onRead(read);
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
