import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, Capacity, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { consumerPartition, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE } from '../lib/store/table.ts';
import { sortKeyTypes } from '../lib/store/table-schemas.ts';
import type { TableCapacity } from './props.ts';

const ATTRIBUTE_TYPES = { S: AttributeType.STRING, N: AttributeType.NUMBER } as const;

export interface StreamTablesProps {
  /** Whether the data is deleted with the stack. */
  readonly sandbox: boolean;
  readonly capacity: TableCapacity;
}

/**
 * The streams table and the records table: encrypted, with point-in-time recovery. They are kept when the stack is
 * deleted, except in a sandbox.
 */
export class StreamTables extends Construct {
  readonly streams: TableV2;
  readonly records: TableV2;

  constructor(scope: Construct, id: string, { sandbox, capacity }: StreamTablesProps) {
    super(scope, id);
    const table = (tableId: string, name: keyof typeof sortKeyTypes, timeToLiveAttribute?: string): TableV2 =>
      new TableV2(this, tableId, {
        partitionKey: { name: PARTITION_KEY, type: AttributeType.STRING },
        sortKey: { name: SORT_KEY, type: ATTRIBUTE_TYPES[sortKeyTypes[name]] },
        billing: billing(capacity),
        encryption: TableEncryptionV2.dynamoOwnedKey(),
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: !sandbox,
        removalPolicy: sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        ...(timeToLiveAttribute !== undefined && { timeToLiveAttribute }),
      });
    this.streams = table('Streams', 'streams');
    this.records = table('Records', 'records', TTL_ATTRIBUTE);
  }

  /** The environment variables by which the functions find the tables. */
  get environment(): Record<string, string> {
    return { STREAMS_TABLE: this.streams.tableName, RECORDS_TABLE: this.records.tableName };
  }

  /** Allows what both functions need, and no more: no scans, no transactions, and no deletes except of consumers. */
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

  /** Allows what only the workflow does: it removes the items of deleted streams, and moves the expiry of records. */
  grantMaintenance(grantee: IGrantable): void {
    this.streams.grant(grantee, 'dynamodb:DeleteItem');
    this.records.grant(grantee, 'dynamodb:UpdateItem');
  }
}

function billing(capacity: TableCapacity): Billing {
  if (capacity.mode === 'on-demand') {
    return Billing.onDemand();
  }
  const scaled = Capacity.autoscaled({ minCapacity: capacity.minUnits, maxCapacity: capacity.maxUnits });
  return Billing.provisioned({ readCapacity: scaled, writeCapacity: scaled });
}
