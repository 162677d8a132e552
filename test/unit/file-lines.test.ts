import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FileLine, fileLines, lineText } from '../../client/records/file-lines.ts';
import { LineCutter } from '../../client/records/line-cutter.ts';

const MIB = 1024 * 1024;

async function* inParts(parts: readonly Uint8Array[]) {
  yield* parts;
}

async function linesOf(...parts: (string | Uint8Array)[]): Promise<FileLine[]> {
  const lines = [];
  for await (const line of fileLines(inParts(parts.map((part) => Buffer.from(part))))) {
    lines.push(line);
  }
  return lines;
}

const texts = (lines: readonly FileLine[]) => lines.map((line) => [line.number, lineText(line)]);

describe('lines that come in parts', () => {
  it('are the same wherever the parts begin', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', 'ä', '\r', '\n', '\u2028') }));
    fc.assert(
      fc.property(parts, (all) => {
        const cutter = new LineCutter();
        const lines = all.flatMap((part) => cutter.push(Buffer.from(part)));
        const { length } = cutter;
        const rest = cutter.takeRest();

        expect(length).toBe(rest.length);
        expect([...lines, rest].map((line) => Buffer.from(line).toString())).toEqual(all.join('').split('\n'));
      }),
    );
  });
});

describe('the lines of a file', () => {
  it('have the numbers that editors show, and no ends, marks or blanks', async () => {
    expect(texts(await linesOf('\ufefffirst\r\n\n \t\r\n', 'fou', 'rth\n', 'last'))).toEqual([
      [1, 'first'],
      [4, 'fourth'],
      [5, 'last'],
    ]);
    expect(await linesOf()).toEqual([]);
    expect(await linesOf('\ufeff')).toEqual([]);
  });

  it('end with a line feed only, and keep marks that are not at the beginning', async () => {
    const odd = 'a\u2028b\u2029c\u0085d\u000be\rf';

    expect(texts(await linesOf(`${odd}\n\ufeff\n`))).toEqual([
      [1, odd],
      [2, '\ufeff'],
    ]);
  });

  it('are bytes, and a text only where they are one', async () => {
    const [line] = await linesOf(new Uint8Array([0x63, 0xe9, 0x0a]));

    expect(line?.bytes).toEqual(Buffer.from([0x63, 0xe9]));
    expect(() => lineText(line as FileLine)).toThrow('line 1 is no text in UTF-8');
  });

  it('are no longer than records can be', async () => {
    const part = new Uint8Array(4 * MIB).fill(0x61);

    await expect(linesOf('x\n', part, part, part, part, 'a')).rejects.toThrow('line 2 is longer than any record');
    expect(await linesOf(part, part, part, part)).toHaveLength(1);
  });
});
