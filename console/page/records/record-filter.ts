import { JSONPathEnvironment } from 'json-p3';
import { decodeRecord } from '../../../client/records/decode.ts';
import { browserCodecs } from './codecs.ts';
import type { FilterInput } from './messages.ts';
import type { StoredRow } from './record-store.ts';

/** Whether a record is shown. */
export type Accepts = (row: StoredRow) => boolean;

/** How deep `..` descends. What is nested deeper is not found. */
const MAX_DEPTH = 200;

/**
 * The functions `match` and `search` are left out: some regular expressions take longer than any record is worth, and an address
 * can bring one along.
 */
const JSON_PATHS = new JSONPathEnvironment({ maxRecursionDepth: MAX_DEPTH });
JSON_PATHS.functionRegister.delete('match');
JSON_PATHS.functionRegister.delete('search');

/**
 * Makes a filter: by a part of the partition key, a part of the text, or a JSON path (RFC 9535), which may be compared with a
 * value: `$.order.total > 100`, `$.name ~ ann`. Records that a producer has packed into one are looked at one by one.
 * The filter itself throws nothing: a record that it cannot look into, because it is nested too deep, does not match.
 * @throws Error for what is no path
 */
export function compileFilter(filter: FilterInput): Accepts {
  const accepts = acceptsOf(filter);
  return (row) => {
    try {
      return accepts(row);
    } catch {
      return false;
    }
  };
}

function acceptsOf({ field, text }: FilterInput): Accepts {
  switch (field) {
    case 'key':
      return (row) => opened(row).some(({ partitionKey }) => partitionKey.includes(text));
    case 'text': {
      const wanted = text.toLowerCase();
      return (row) =>
        opened(row).some(({ data }) => data.encoding !== 'binary' && data.text.toLowerCase().includes(wanted));
    }
    case 'path': {
      const accepts = compilePath(text);
      return (row) => opened(row).some(({ data }) => data.encoding === 'json' && accepts(data.value));
    }
  }
}

const opened = ({ partitionKey, data }: StoredRow) => decodeRecord(partitionKey, data, browserCodecs);

type Matches = (value: unknown) => boolean;

function compilePath(text: string): Matches {
  const whole = pathOf(text);
  if (whole !== undefined) {
    return (value) => whole(value).length > 0;
  }
  const [, path = '', operator = '', literal = ''] = QUOTED.exec(text) ?? UNQUOTED.exec(text) ?? [];
  const compared = pathOf(path);
  if (compared === undefined) {
    throw new Error('This is no JSON path. Examples: $.order.id, $.total > 100, $.name ~ ann, $.items[?@.price > 5]');
  }
  const matches = comparison(operator, literalOf(literal.trim()));
  return (value) => compared(value).some(matches);
}

/** A path, an operator and a value. The last operator counts: a path may have others, in its brackets. */
const UNQUOTED = /^(.*[^\s=<>!~])\s*(==|!=|<=|>=|=|<|>|~)\s*([^=<>~"]*[^\s=<>~"])\s*$/s;
const QUOTED = /^(.*[^\s=<>!~])\s*(==|!=|<=|>=|=|<|>|~)\s*("(?:[^"\\]|\\.)*")\s*$/s;

/** @returns undefined for a text that is no path */
function pathOf(text: string): ((value: unknown) => unknown[]) | undefined {
  try {
    const query = JSON_PATHS.compile(text.trim());
    return (value) => query.query(value as never).values();
  } catch {
    return undefined;
  }
}

/** A value as JSON, or a word as it is. */
function literalOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function comparison(operator: string, wanted: unknown): Matches {
  const plain = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : `${value}`);
  const isSame = (value: unknown) => plain(value) === plain(wanted);
  const inOrder =
    (isRight: (value: number | string, than: number | string) => boolean): Matches =>
    (value) =>
      (typeof value === 'number' || typeof value === 'string') &&
      (typeof wanted === 'number' || typeof wanted === 'string') &&
      typeof value === typeof wanted &&
      isRight(value, wanted);
  switch (operator) {
    case '!=':
      return (value) => !isSame(value);
    case '<':
      return inOrder((value, than) => value < than);
    case '<=':
      return inOrder((value, than) => value <= than);
    case '>':
      return inOrder((value, than) => value > than);
    case '>=':
      return inOrder((value, than) => value >= than);
    case '~':
      return (value) => plain(value).toLowerCase().includes(plain(wanted).toLowerCase());
    default:
      return isSame;
  }
}
