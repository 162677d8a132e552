import { randomFillSync } from 'node:crypto';

/** Bytes that are drawn at once: to ask the system for each id takes longer than all else that an id needs. */
const POOL_BYTES = 8_192;

const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Random bits, as text, that no one else in the world is given.
 * @param bytes far less than 8 KB
 */
export function randomText(bytes: number, encoding: 'base64' | 'base64url'): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString(encoding, used - bytes, used);
}
