import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { BatchWriter, type OutgoingRecord, type PutResult, type WriterOptions } from './batch-writer.ts';

/** A writer into a stream of an endpoint. */
export const streamWriter = (
  client: KinesisClient,
  stream: string,
  options: Pick<WriterOptions<Uint8Array>, 'batch' | 'onPut'> = {},
): BatchWriter => new BatchWriter({ ...options, bytesOf: (data) => data.length, put: putInto(client, stream) });

const putInto =
  (client: KinesisClient, StreamName: string) =>
  async (records: readonly OutgoingRecord[]): Promise<readonly PutResult[]> => {
    const { Records = [] } = await client.send(
      new PutRecordsCommand({
        StreamName,
        Records: records.map(({ partitionKey, explicitHashKey, data }) => ({
          PartitionKey: partitionKey,
          ExplicitHashKey: explicitHashKey,
          Data: data,
        })),
      }),
    );
    return Records;
  };
