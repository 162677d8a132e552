import type { ReadRecord, ReadResult } from '../log/read-progress.ts';
import { sequenceIndexOf } from '../model/position.ts';
import { SEQUENCE_INDEX_STEP, sequenceNumberValue } from '../model/sequence-number.ts';
import { type Shard, shardId } from '../model/shard.ts';
import { recordSizeIn } from '../protocol/record-size.ts';
import { Data, EncryptionType, PartitionKey, SequenceNumber } from '../schema/shapes.ts';
import { required, structure, timestamp } from '../schema/structure.ts';
import type { StreamEntry } from '../store/stream-catalog.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Record.html */
export const ReadRecordShape = structure({
  SequenceNumber: required(SequenceNumber),
  ApproximateArrivalTimestamp: timestamp,
  Data: required(Data),
  PartitionKey: required(PartitionKey),
  EncryptionType: EncryptionType,
});

/** The bytes of a record in a response. All members except data and partition key count with their longest values. */
export const bytesInResponse = recordSizeIn(ReadRecordShape, {
  SequenceNumber: '4'.repeat(56),
  ApproximateArrivalTimestamp: 9_999_999_999_999,
  Data: new Uint8Array(),
  PartitionKey: '',
  EncryptionType: 'KMS',
});

/** Records as responses have them, with their sequence numbers. */
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

/** The sequence numbers of a shard's records. The first of each batch is computed, the others are counted up from it. */
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

/** How far behind the tip of its shard a read has ended, ms. */
export function millisBehind({ atTip, lastArrivalMs }: ReadResult, nowMs: number): number {
  // Before the tip there is something that was not returned, however young it is.
  return atTip ? 0 : Math.max(1, nowMs - (lastArrivalMs ?? nowMs));
}

/**
 * The child shards of a closed shard.
 * @returns none until all of them are open: a consumer that follows them must not miss one
 */
export function describedChildren(parent: Shard, entry: StreamEntry | undefined) {
  return (childrenOf(parent, entry) ?? []).map((child) => ({
    ShardId: shardId(child.index),
    ParentShards: [child.parentIndex, child.adjacentParentIndex]
      .filter((index) => index !== undefined)
      .map((index) => shardId(index)),
    HashKeyRange: {
      StartingHashKey: child.hashKeyRange.start.toString(),
      EndingHashKey: child.hashKeyRange.end.toString(),
    },
  }));
}

/** @returns undefined unless the children cover the whole range of their parent */
function childrenOf(parent: Shard, entry: StreamEntry | undefined): Shard[] | undefined {
  const children = (entry?.shards ?? []).filter(
    (shard) => shard.parentIndex === parent.index || shard.adjacentParentIndex === parent.index,
  );
  const { start, end } = parent.hashKeyRange;
  const covers = (key: bigint) =>
    children.some(({ hashKeyRange }) => hashKeyRange.start <= key && key <= hashKeyRange.end);
  return covers(start) && covers(end) ? children : undefined;
}
