import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { PARTITION_KEY, SORT_KEY } from './table.ts';
import type { Tables } from './tables.ts';

/**
 * The types of the two tables' sort keys. The partition keys are strings. CDK and the local server create the tables
 * from this.
 */
export const sortKeyTypes = { streams: 'S', records: 'N' } as const;

/** The CreateTable inputs for the two tables. */
export function createTableInputs(tables: Pick<Tables, 'streams' | 'records'>): CreateTableCommandInput[] {
  return (['streams', 'records'] as const).map((table) => ({
    TableName: tables[table],
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: PARTITION_KEY, AttributeType: 'S' },
      { AttributeName: SORT_KEY, AttributeType: sortKeyTypes[table] },
    ],
    KeySchema: [
      { AttributeName: PARTITION_KEY, KeyType: 'HASH' },
      { AttributeName: SORT_KEY, KeyType: 'RANGE' },
    ],
  }));
}
