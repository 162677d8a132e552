import { decode as decodeCborg } from 'cborg';
import { openAggregate } from '../../../client/records/aggregate.ts';
import { type DecodedData, decodeData, gunzipped } from '../../../client/records/decode.ts';
import { bytes as formatBytes, inLine } from '../model/format.ts';
import { browserCodecs, gunzippedUpTo } from './codecs.ts';
import type { OpenedPart, OpenedRecord, RowView } from './messages.ts';
import type { StoredRow } from './record-store.ts';

/** The characters of a row's preview. */
const PREVIEW = 240;

/** Bytes that are looked at for a preview: a character has up to four. */
const PREVIEW_BYTES = 4 * PREVIEW;

/** What the page shows of one part of a record at most: more would make it slow, and nobody reads it. The rest can be downloaded. */
const MAX_TEXT = 64_000;
const MAX_TREE_BYTES = 1024 * 1024;
const MAX_HEX_BYTES = 16 * 1024;
const MAX_PARTS = 500;
const MAX_KEY = 200;
const MAX_DEPTH = 200;

/** What a row of the table shows. */
export function rowView({ data, ...row }: StoredRow): RowView {
  return { ...row, size: data.length, ...preview(data) };
}

function preview(data: Uint8Array): Pick<RowView, 'preview' | 'kind'> {
  if (data.length === 0) {
    return { preview: '', kind: 'empty' };
  }
  if (data[0] === 0xf3 && data[1] === 0x89) {
    const packed = openAggregate(data, browserCodecs);
    if (packed !== undefined) {
      const first = packed[0] === undefined ? '' : previewText(packed[0].data);
      return { preview: `${packed.length} records: ${first}`, kind: 'KPL' };
    }
  }
  const unzipped = startOfGzip(data);
  if (unzipped !== undefined) {
    return { preview: previewText(unzipped), kind: 'gzip' };
  }
  const text = textOf(data.subarray(0, PREVIEW_BYTES));
  return text === undefined
    ? { preview: hexLine(data), kind: 'binary' }
    : { preview: inLine(text.slice(0, PREVIEW)), kind: /^\s*[[{]/.test(text) ? 'JSON' : 'text' };
}

/** A small part: a preview is made often, and of few bytes. */
function startOfGzip(data: Uint8Array): Uint8Array | undefined {
  try {
    return data[0] === 0x1f && data[1] === 0x8b ? gunzippedUpTo(data, PREVIEW_BYTES).bytes : undefined;
  } catch {
    return undefined;
  }
}

const previewText = (data: Uint8Array): string => {
  const text = textOf(data.subarray(0, PREVIEW_BYTES));
  return text === undefined ? hexLine(data) : inLine(text.slice(0, PREVIEW));
};

/** The text at the beginning of some bytes, which may end in the middle of a character. */
function textOf(start: Uint8Array): string | undefined {
  for (let cut = 0; cut < 4; cut++) {
    const decoded = decodeData(start.subarray(0, start.length - cut), { ...browserCodecs, gunzip: notNow });
    if (decoded.encoding !== 'binary') {
      return decoded.text;
    }
  }
  return undefined;
}

const notNow = (): never => {
  throw new Error('a preview opens nothing');
};

const hexLine = (data: Uint8Array): string =>
  [...data.subarray(0, 48)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

type Packed = Pick<StoredRow, 'partitionKey' | 'data'>;

/**
 * Everything that the drawer shows of a record. Of an aggregate, its first part is open: all of them together may be a thousand times
 * as large as the record.
 */
export function openRecord(row: StoredRow): OpenedRecord {
  const packed = openAggregate(row.data, browserCodecs);
  return {
    ...row,
    data: new Blob([row.data as Uint8Array<ArrayBuffer>]),
    isAggregate: packed !== undefined,
    allParts: packed?.length ?? 1,
    parts: (packed ?? [row]).slice(0, MAX_PARTS).map(({ partitionKey, data }) => ({
      partitionKey: partitionKey.slice(0, MAX_KEY),
      size: data.length,
    })),
    first: packed === undefined ? openPart(row) : packed[0] && openPart(packed[0]),
  };
}

/** Opens one part of an aggregate. @returns undefined if there is no such part */
export function openPartOf(data: Uint8Array, part: number): OpenedPart | undefined {
  const packed = openAggregate(data, browserCodecs)?.[part];
  return packed && openPart(packed);
}

function openPart({ data }: Packed): OpenedPart {
  const unzipped = gunzipped(data, browserCodecs);
  const content = unzipped ?? data;
  const decoded = decodeData(content, browserCodecs);
  const views = viewsOf(decoded, content);
  const hasNoTree = decoded.encoding === 'json' && views.json === undefined;
  const notes = [
    ...(unzipped === undefined ? [] : [`gzip: ${formatBytes(data.length)} became ${formatBytes(unzipped.length)}`]),
    ...(hasNoTree ? ['too large or too deep for a tree'] : []),
  ];
  return { notes, views };
}

function viewsOf(decoded: DecodedData, content: Uint8Array): OpenedPart['views'] {
  const isSmall = content.length <= MAX_TREE_BYTES;
  return {
    ...(decoded.encoding === 'json' && isSmall && treeOf('json', () => exactJson(decoded.text))),
    ...(decoded.encoding === 'binary' && isSmall && isCborList(content) && treeOf('cbor', () => cborOf(content))),
    ...(decoded.encoding !== 'binary' && { text: shortened(decoded.text) }),
    hex: { text: hexDump(content.subarray(0, MAX_HEX_BYTES)), isWhole: content.length <= MAX_HEX_BYTES },
  };
}

const shortened = (text: string) => ({ text: text.slice(0, MAX_TEXT), isWhole: text.length <= MAX_TEXT });

/** Only maps and lists: almost any byte is a number or a text in CBOR. */
const isCborList = (content: Uint8Array): boolean => [4, 5].includes((content[0] ?? 0) >> 5);

const cborOf = (content: Uint8Array): unknown => decodeCborg(content, { useMaps: true, allowBigInt: true });

/** A value that is no deeper than a page can show. What cannot be read has none. */
function treeOf<N extends 'json' | 'cbor'>(name: N, read: () => unknown): { [K in N]?: { value: unknown } } {
  try {
    const value = read();
    return isDeeper(value, MAX_DEPTH) ? {} : ({ [name]: { value } } as { [K in N]?: { value: unknown } });
  } catch {
    return {};
  }
}

/** Whether a value has more levels than that. Looked at level by level: a deep one would be too much for a recursion. */
function isDeeper(value: unknown, levels: number): boolean {
  let level = [value];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((one) =>
      typeof one !== 'object' || one === null || one instanceof Uint8Array
        ? []
        : one instanceof Map
          ? [...one.keys(), ...one.values()]
          : Object.values(one),
    );
    if (level.length === 0) {
      return false;
    }
  }
  return true;
}

/** Reads JSON so that large whole numbers keep all their digits, where the browser tells them. */
function exactJson(text: string): unknown {
  type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;
  const reviver: Reviver = (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

function hexDump(data: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += 16) {
    const row = [...data.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    rows.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return rows.join('\n');
}
