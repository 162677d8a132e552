import { randomBytes } from 'node:crypto';
import {
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { MAX_ITEM_BODY_BYTES } from '../../lib/model/limits.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { openS3Bodies } from '../../lib/store/s3-bodies.ts';
import { TTL_ATTRIBUTE } from '../../lib/store/table.ts';
import { openTables } from '../../lib/store/tables.ts';
import { adoptTables } from '../../lib/workflows/adopt-tables.ts';
import { printJson } from '../output.ts';

interface AdoptOptions {
  readonly streamsTable: string;
  readonly recordsTable: string;
  readonly bodiesBucket?: string | undefined;
  readonly region?: string | undefined;
  readonly json?: true | undefined;
}

const ID_BYTES = 9;

/** Prepares restored tables for a stack that adopts them, with the AWS credentials of the environment or of AWS_PROFILE. */
export async function adopt({ streamsTable, recordsTable, bodiesBucket, region, json }: AdoptOptions): Promise<void> {
  const client = new DynamoDBClient({ ...(region && { region }) });
  const account = { accountId: '000000000000', region: region ?? (await client.config.region()) };
  const dynamodb = openDynamoDb({ account, dynamodbEndpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB });
  try {
    const bucket = bodiesBucket && { bucket: bodiesBucket, aboveBytes: MAX_ITEM_BODY_BYTES };
    const bodies = bucket ? openS3Bodies({ account, s3Endpoint: process.env.AWS_ENDPOINT_URL_S3 }, bucket) : undefined;
    const tables = openTables(dynamodb, { streamsTable, recordsTable }, bodies);
    const newId = () => randomBytes(ID_BYTES).toString('base64url');
    const told = json ? undefined : ({ name }: { readonly name: string }) => console.log(`${name} is prepared`);
    const { streams, shards } = await adoptTables({ tables, now: Date.now, newId }, told);
    // Not earlier: DynamoDB would remove what has to be kept for longer.
    await restoreSettings(client, { streamsTable, recordsTable });
    if (json) {
      printJson({ streams, shards });
      return;
    }
    console.log(
      `${streams} streams with ${shards} shards are ready. Deploy: npx cdk deploy -c adoptTables=${streamsTable},${recordsTable}`,
    );
  } finally {
    dynamodb.close();
    client.destroy();
  }
}

/** A restored table has no expiry, no point-in-time recovery and no protection, whatever the saved one had. */
async function restoreSettings(
  client: DynamoDBClient,
  { streamsTable, recordsTable }: Pick<AdoptOptions, 'streamsTable' | 'recordsTable'>,
): Promise<void> {
  for (const TableName of [streamsTable, recordsTable]) {
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await client
      .send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }))
      .catch(unlessSet(`point-in-time recovery of ${TableName}`));
    await client
      .send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }))
      .catch(unlessSet(`deletion protection of ${TableName}`));
  }
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  await client
    .send(new UpdateTimeToLiveCommand({ TableName: recordsTable, TimeToLiveSpecification }))
    .catch(unlessSet(`expiry of ${recordsTable}`));
}

/** DynamoDB refuses a setting that a table has already. An engine that stands in for it may not know the call. */
function unlessSet(setting: string): (error: unknown) => void {
  return (error) => {
    const { name, message } = error as Error;
    if (name === 'UnknownOperationException') {
      console.error(`This endpoint has no ${setting}.`);
    } else if (!(name === 'ValidationException' && /already|no change/i.test(message))) {
      throw error;
    }
  };
}
