import { gunzipSync } from 'node:zlib';
import { openAggregate } from './aggregate.ts';

/** The most bytes that gzipped data may become: a record of some bytes could be gigabytes. */
const MAX_GUNZIPPED_BYTES = 16 * 1024 * 1024;

/** Data in the form that people and programs can read best. */
export type DecodedData =
  | { readonly encoding: 'json'; readonly value: unknown; readonly text: string }
  | { readonly encoding: 'text'; readonly text: string }
  | { readonly encoding: 'base64'; readonly text: string };

/** One record of a user: what a producer has packed into one record of the stream is several. */
export interface DecodedRecord {
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
  readonly data: DecodedData;
}

/** Opens a record: aggregates of the Kinesis Producer Library, gzip, JSON, text; anything else is base64. */
export function decodeRecord(partitionKey: string, data: Uint8Array): DecodedRecord[] {
  const packed = openAggregate(data);
  return packed === undefined
    ? [{ partitionKey, data: decodeData(data) }]
    : packed.map((record) => ({ ...record, data: decodeData(record.data) }));
}

/** Decodes data, which may be gzipped. */
export function decodeData(data: Uint8Array): DecodedData {
  const opened = gunzipped(data) ?? data;
  const text = asText(opened);
  if (text === undefined) {
    return { encoding: 'base64', text: Buffer.from(opened).toString('base64') };
  }
  if (/^\s*[[{]/.test(text)) {
    try {
      return { encoding: 'json', value: JSON.parse(text), text };
    } catch {
      // It only looked like JSON.
    }
  }
  return { encoding: 'text', text };
}

function gunzipped(data: Uint8Array): Uint8Array | undefined {
  if (data[0] !== 0x1f || data[1] !== 0x8b) {
    return undefined;
  }
  try {
    return gunzipSync(data, { maxOutputLength: MAX_GUNZIPPED_BYTES });
  } catch {
    return undefined;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** @returns undefined for bytes that are no text: no UTF-8, or with characters that would act on a terminal */
function asText(data: Uint8Array): string | undefined {
  try {
    const text = UTF8.decode(data);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get to a terminal
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
