import { openAggregate } from './aggregate.ts';
import type { Codecs } from './codecs.ts';

/** The most bytes that the gzipped data of one record may become, all parts together: some bytes could be gigabytes. */
const MAX_GUNZIPPED_BYTES = 16 * 1024 * 1024;

/** What a part that cannot be opened counts for. */
const FAILED_BYTES = 1024 * 1024;

/** Data in the form that people and programs can read best. */
export type DecodedData =
  | { readonly encoding: 'json'; readonly value: unknown; readonly text: string }
  | { readonly encoding: 'text'; readonly text: string }
  | { readonly encoding: 'binary'; readonly bytes: Uint8Array };

/** One record of a user: what a producer has packed into one record of the stream is several. */
export interface DecodedRecord {
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
  readonly data: DecodedData;
}

/**
 * Opens a record: aggregates of the Kinesis Producer Library, gzip, JSON, text; anything else is bytes. So is what is gzipped once
 * all parts together have become too large.
 */
export function decodeRecord(partitionKey: string, data: Uint8Array, codecs: Codecs): DecodedRecord[] {
  const packed = openAggregate(data, codecs);
  if (packed === undefined) {
    return [{ partitionKey, data: decodeData(data, codecs) }];
  }
  let leftBytes = MAX_GUNZIPPED_BYTES;
  const gunzip = (zipped: Uint8Array, maxBytes: number) => {
    if (leftBytes <= 0) {
      throw new Error('all parts together become too large');
    }
    // What turns out to be too large, or damaged, has cost time too.
    let takenBytes = FAILED_BYTES;
    try {
      const opened = codecs.gunzip(zipped, Math.min(leftBytes, maxBytes));
      takenBytes = opened.length;
      return opened;
    } finally {
      leftBytes -= takenBytes;
    }
  };
  return packed.map((record) => ({ ...record, data: decodeData(record.data, { ...codecs, gunzip }) }));
}

/** Decodes data, which may be gzipped. */
export function decodeData(data: Uint8Array, codecs: Codecs): DecodedData {
  const opened = gunzipped(data, codecs) ?? data;
  const text = asText(opened);
  if (text === undefined) {
    return { encoding: 'binary', bytes: opened };
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

/** @returns undefined if data is not gzipped, or cannot be opened: then it is data like any other */
export function gunzipped(data: Uint8Array, codecs: Pick<Codecs, 'gunzip'>): Uint8Array | undefined {
  if (data[0] !== 0x1f || data[1] !== 0x8b) {
    return undefined;
  }
  try {
    return codecs.gunzip(data, MAX_GUNZIPPED_BYTES);
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
