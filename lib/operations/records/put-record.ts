import type { Deps } from '../../deps.ts';
import { internalFailure, invalidArgument, type StreamReference, writeRateExceeded } from '../../faults.ts';
import { logRecord } from '../../log/batch-body.ts';
import { positionOfSequenceIndex } from '../../model/position.ts';
import { parseSequenceNumber, type SequenceNumberParts } from '../../model/sequence-number.ts';
import { shardId } from '../../model/shard.ts';
import { endDryRun } from '../../quotas/dry-run.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { servingStream } from '../../resources/existing-stream.ts';
import {
  Data,
  EncryptionType,
  HashKey,
  PartitionKey,
  SequenceNumber,
  ShardId,
  StreamArn,
  StreamId,
  StreamName,
} from '../../schema/shapes.ts';
import { boolean, required, structure } from '../../schema/structure.ts';
import { getBatch } from '../../store/batch-item.ts';
import type { StreamEntry } from '../../store/stream-catalog.ts';
import { operation } from '../operation.ts';
import { checkExplicitHashKey, checkRecordSizes, encryptionMember, putToStream } from './put-to-stream.ts';

/** Writes one record. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
export const putRecord = operation({
  name: 'PutRecord',
  input: structure({
    SequenceNumberForOrdering: SequenceNumber,
    PartitionKey: required(PartitionKey),
    ExplicitHashKey: HashKey,
    Data: required(Data),
    StreamName: StreamName,
    StreamARN: StreamArn,
    StreamId: StreamId,
    DryRun: boolean,
  }),
  output: structure({
    ShardId: required(ShardId),
    SequenceNumber: required(SequenceNumber),
    EncryptionType: EncryptionType,
  }),
  faults: [
    'ResourceNotFoundException',
    'InvalidArgumentException',
    'ProvisionedThroughputExceededException',
    'ValidationException',
    'DryRunOperationException',
    'InternalFailure',
  ],
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const remembered = await servingStream(reference, deps);
    const record = logRecord({
      partitionKey: input.PartitionKey,
      explicitHashKey: input.ExplicitHashKey,
      data: input.Data,
    });
    checkExplicitHashKey(input.ExplicitHashKey);
    await checkOrdering(input.SequenceNumberForOrdering, reference, remembered, deps);
    const entry = await checkRecordSizes([record], reference, remembered, () => 'data', deps);
    endDryRun(input, reference, deps);
    const [result] = await putToStream(reference, entry, [record], deps);
    switch (result?.kind) {
      case 'put':
        return {
          ShardId: shardId(result.shard.index),
          SequenceNumber: result.sequenceNumber,
          ...encryptionMember(entry.stream),
        };
      case 'throttled':
        throw writeRateExceeded(reference, shardId(result.shard.index));
      default:
        throw internalFailure();
    }
  },
});

/**
 * The new sequence number has to be greater than this one. Numbers of a shard always increase. So it is enough to check that this number
 * can have been given out by now. The process that gave it out may have a clock that is ahead: then the log is asked whether it has
 * the record.
 */
async function checkOrdering(
  sequenceNumber: string | undefined,
  stream: StreamReference,
  entry: StreamEntry,
  deps: Deps,
): Promise<void> {
  if (sequenceNumber === undefined) {
    return;
  }
  const parts = parseSequenceNumber(sequenceNumber);
  const isFuture = (parts?.timeSeconds ?? 0) * 1000 > deps.now();
  if (parts === undefined || (isFuture && !(await wasHandedOut(parts, entry, deps)))) {
    throw invalidArgument(
      `ExclusiveMinimumSequenceNumber ${sequenceNumber} used in PutRecord on stream ${stream.streamName} ` +
        `under account ${stream.accountId} is invalid.`,
    );
  }
}

/** Whether a record of the stream has exactly this number. */
async function wasHandedOut(parts: SequenceNumberParts, { stream, shards }: StreamEntry, deps: Deps): Promise<boolean> {
  const { shardIndex, shardCreatedSeconds, timeSeconds, sequenceIndex } = parts;
  if (
    sequenceIndex === undefined ||
    !shards.some(({ index, createdSeconds }) => index === shardIndex && createdSeconds === shardCreatedSeconds)
  ) {
    return false;
  }
  const { position, offset } = positionOfSequenceIndex(sequenceIndex);
  const batch = await getBatch(deps.tables, { streamId: stream.id, shardIndex }, position);
  return batch?.kind === 'data' && offset < batch.recordCount && Math.floor(batch.arrivalMs / 1000) === timeSeconds;
}
