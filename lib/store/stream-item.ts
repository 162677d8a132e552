import { isDeepStrictEqual } from 'node:util';
import type { Stream } from '../model/stream.ts';
import { conditionally, getConsistently } from './condition.ts';
import { STREAM_PARTITION, streamKey } from './table.ts';
import type { DeleteInput, PutInput, UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/**
 * The names that the API allows for streams and consumers. An ARN may contain any name. A name that nothing can have
 * is not used as a key.
 */
const NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

/** Whether a stream or a consumer can have this name. */
export const isPossibleName = (name: string): boolean => NAME.test(name);

/** The sort key of a stream item is the name; the other members of the stream are its attributes. */
function decode(item: Record<string, unknown>): Stream {
  // Older streams have their tags and policy in this item: see stream-resource-item.ts.
  const { pk: _pk, sk, tags: _tags, policy, ...attributes } = item;
  return { mayHavePolicy: Boolean(policy), ...attributes, name: sk } as unknown as Stream;
}

function encode(stream: Stream): Record<string, unknown> {
  const { name, ...attributes } = stream;
  return { ...streamKey(name), ...attributes };
}

/** Reads a stream, by a consistent read. @returns undefined if there is none */
export async function getStream(tables: Tables, streamName: string): Promise<Stream | undefined> {
  if (!isPossibleName(streamName)) {
    return undefined;
  }
  const item = await getConsistently(tables, tables.streams, streamKey(streamName));
  return item && decode(item);
}

/** Writes a new stream. @returns false if a stream of this name exists already, in any state */
export async function putNewStream(tables: Tables, stream: Stream): Promise<boolean> {
  const put: PutInput = {
    TableName: tables.streams,
    Item: encode(stream),
    ConditionExpression: 'attribute_not_exists(pk)',
  };
  const outcome = await conditionally(tables, tables.streams, streamKey(stream.name), () => tables.client.put(put));
  // A repeated put may find the item of its own first attempt.
  return outcome.held || outcome.found?.id === stream.id;
}

/** The members that change during a stream's life. `undefined` removes a member. */
export type StreamChanges = Partial<Omit<Stream, 'name' | 'id' | 'revision' | 'createdMs'>>;

/**
 * Changes a stream, on condition that it still has the id and the revision that were last read.
 * @returns false if the stream has changed since; then read it again
 */
export function changeStream(tables: Tables, stream: Stream, changes: StreamChanges): Promise<boolean> {
  const unchanged = { condition: '#revision = :revision', names: {}, values: { ':revision': stream.revision } };
  return updateStream(tables, stream, unchanged, changes);
}

/**
 * Changes a stream for its transition, on condition that the stream is still in this transition. Other members may
 * have changed meanwhile.
 * @returns false if the stream is gone, or is no longer in this transition
 */
export function changeStreamInTransition(
  tables: Tables,
  stream: Stream,
  transitionId: string,
  changes: StreamChanges,
): Promise<boolean> {
  const owned = {
    condition: '#transition.id = :was',
    names: { '#transition': 'transition' },
    values: { ':was': transitionId },
  };
  return updateStream(tables, stream, owned, changes);
}

interface Guard {
  readonly condition: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
}

async function updateStream(tables: Tables, stream: Stream, guard: Guard, changes: StreamChanges): Promise<boolean> {
  const names: Record<string, string> = { '#id': 'id', '#revision': 'revision', ...guard.names };
  const values: Record<string, unknown> = { ':id': stream.id, ':one': 1, ...guard.values };
  const sets = ['#revision = #revision + :one'];
  const removes: string[] = [];
  for (const [name, value] of Object.entries(changes)) {
    names[`#${name}`] = name;
    if (value === undefined) {
      removes.push(`#${name}`);
    } else {
      sets.push(`#${name} = :${name}`);
      values[`:${name}`] = value;
    }
  }
  const update: UpdateInput = {
    TableName: tables.streams,
    Key: streamKey(stream.name),
    ConditionExpression: `#id = :id AND ${guard.condition}`,
    UpdateExpression: `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
  const key = streamKey(stream.name);
  const outcome = await conditionally(tables, tables.streams, key, () => tables.client.update(update));
  return outcome.held || (outcome.found !== undefined && hasBegun(outcome.found, changes));
}

/** Whether a change that begins or advances a run is stored already: a repeated update finds its first attempt. */
function hasBegun(found: Record<string, unknown>, changes: StreamChanges): boolean {
  const run = changes.transition ?? changes.expiryRewrite;
  return run !== undefined && Object.entries(changes).every(([name, value]) => isDeepStrictEqual(found[name], value));
}

/** Removes a stream at the end of the transition that deletes it. @returns false if it was gone already */
export async function deleteStreamItem(tables: Tables, stream: Stream, transitionId: string): Promise<boolean> {
  const remove: DeleteInput = {
    TableName: tables.streams,
    Key: streamKey(stream.name),
    ConditionExpression: '#id = :id AND #transition.id = :was',
    ExpressionAttributeNames: { '#id': 'id', '#transition': 'transition' },
    ExpressionAttributeValues: { ':id': stream.id, ':was': transitionId },
  };
  return (await conditionally(tables, tables.streams, streamKey(stream.name), () => tables.client.delete(remove))).held;
}

/** The number of streams in one page of a search. */
const SEARCH_PAGE = 1_000;

/** Whether a stream with this id exists, under any name. Reads all streams until it finds one. */
export async function hasStream(tables: Tables, id: string): Promise<boolean> {
  let after: string | undefined;
  for (let more = true; more; ) {
    const page = await listStreams(tables, { after, limit: SEARCH_PAGE });
    if (page.streams.some((stream) => stream.id === id)) {
      return true;
    }
    after = page.streams.at(-1)?.name;
    ({ more } = page);
  }
  return false;
}

/**
 * Lists streams in the order of their names.
 * @param after leaves out names up to and including this one; a stream of this name need not exist
 * @param limit the largest number of streams to return, 1 or more
 */
export async function listStreams(
  tables: Tables,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ streams: Stream[]; more: boolean }> {
  const streams: Stream[] = [];
  let last = after;
  for (;;) {
    const page = await tables.client.query({
      TableName: tables.streams,
      KeyConditionExpression: last === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :after',
      ExpressionAttributeValues: { ':pk': STREAM_PARTITION, ...(last !== undefined && { ':after': last }) },
      // One stream more than requested shows whether there are more.
      Limit: limit + 1 - streams.length,
      ConsistentRead: true,
    });
    streams.push(...(page.Items ?? []).map(decode));
    if (streams.length > limit || page.LastEvaluatedKey === undefined) {
      return { streams: streams.slice(0, limit), more: streams.length > limit };
    }
    last = streams.at(-1)?.name;
  }
}
