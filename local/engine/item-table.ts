import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { unsupported, ValidationException } from './errors.ts';
import { decodeItem, encodeItem, type StoredItem } from './item-codec.ts';
import type { AttributeRange, Bound } from './key-range.ts';
import { type Item, typeOf } from './values.ts';

/** A table's name, and the names and types of the two attributes of its key. */
export interface TableSchema {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Partition keys are texts. */
  readonly sortKeyType: 'S' | 'N';
}

/** The key of an item. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string | number;
}

/** An item as it is read: its key, its size by DynamoDB's rules, and its attributes. */
export interface Row {
  readonly item: Item;
  readonly bytes: number;
}

interface StoredRow extends StoredItem, ItemKey {
  readonly bytes: number;
}

/** Which rows are read, and in which order. */
export interface Range {
  /** Undefined: all partitions. */
  readonly partition: string | undefined;
  readonly sort?: AttributeRange | undefined;
  readonly descending?: boolean;
  /** The key of the last row that was read before. */
  readonly after?: ItemKey | undefined;
}

/** Few enough not to block the event loop for long. */
const DISCARDED_AT_ONCE = 32;

const COLUMNS = 'pk, sk, bytes, doc, bin';

/** A table of the database: one row for each item, by its key. */
export class ItemTable {
  readonly schema: TableSchema;
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #read: StatementSync;
  readonly #insert: StatementSync;
  readonly #replace: StatementSync;
  readonly #remove: StatementSync;
  readonly #discard: StatementSync;
  readonly #ranges = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, schema: TableSchema) {
    this.schema = schema;
    this.#database = database;
    this.#table = `"${schema.name.replaceAll('"', '""')}"`;
    const sortColumn = schema.sortKeyType === 'N' ? 'NUMERIC' : 'TEXT';
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (pk TEXT NOT NULL, sk ${sortColumn} NOT NULL, bytes INTEGER NOT NULL, ` +
        'doc TEXT NOT NULL, bin BLOB, PRIMARY KEY (pk, sk))',
    );
    const values = `INTO ${this.#table} (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`;
    this.#read = database.prepare(`SELECT ${COLUMNS} FROM ${this.#table} WHERE pk = ? AND sk = ?`);
    this.#insert = database.prepare(`INSERT ${values} ON CONFLICT DO NOTHING`);
    this.#replace = database.prepare(`REPLACE ${values}`);
    this.#remove = database.prepare(`DELETE FROM ${this.#table} WHERE pk = ? AND sk = ?`);
    this.#discard = database.prepare(
      `DELETE FROM ${this.#table} WHERE rowid IN ` +
        `(SELECT rowid FROM ${this.#table} WHERE pk >= ? AND pk < ? AND bin IS NOT NULL LIMIT ${DISCARDED_AT_ONCE})`,
    );
  }

  /** @throws ValidationException unless an item has the attributes of the key, in their types */
  keyOf(item: Item, isWhole: boolean): ItemKey {
    const { partitionKey, sortKey, sortKeyType } = this.schema;
    const [pk, sk] = [item[partitionKey], item[sortKey]];
    if (typeof pk !== 'string' || sk === undefined || typeOf(sk) !== sortKeyType) {
      throw new ValidationException('The provided key element does not match the schema');
    }
    if (isWhole && Object.keys(item).length !== 2) {
      throw new ValidationException('The number of conditions on the keys is invalid');
    }
    if (pk === '' || sk === '') {
      throw new ValidationException('One or more parameter values are not valid: a key attribute is an empty string');
    }
    if (typeof sk === 'number' && Math.abs(sk) > Number.MAX_SAFE_INTEGER) {
      // SQLite would keep this memory for ever.
      throw unsupported('sort keys beyond 2^53 - 1');
    }
    return { pk, sk: sk as string | number };
  }

  read({ pk, sk }: ItemKey): Row | undefined {
    const row = this.#read.get(pk, sk) as unknown as StoredRow | undefined;
    return row && this.#decoded(row);
  }

  /** @returns false if there is already an item with that key */
  insert(key: ItemKey, item: Item, bytes: number): boolean {
    return this.#write(this.#insert, key, item, bytes) === 1;
  }

  replace(key: ItemKey, item: Item, bytes: number): void {
    this.#write(this.#replace, key, item, bytes);
  }

  remove({ pk, sk }: ItemKey): void {
    this.#remove.run(pk, sk);
  }

  /** Removes some items that have bytes, of partitions whose keys begin with a text. @returns whether there may be more of them */
  discardBytes(prefix: string): boolean {
    return Number(this.#discard.run(prefix, `${prefix}${LAST}`).changes) === DISCARDED_AT_ONCE;
  }

  #write(statement: StatementSync, { pk, sk }: ItemKey, item: Item, bytes: number): number {
    const { doc, bin } = encodeItem(item, this.schema.partitionKey, this.schema.sortKey);
    return Number(statement.run(pk, sk, bytes, doc, bin).changes);
  }

  /** Rows one by one. A caller that stops early reads no further rows. */
  *rows(range: Range): Generator<Row, void> {
    const { sql, parameters } = this.#rangeSql(range);
    let statement = this.#ranges.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#ranges.set(sql, statement);
    }
    for (const row of statement.iterate(...parameters)) {
      yield this.#decoded(row as unknown as StoredRow);
    }
  }

  /** There are few texts, because bounds are parameters. */
  #rangeSql({ partition, sort, descending = false, after }: Range) {
    const conditions: string[] = [];
    const parameters: (string | number)[] = [];
    const add = (condition: string, ...values: unknown[]) => {
      conditions.push(condition);
      parameters.push(...(values as (string | number)[]));
    };
    const order = descending ? 'DESC' : 'ASC';
    if (partition !== undefined) {
      add('pk = ?', partition);
      for (const [sign, bound] of boundsOf(sort)) {
        add(`sk ${sign}${bound.inclusive ? '=' : ''} ?`, bound.value);
      }
    }
    if (after !== undefined) {
      const sign = descending ? '<' : '>';
      if (partition === undefined) {
        add(`(pk, sk) ${sign} (?, ?)`, after.pk, after.sk);
      } else {
        add(`sk ${sign} ?`, after.sk);
      }
    }
    const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
    const by = partition === undefined ? `pk ${order}, sk ${order}` : `sk ${order}`;
    return { sql: `SELECT ${COLUMNS} FROM ${this.#table}${where} ORDER BY ${by}`, parameters };
  }

  #decoded(row: StoredRow): Row {
    const { partitionKey, sortKey } = this.schema;
    return { item: decodeItem({ [partitionKey]: row.pk, [sortKey]: row.sk }, row), bytes: row.bytes };
  }
}

/** The character that comes after all others. */
const LAST = '\u{10ffff}';

function boundsOf(sort: AttributeRange | undefined): (readonly ['<' | '>', Bound])[] {
  if (sort?.prefix !== undefined) {
    const to = { value: `${sort.prefix}${LAST}`, inclusive: true };
    return [
      ['>', { value: sort.prefix, inclusive: true }],
      ['<', to],
    ];
  }
  return [...(sort?.from ? [['>', sort.from] as const] : []), ...(sort?.to ? [['<', sort.to] as const] : [])];
}
