import type { Consumer } from '../model/consumer.ts';
import { conditionally, getConsistently } from './condition.ts';
import { queryAll } from './query-all.ts';
import { isPossibleName } from './stream-item.ts';
import { consumerKey, consumerPartition } from './table.ts';
import type { DeleteInput, PutInput } from './table-client.ts';
import type { Tables } from './tables.ts';
import { storedTags, tagsFrom } from './tags-attribute.ts';

function decode(item: Record<string, unknown>): Consumer {
  const { pk: _pk, sk, tags, ...attributes } = item;
  return { ...attributes, name: sk, tags: tagsFrom(tags) } as unknown as Consumer;
}

/** Reads a consumer, by a consistent read, also a deregistered one that is still stored. @returns undefined if none */
export async function getConsumer(tables: Tables, streamId: string, name: string): Promise<Consumer | undefined> {
  if (!isPossibleName(name)) {
    return undefined;
  }
  const item = await getConsistently(tables, tables.streams, consumerKey(streamId, name));
  return item && decode(item);
}

/**
 * Writes a consumer.
 * @param replaces the consumer as it was last read; undefined if there was none
 * @returns false if it has changed since that read; then read it again
 */
export async function putConsumer(
  tables: Tables,
  streamId: string,
  consumer: Consumer,
  replaces: Consumer | undefined,
): Promise<boolean> {
  const { name, tags, ...attributes } = consumer;
  const key = consumerKey(streamId, name);
  const put: PutInput = {
    TableName: tables.streams,
    Item: { ...key, ...attributes, tags: storedTags(tags), revision: (replaces?.revision ?? 0) + 1 },
    ...(replaces === undefined
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : { ConditionExpression: 'revision = :was', ExpressionAttributeValues: { ':was': replaces.revision } }),
  };
  return (await conditionally(tables, tables.streams, key, () => tables.client.put(put))).held;
}

/** Reads a stream's consumers in the order of their names, also deregistered ones that are still stored. */
export async function listConsumers(tables: Tables, streamId: string): Promise<Consumer[]> {
  return (await queryAll(tables, consumerPartition(streamId))).map(decode);
}

/** Removes a consumer, unless it has changed since it was read. A consumer that was registered again stays. */
export async function deleteConsumer(tables: Tables, streamId: string, consumer: Consumer): Promise<void> {
  const key = consumerKey(streamId, consumer.name);
  const remove: DeleteInput = {
    TableName: tables.streams,
    Key: key,
    ConditionExpression: 'revision = :was',
    ExpressionAttributeValues: { ':was': consumer.revision },
  };
  await conditionally(tables, tables.streams, key, () => tables.client.delete(remove));
}
