/**
 * The place of a record in its shard's log: the position of its batch (1, 2, 3, …) and its offset in the batch
 * (0, 1, …). docs/log.md defines the protocol of positions, docs/glossary.md the words.
 */
export interface RecordPosition {
  readonly position: number;
  readonly offset: number;
}

/** The first position of every log. */
export const FIRST_POSITION = 1;

/** How many bits of a sequence index hold the offset. The 53 bits above hold the position. */
const OFFSET_BITS = 10n;

/** The most records that one batch may hold. */
export const MAX_BATCH_RECORDS = 1 << Number(OFFSET_BITS);

/** The sequence index of a record. In a batch, the next record's is one more. Positions start at 1, so none is 0. */
export function sequenceIndexOf({ position, offset }: RecordPosition): bigint {
  return (BigInt(position) << OFFSET_BITS) | BigInt(offset);
}

/** The place that a sequence index means. An index below the first position, such as 0, means the start of the log. */
export function positionOfSequenceIndex(sequenceIndex: bigint): RecordPosition {
  const position = Number(sequenceIndex >> OFFSET_BITS);
  if (position < FIRST_POSITION) {
    return { position: FIRST_POSITION, offset: 0 };
  }
  return { position, offset: Number(sequenceIndex & BigInt(MAX_BATCH_RECORDS - 1)) };
}
