/**
 * The place of a record in its shard's log: the position of its batch (1, 2, 3, …) and its offset in the batch (0, 1, …).
 * The protocol of positions is in docs/log.md.
 */
export interface RecordPosition {
  readonly position: number;
  readonly offset: number;
}

/** The first position of every log. */
export const FIRST_POSITION = 1;

/** How many bits of a sequence index hold the offset; the position has the 53 above. */
const OFFSET_BITS = 10n;

/** The most records that one batch may hold. */
export const MAX_BATCH_RECORDS = 1 << Number(OFFSET_BITS);

/** The sequence index of a record. Records of one batch are one apart; positions start at 1, so no index is 0. */
export function sequenceIndexOf({ position, offset }: RecordPosition): bigint {
  return (BigInt(position) << OFFSET_BITS) | BigInt(offset);
}

/** The position that a sequence index names. Index 0 and all below the first position name the start of the log. */
export function positionOfSequenceIndex(sequenceIndex: bigint): RecordPosition {
  const position = Number(sequenceIndex >> OFFSET_BITS);
  if (position < FIRST_POSITION) {
    return { position: FIRST_POSITION, offset: 0 };
  }
  return { position, offset: Number(sequenceIndex & BigInt(MAX_BATCH_RECORDS - 1)) };
}
