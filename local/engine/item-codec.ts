import { InternalServerError } from './errors.ts';
import type { Item } from './values.ts';

/** An item without its key, as a row stores it: JSON, and the bytes of its attributes, one after the other. */
export interface StoredItem {
  readonly doc: string;
  readonly bin: Uint8Array | null;
}

/** The attributes that are not bytes, and the names and lengths of the others. */
type Document = readonly [attributes: Item, bytes?: readonly (readonly [name: string, length: number])[]];

/**
 * JSON is several times faster than any other format of the runtime, and all versions of Node read it. Bytes
 * would grow in it, so they are stored separately.
 * @param pk the names of the key's attributes, which are left out
 */
export function encodeItem(item: Item, pk: string, sk: string): StoredItem {
  const attributes: Item = {};
  let parts: Uint8Array[] | undefined;
  let lengths: [string, number][] | undefined;
  for (const name in item) {
    const value = item[name];
    if (value instanceof Uint8Array) {
      parts ??= [];
      lengths ??= [];
      parts.push(value);
      lengths.push([name, value.length]);
    } else if (value !== undefined && name !== pk && name !== sk) {
      attributes[name] = value;
    }
  }
  const [first] = parts ?? [];
  return {
    doc: JSON.stringify(lengths === undefined ? [attributes] : [attributes, lengths]),
    bin: first === undefined ? null : parts?.length === 1 ? first : Buffer.concat(parts ?? []),
  };
}

/** @throws InternalServerError for what this engine has not written */
export function decodeItem(key: Item, { doc, bin }: StoredItem): Item {
  const [attributes, lengths] = parsed(doc);
  const item: Item = Object.assign(key, attributes);
  let at = 0;
  for (const [name, length] of lengths ?? []) {
    item[name] = bin?.subarray(at, at + length) ?? new Uint8Array();
    at += length;
  }
  if (at !== (bin?.length ?? 0)) {
    throw damaged();
  }
  return item;
}

function parsed(doc: string): Document {
  try {
    return JSON.parse(doc);
  } catch {
    throw damaged();
  }
}

const damaged = (): InternalServerError => new InternalServerError('an item of the file is damaged');
