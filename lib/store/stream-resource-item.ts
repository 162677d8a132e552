import type { ResourceMembers } from '../model/resource.ts';
import type { Stream } from '../model/stream.ts';
import { conditionally, getConsistently } from './condition.ts';
import { streamKey, streamResourceKey } from './table.ts';
import type { PutInput } from './table-client.ts';
import type { Tables } from './tables.ts';
import { storedTags, tagsFrom } from './tags-attribute.ts';

/**
 * A stream's tags and resource policy. They have an item of their own, because together they may be ninety times as
 * large as the stream item. The stream item is read often, and counting an account's streams reads all of them.
 */
export interface StreamResource extends ResourceMembers {
  /** Grows with every change. 0 if there is no item of its own. */
  readonly revision: number;
}

type Identity = Pick<Stream, 'name' | 'id'>;

/** Reads a stream's tags and policy, by consistent reads. */
export async function getStreamResource(tables: Tables, { name, id }: Identity): Promise<StreamResource> {
  const item = await getConsistently(tables, tables.streams, streamResourceKey(id));
  if (item !== undefined) {
    return { tags: tagsFrom(item.tags), policy: item.policy as string | null, revision: item.revision as number };
  }
  // Older streams have them in the stream item.
  const stream = await getConsistently(tables, tables.streams, streamKey(name));
  const { tags = [], policy = null } = stream?.id === id ? (stream as Record<string, unknown>) : {};
  return { tags: tagsFrom(tags), policy: policy as string | null, revision: 0 };
}

/**
 * Writes a stream's tags and policy.
 * @param replaces the revision that was last read; 0 for none
 * @returns false if they have changed or were removed since; then read them again
 */
export async function putStreamResource(
  tables: Tables,
  { id }: Pick<Stream, 'id'>,
  { tags, policy }: ResourceMembers,
  replaces: number,
): Promise<boolean> {
  const key = streamResourceKey(id);
  const put: PutInput = {
    TableName: tables.streams,
    Item: { ...key, tags: storedTags(tags), policy, revision: replaces + 1 },
    ...(replaces === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : { ConditionExpression: 'revision = :was', ExpressionAttributeValues: { ':was': replaces } }),
  };
  return (await conditionally(tables, tables.streams, key, () => tables.client.put(put))).held;
}

/** Removes the tags and policy of a stream that is deleted. */
export async function deleteStreamResource(tables: Tables, { id }: Pick<Stream, 'id'>): Promise<void> {
  await tables.client.delete({ TableName: tables.streams, Key: streamResourceKey(id) });
}
