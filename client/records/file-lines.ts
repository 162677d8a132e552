import { LineCutter } from './line-cutter.ts';

/** The longest line that is read, bytes: a record of 10 MiB in base64, and its other members. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const TOO_LONG = 'is longer than any record';

/** What some editors write before the first line of a text. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const CARRIAGE_RETURN = 0x0d;

/** A line of a file that has a record in each. */
export interface FileLine {
  /** Without its end, as they are in the file: data need not be text. */
  readonly bytes: Uint8Array;
  /** From 1 on. */
  readonly number: number;
}

/** A line that cannot be used. Its message begins with `line`, and its number. */
export class BadLine extends Error {
  constructor({ number }: Pick<FileLine, 'number'>, what: string) {
    super(`line ${number} ${what}`);
  }
}

/** The lines of a file, without those that are blank. @throws BadLine for one that is longer than any record */
export async function* fileLines(parts: AsyncIterable<Uint8Array>): AsyncGenerator<FileLine> {
  const cutter = new LineCutter();
  let number = 0;
  const lineOf = (bytes: Uint8Array): FileLine => {
    number += 1;
    return { bytes: withoutEnds(bytes, number === 1), number };
  };
  for await (const part of parts) {
    for (const line of cutter.push(part).map(lineOf)) {
      if (line.bytes.length > MAX_LINE_BYTES) {
        throw new BadLine(line, TOO_LONG);
      }
      if (!isBlank(line)) {
        yield line;
      }
    }
    if (cutter.length > MAX_LINE_BYTES) {
      throw new BadLine({ number: number + 1 }, TOO_LONG);
    }
  }
  const last = lineOf(cutter.takeRest());
  if (!isBlank(last)) {
    yield last;
  }
}

function withoutEnds(bytes: Uint8Array, isFirst: boolean): Uint8Array {
  const isMarked = isFirst && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte);
  return bytes.subarray(isMarked ? BYTE_ORDER_MARK.length : 0, bytes.at(-1) === CARRIAGE_RETURN ? -1 : undefined);
}

/** Space, and what is between tab and carriage return. */
const isBlank = ({ bytes }: FileLine): boolean =>
  bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a line. @throws BadLine for bytes that are none: to change them quietly would be to lose them */
export function lineText(line: FileLine): string {
  try {
    return UTF8.decode(line.bytes);
  } catch {
    throw new BadLine(line, 'is no text in UTF-8');
  }
}
