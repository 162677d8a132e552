import type { Deps } from '../deps.ts';
import { internalFailure, invalidArgument, type StreamReference, writeRateExceeded } from '../faults.ts';
import { parseSequenceNumber } from '../model/sequence-number.ts';
import { shardId } from '../model/shard.ts';
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
} from '../schema/shapes.ts';
import { required, structure } from '../schema/structure.ts';
import { addressedStream } from './addressed-stream.ts';
import { servingStream } from './existing-stream.ts';
import { operation } from './operation.ts';
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
    'InternalFailure',
  ],
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const remembered = await servingStream(reference, deps);
    const record = {
      partitionKey: input.PartitionKey,
      explicitHashKey: input.ExplicitHashKey,
      data: input.Data,
    };
    checkExplicitHashKey(input.ExplicitHashKey);
    checkOrdering(input.SequenceNumberForOrdering, reference, deps);
    const entry = await checkRecordSizes([record], reference, remembered, () => 'data', deps);
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
 * The new number has to be greater than this one. Numbers of a shard always increase, so that the number could have been
 * handed out by now is all there is to check.
 */
function checkOrdering(sequenceNumber: string | undefined, stream: StreamReference, deps: Deps): void {
  if (sequenceNumber === undefined) {
    return;
  }
  const parts = parseSequenceNumber(sequenceNumber);
  if (parts === undefined || (parts.timeSeconds ?? 0) * 1000 > deps.now()) {
    throw invalidArgument(
      `ExclusiveMinimumSequenceNumber ${sequenceNumber} used in PutRecord on stream ${stream.streamName} ` +
        `under account ${stream.accountId} is invalid.`,
    );
  }
}
