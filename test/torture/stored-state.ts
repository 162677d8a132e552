import { setTimeout as sleep } from 'node:timers/promises';

import type { Tables } from '../../lib/store/tables.ts';

/** What is half done under faults is finished within this time, once there are no more faults. */
const CLEAN_WITHIN_MS = 60_000;

/**
 * Waits until nothing half done is left. When a creation has returned a fault, DynamoDB may still apply its write,
 * after its process has given it up. Then the creation continues only when a client asks for the stream.
 * @param ask asks for a stream, as a client does
 * @returns what is still left
 */
export async function cleanState(tables: Tables, ask: (streamName: string) => Promise<unknown>): Promise<string[]> {
  let left = await leftovers(tables);
  for (const endMs = Date.now() + CLEAN_WITHIN_MS; left.length > 0 && Date.now() < endMs; ) {
    for (const { sk } of (await allItems(tables)).filter(isChanging)) {
      await ask(String(sk));
    }
    await sleep(500);
    left = await leftovers(tables);
  }
  return left;
}

const isChanging = ({ pk, status, transition }: Record<string, unknown>): boolean =>
  pk === 'STREAM' && (status !== 'ACTIVE' || transition !== undefined);

/**
 * What must not be left of a stream once all is quiet: a transition, a half-made shard, or a shard whose state differs
 * from that of its tail. Shards of deleted streams do not count, because nobody can see them. Such a shard is left
 * when a write is under way for longer than its stream lives.
 */
async function leftovers(tables: Tables): Promise<string[]> {
  const items = await allItems(tables);
  const streams = items.filter(({ pk }) => pk === 'STREAM');
  const ids = new Set(streams.map(({ id }) => id));
  const shardStates = new Map(
    items
      .filter(({ pk }) => String(pk).startsWith('SHARD#'))
      .map(({ pk, sk, state }) => [`${String(pk).slice('SHARD#'.length)}#${sk}`, state]),
  );
  const tailStates = new Map(
    items
      .filter(({ pk }) => String(pk).startsWith('TAIL#'))
      .map(({ pk, shardState }) => [String(pk).slice('TAIL#'.length), shardState]),
  );
  const names = [...new Set([...shardStates.keys(), ...tailStates.keys()])].filter((name) =>
    ids.has(name.slice(0, name.indexOf('#'))),
  );
  return [
    ...streams.filter(isChanging).map(({ sk, status }) => `stream ${sk} is ${status}`),
    ...names
      .filter((name) => shardStates.get(name) !== tailStates.get(name) || shardStates.get(name) === 'PENDING')
      .map((name) => `shard ${name} is ${shardStates.get(name)}, and its tail ${tailStates.get(name)}`),
  ];
}

async function allItems(tables: Tables): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.scan({
      TableName: tables.streams,
      ConsistentRead: true,
      ...(ExclusiveStartKey && { ExclusiveStartKey }),
    });
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}
