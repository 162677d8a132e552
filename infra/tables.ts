import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, Capacity, type ITableV2, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { consumerPartition, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE } from '../lib/store/table.ts';
import { sortKeyTypes } from '../lib/store/table-schemas.ts';
import { acknowledgeKey } from './acknowledgements.ts';
import type { AdoptedTables, TableCapacity } from './props.ts';

const ATTRIBUTE_TYPES = { S: AttributeType.STRING, N: AttributeType.NUMBER } as const;

export interface StreamTablesProps {
  /** Whether the data is deleted with the stack. */
  readonly sandbox: boolean;
  readonly capacity: TableCapacity;
  readonly adopted: AdoptedTables | undefined;
  readonly encryptionKey: IKey | undefined;
}

/**
 * The streams table and the records table: encrypted, with point-in-time recovery. They are kept when the stack is
 * deleted, except in a sandbox. Adopted tables stay as they are; `rivulet adopt` prepares them.
 */
export class StreamTables extends Construct {
  readonly streams: ITableV2;
  readonly records: ITableV2;
  readonly #isAdopted: boolean;
  readonly #encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, { sandbox, capacity, adopted, encryptionKey }: StreamTablesProps) {
    super(scope, id);
    this.#isAdopted = adopted !== undefined;
    this.#encryptionKey = encryptionKey;
    const table = (tableId: string, name: keyof typeof sortKeyTypes, timeToLiveAttribute?: string): ITableV2 =>
      adopted !== undefined
        ? TableV2.fromTableName(this, tableId, adopted[name])
        : new TableV2(this, tableId, {
            partitionKey: { name: PARTITION_KEY, type: AttributeType.STRING },
            sortKey: { name: SORT_KEY, type: ATTRIBUTE_TYPES[sortKeyTypes[name]] },
            billing: billing(capacity),
            encryption: encryptionKey
              ? TableEncryptionV2.customerManagedKey(encryptionKey)
              : TableEncryptionV2.dynamoOwnedKey(),
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
    return {
      STREAMS_TABLE: this.streams.tableName,
      RECORDS_TABLE: this.records.tableName,
      ...(this.#isAdopted && { ADOPTED: 'on' }),
    };
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

  /** Allows to use the owner's key, if there is one, for everything that it encrypts. */
  grantKey(role: IRole): void {
    if (this.#encryptionKey !== undefined) {
      this.#encryptionKey.grantEncryptDecrypt(role);
      acknowledgeKey(role);
    }
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
