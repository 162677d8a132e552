import { TOKEN_KEY_BYTES } from '../model/token-cipher.ts';
import { conditionally, getConsistently } from './condition.ts';
import { tokenKeyKey } from './table.ts';
import type { PutInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/**
 * The key that encrypts iterators and pagination tokens. The first process that needs it makes it at random. Then all
 * processes that share the tables use it. It protects nothing that a reader of the tables could not read anyway.
 * @param randomBytes returns `count` unpredictable bytes
 */
export async function tokenKey(tables: Tables, randomBytes: (count: number) => Uint8Array): Promise<Uint8Array> {
  const found = await getConsistently(tables, tables.streams, tokenKeyKey);
  if (found !== undefined) {
    return found.key as Uint8Array;
  }
  const key = randomBytes(TOKEN_KEY_BYTES);
  const put: PutInput = {
    TableName: tables.streams,
    Item: { ...tokenKeyKey, key },
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  const outcome = await conditionally(tables, tables.streams, tokenKeyKey, () => tables.client.put(put));
  return outcome.held ? key : (outcome.found?.key as Uint8Array);
}
