import type { ReadRecord } from '../log/read.ts';
import { sequenceIndexOf } from '../model/position.ts';
import { SEQUENCE_INDEX_STEP, sequenceNumberValue } from '../model/sequence-number.ts';
import type { Shard } from '../model/shard.ts';

/** Records as readers are given them, with their sequence numbers. */
export function describedRecords(records: readonly ReadRecord[], shard: Shard) {
  const numbers = new SequenceNumbers(shard);
  return records.map((record) => ({
    SequenceNumber: numbers.of(record),
    ApproximateArrivalTimestamp: record.arrivalMs,
    Data: record.data,
    PartitionKey: record.partitionKey,
    ...(record.encrypted && { EncryptionType: 'KMS' as const }),
  }));
}

/** The numbers of a shard's records: made anew for each batch, and counted on within it. */
class SequenceNumbers {
  readonly #shard: Shard;
  #position = 0;
  /** Of the batch's record at offset 0. */
  #first = 0n;

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  of({ position, offset, arrivalMs }: ReadRecord): string {
    if (position !== this.#position) {
      this.#position = position;
      this.#first = sequenceNumberValue({
        shardCreatedSeconds: this.#shard.createdSeconds,
        shardIndex: this.#shard.index,
        sequenceIndex: sequenceIndexOf({ position, offset: 0 }),
        timeSeconds: Math.floor(arrivalMs / 1000),
      });
    }
    return (this.#first + SEQUENCE_INDEX_STEP * BigInt(offset)).toString();
  }
}
