import type { RecordPosition } from './position.ts';
import { TOKEN_OVERHEAD_BYTES, type TokenCipher } from './token-cipher.ts';

/** The place in a shard where a consumer continues. */
export interface ShardIterator extends RecordPosition {
  readonly streamName: string;
  /** Distinguishes the stream from an earlier one with the same name. */
  readonly streamId: string;
  readonly shardIndex: number;
  /** Epoch ms. The age of the iterator, and so its expiry, counts from then. */
  readonly issuedMs: number;
  /** Set by AT_TIMESTAMP until a record was returned: records that arrived earlier (epoch ms) are skipped. */
  readonly notBeforeMs?: number;
}

const PURPOSE = 'shard iterator';
const LAYOUT_VERSION = 1;

/** Every iterator of Kinesis starts with these bytes. The rest looks encrypted (observed by kinesalite's tests). */
const PREFIX = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]);

/** A decoded iterator has 152 to 280 bytes in steps of 16 (observed). It fits the 512 characters of the API. */
const MIN_BYTES = 152;
const MAX_BYTES = 280;
const STEP_BYTES = 16;

/** The size of the fields before the two names: version, issue time, shard index, position, offset, lower bound. */
const FIXED_BYTES = 1 + 8 + 4 + 8 + 2 + 8;

/** Writes an iterator for clients, as canonical base64. Two iterators always differ, even for the same place. */
export function formatShardIterator(cipher: TokenCipher, iterator: ShardIterator): string {
  const streamId = Buffer.from(iterator.streamId);
  const streamName = Buffer.from(iterator.streamName);
  const payload = Buffer.alloc(paddedBytes(FIXED_BYTES + 2 + streamId.length + streamName.length));
  let at = payload.writeUInt8(LAYOUT_VERSION);
  at = payload.writeDoubleBE(iterator.issuedMs, at);
  at = payload.writeInt32BE(iterator.shardIndex, at);
  at = payload.writeDoubleBE(iterator.position, at);
  at = payload.writeUInt16BE(iterator.offset, at);
  at = payload.writeDoubleBE(iterator.notBeforeMs ?? Number.NaN, at);
  at = payload.writeUInt8(streamId.length, at);
  at += streamId.copy(payload, at);
  at = payload.writeUInt8(streamName.length, at);
  streamName.copy(payload, at);
  return Buffer.concat([PREFIX, cipher.encrypt(PURPOSE, payload)]).toString('base64');
}

/**
 * Parses an iterator. Like the real service, it accepts double quotes around it: shells and tools leave them there.
 * @returns undefined unless Rivulet made it, and nobody changed it
 */
export function parseShardIterator(cipher: TokenCipher, text: string): ShardIterator | undefined {
  const bare = /^"(.*)"$/s.exec(text)?.[1] ?? text;
  const token = Buffer.from(bare, 'base64');
  if (token.toString('base64') !== bare || !hasIteratorShape(token)) {
    return undefined;
  }
  const payload = cipher.decrypt(PURPOSE, token.subarray(PREFIX.length));
  return payload?.[0] === LAYOUT_VERSION ? readPayload(payload) : undefined;
}

function readPayload(payload: Buffer): ShardIterator {
  const notBeforeMs = payload.readDoubleBE(23);
  const idEnd = FIXED_BYTES + 1 + payload.readUInt8(FIXED_BYTES);
  const nameEnd = idEnd + 1 + payload.readUInt8(idEnd);
  return {
    issuedMs: payload.readDoubleBE(1),
    shardIndex: payload.readInt32BE(9),
    position: payload.readDoubleBE(13),
    offset: payload.readUInt16BE(21),
    ...(!Number.isNaN(notBeforeMs) && { notBeforeMs }),
    streamId: payload.toString('utf8', FIXED_BYTES + 1, idEnd),
    streamName: payload.toString('utf8', idEnd + 1, nameEnd),
  };
}

function hasIteratorShape(token: Buffer): boolean {
  return (
    token.length >= MIN_BYTES &&
    token.length <= MAX_BYTES &&
    (token.length - MIN_BYTES) % STEP_BYTES === 0 &&
    token.subarray(0, PREFIX.length).equals(PREFIX)
  );
}

function paddedBytes(payloadBytes: number): number {
  const least = MIN_BYTES - PREFIX.length - TOKEN_OVERHEAD_BYTES;
  const steps = Math.max(0, Math.ceil((payloadBytes - least) / STEP_BYTES));
  return least + steps * STEP_BYTES;
}
