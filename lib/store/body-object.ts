import { shardId } from '../model/shard.ts';
import type { DataBatch } from './batch-item.ts';
import type { BodyStore } from './body-store.ts';
import { OBJECT_LIVES_DAYS, objectPrefix } from './object-lives.ts';
import { retried } from './retries.ts';
import type { ShardReference } from './table.ts';
import type { Tables } from './tables.ts';

const DAY_SECONDS = 86_400;

/** How much sooner than by its rule an object may be gone, s: clocks differ, and it is put before the batch arrives. */
export const OBJECT_LIFE_MARGIN_SECONDS = 1_800;

/** An object under the name of its body's writer, which no other body has. */
const objectKey = ({ streamId, shardIndex }: ShardReference, writer: string, days: number): string =>
  `${objectPrefix(days)}${streamId}/${shardId(shardIndex)}/${writer}`;

/**
 * Returns the shortest life with which an object that is put now outlives a time.
 * @param untilSeconds epoch seconds
 */
export function lifeUntil(untilSeconds: number, nowMs: number): number {
  const needed = untilSeconds + OBJECT_LIFE_MARGIN_SECONDS - Math.floor(nowMs / 1_000);
  const days = OBJECT_LIVES_DAYS.find((life) => life * DAY_SECONDS >= needed);
  if (days === undefined) {
    throw new Error(`no object lives until ${untilSeconds}`);
  }
  return days;
}

/** The time until which such an object is certainly there, epoch seconds. @param putMs when it was put, or earlier */
export const objectExpirySeconds = (putMs: number, days: number): number =>
  Math.floor(putMs / 1_000) + days * DAY_SECONDS - OBJECT_LIFE_MARGIN_SECONDS;

/** What a batch remembers of a body that is an object. */
export type BodyObject = Required<Pick<DataBatch, 'objectDays' | 'objectBytes'>>;

/**
 * OBJECT: stores a body as an object. Each attempt has a name of its own, so that one that is applied late damages nothing.
 * @param newWriter makes a name that no other body has
 * @returns the name under which the body is complete
 * @throws StoreThrottled if every attempt was refused for the load
 */
export async function putBodyObject(
  bodies: BodyStore,
  shard: ShardReference,
  bytes: Uint8Array,
  { objectDays, newWriter }: { readonly objectDays: number; readonly newWriter: () => string },
): Promise<{ readonly writer: string; readonly content: BodyObject }> {
  const writer = await retried('S3', async () => {
    const name = newWriter();
    await bodies.put(objectKey(shard, name, objectDays), bytes);
    return name;
  });
  return { writer, content: { objectDays, objectBytes: bytes.length } };
}

/**
 * Reads a body that is an object. A batch of a restored table may name an object whose life is over, while a copy of it lives: then
 * the copy is found.
 * @returns undefined if it is gone
 * @throws Error without a store for bodies
 */
export async function getBodyObject(
  { bodies }: Pick<Tables, 'bodies'>,
  shard: ShardReference,
  { writer, objectDays = 0 }: Pick<DataBatch, 'writer' | 'objectDays'>,
): Promise<Uint8Array | undefined> {
  for (const days of livesFrom(objectDays)) {
    const body = await required(bodies).get(objectKey(shard, writer, days));
    if (body !== undefined) {
      return body;
    }
  }
  return undefined;
}

const livesFrom = (objectDays: number): number[] => OBJECT_LIVES_DAYS.filter((days) => days >= objectDays);

/** An object is gone before its time: its bucket is another one than that of the batch, or has lost it. */
export class ObjectGone extends Error {
  override readonly name = 'ObjectGone';
}

/**
 * Makes sure that the object of a batch is kept until a time. An object keeps the life of its prefix. If that is too short, the
 * object is copied to a prefix with a longer one, and its life begins anew. A reader that has read the batch before finds the older
 * object, which is kept for as long as it was.
 * @param untilSeconds epoch seconds
 * @returns the life that the batch has to name from then on, days; undefined if the object has expired
 * @throws ObjectGone if the object is gone before its time
 */
export async function keepObject(
  { bodies }: Pick<Tables, 'bodies'>,
  shard: ShardReference,
  { writer, objectDays = 0, arrivalMs }: Pick<DataBatch, 'writer' | 'objectDays' | 'arrivalMs'>,
  untilSeconds: number,
  nowMs: number,
): Promise<number | undefined> {
  if (objectExpirySeconds(arrivalMs, objectDays) >= untilSeconds) {
    return objectDays;
  }
  const store = required(bodies);
  const key = (days: number) => objectKey(shard, writer, days);
  const sources = livesFrom(objectDays);
  const least = lifeUntil(untilSeconds, nowMs);
  const target = sources.find((days) => days > objectDays && days >= least) ?? objectDays;
  for (const days of sources.filter((source) => source !== target)) {
    if (await store.copy(key(days), key(target))) {
      return target;
    }
  }
  // Only an earlier copy is left. How old it is, nobody knows: it may have been made when the records arrived.
  const further = sources.find((days) => days > target);
  if (further !== undefined && (await store.copy(key(target), key(further)))) {
    return further;
  }
  if (nowMs < objectExpirySeconds(arrivalMs, objectDays) * 1_000) {
    throw new ObjectGone(`the object ${key(objectDays)} is gone before its time`);
  }
  return undefined;
}

/** @throws Error if this process was not told where bodies are: it must not take them for expired */
function required(bodies: BodyStore | undefined): BodyStore {
  if (bodies === undefined) {
    throw new Error('a batch has its body in a bucket, and BODIES_BUCKET names none');
  }
  return bodies;
}
