import { invalidArgument, type StreamReference, writeRateExceededSentence } from '../../faults.ts';
import { logRecord } from '../../log/batch-body.ts';
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
import { boolean, integer, list, required, string, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import {
  checkExplicitHashKey,
  checkRecordSizes,
  encryptionMember,
  type PutResult,
  putToStream,
} from './put-to-stream.ts';

/**
 * Writes up to 500 records. Each succeeds or fails on its own.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */
export const putRecords = operation({
  name: 'PutRecords',
  input: structure({
    Records: required(
      list(
        structure({
          PartitionKey: required(PartitionKey),
          ExplicitHashKey: HashKey,
          Data: required(Data),
        }),
        { min: 1, max: 500, sensitive: true },
      ),
    ),
    StreamName: StreamName,
    StreamARN: StreamArn,
    StreamId: StreamId,
    DryRun: boolean,
  }),
  output: structure({
    FailedRecordCount: integer({}),
    Records: required(
      list(
        structure({
          SequenceNumber: SequenceNumber,
          ShardId: ShardId,
          ErrorCode: string({}),
          ErrorMessage: string({}),
        }),
      ),
    ),
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
    const records = input.Records.map(({ PartitionKey, ExplicitHashKey, Data }) =>
      logRecord({ partitionKey: PartitionKey, explicitHashKey: ExplicitHashKey, data: Data }),
    );
    for (const record of records) {
      checkExplicitHashKey(record.explicitHashKey);
    }
    const total = records.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total > deps.limits.putRecordsBytes) {
      throw invalidArgument(`Records size exceeds ${deps.limits.putRecordsBytes / 1024 / 1024} MB limit`);
    }
    const member = (index: number) => `records.${index + 1}.member.data`;
    const entry = await checkRecordSizes(records, reference, remembered, member, deps);
    endDryRun(input, reference, deps);
    const results = await putToStream(reference, entry, records, deps);
    return {
      FailedRecordCount: results.filter((result) => result.kind !== 'put').length,
      Records: results.map((result) => resultEntry(result, reference)),
      ...encryptionMember(entry.stream),
    };
  },
});

function resultEntry(result: PutResult, reference: StreamReference) {
  switch (result.kind) {
    case 'put':
      return { SequenceNumber: result.sequenceNumber, ShardId: shardId(result.shard.index) };
    case 'throttled':
      return {
        ErrorCode: 'ProvisionedThroughputExceededException',
        ErrorMessage: writeRateExceededSentence(reference, shardId(result.shard.index)),
      };
    case 'failed':
      return { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal Service Failure' };
  }
}
