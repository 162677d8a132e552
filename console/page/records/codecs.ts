import { md5 } from '@noble/hashes/legacy.js';
import { Gunzip } from 'fflate';
import type { Codecs } from '../../../client/records/codecs.ts';

/** Bytes that are opened at once. */
const PART = 4_096;

/** What opening records needs, as browsers have it. */
export const browserCodecs: Codecs = {
  md5,
  gunzip(data, maxBytes) {
    const { bytes, isWhole } = gunzippedUpTo(data, maxBytes);
    if (!isWhole) {
      throw new Error('it becomes too large');
    }
    return bytes;
  },
};

/** The beginning of what gzipped data becomes. @throws Error for what is damaged */
export function gunzippedUpTo(data: Uint8Array, maxBytes: number): { bytes: Uint8Array; isWhole: boolean } {
  const parts: Uint8Array[] = [];
  let length = 0;
  const gunzip = new Gunzip((part) => {
    length += part.length;
    parts.push(part);
  });
  // In parts: what a few bytes become must not all be there before it is counted.
  for (let at = 0; at < data.length && length <= maxBytes; at += PART) {
    gunzip.push(data.subarray(at, at + PART), at + PART >= data.length);
  }
  return { bytes: joined(parts, length), isWhole: length <= maxBytes };
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
