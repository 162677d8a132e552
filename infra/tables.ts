import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { consumerPartition, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE } from '../lib/store/table.ts';
import { sortKeyTypes } from '../lib/store/table-schemas.ts';

const ATTRIBUTE_TYPES = { S: AttributeType.STRING, N: AttributeType.NUMBER } as const;

/**
 * The streams table and the records table: on-demand, encrypted, with point-in-time recovery, kept when the stack goes.
 */
export class StreamTables extends Construct {
  readonly streams: TableV2;
  readonly records: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.streams = this.#table('Streams', 'streams');
    this.records = this.#table('Records', 'records', TTL_ATTRIBUTE);
  }

  /** The variables by which the functions find the tables. */
  get environment(): Record<string, string> {
    return { STREAMS_TABLE: this.streams.tableName, RECORDS_TABLE: this.records.tableName };
  }

  /** What both functions do with the tables, and no more: no scans, no transactions, no deletes but of old consumers. */
  grantUse(grantee: IGrantable): void {
    this.streams.grant(grantee, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    this.records.grant(grantee, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem');
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['dynamodb:DeleteItem'],
        resources: [this.streams.tableArn],
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [consumerPartition('*')] } },
      }),
    );
  }

  /** What only the workflow does: removing the items of a deleted stream, and moving the expiry of records. */
  grantMaintenance(grantee: IGrantable): void {
    this.streams.grant(grantee, 'dynamodb:DeleteItem');
    this.records.grant(grantee, 'dynamodb:UpdateItem');
  }

  #table(id: string, name: keyof typeof sortKeyTypes, timeToLiveAttribute?: string): TableV2 {
    return new TableV2(this, id, {
      partitionKey: { name: PARTITION_KEY, type: AttributeType.STRING },
      sortKey: { name: SORT_KEY, type: ATTRIBUTE_TYPES[sortKeyTypes[name]] },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(timeToLiveAttribute !== undefined && { timeToLiveAttribute }),
    });
  }
}
