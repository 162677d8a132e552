import { setTimeout as sleep } from 'node:timers/promises';

import type { Tables } from '../../lib/store/tables.ts';

/** What is written under faults is finished within this time, once there are none. */
const CLEAN_WITHIN_MS = 60_000;

/**
 * Waits until nothing half done is left. A creation that was answered with a fault may be applied when its process has given it up:
 * nobody carries it out before somebody asks for the stream.
 * @param ask asks for a stream, as a client does
 * @returns what is left all the same
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
 * What may not be left of a stream once all is quiet: a transition, a half-made shard, a shard that says another thing than
 * its tail. Shards of streams that are gone are no part of it: nobody can see them. One is left behind where a write is on
 * its way for longer than its stream lives.
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
