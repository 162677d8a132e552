import type { DatabaseSync } from 'node:sqlite';
import { yieldToEventLoop } from '../../lib/runtime/event-loop.ts';
import type {
  DeleteInput,
  GetInput,
  GetOutput,
  PageOutput,
  PutInput,
  QueryInput,
  ScanInput,
  TableClient,
  UpdateInput,
  WriteOutput,
} from '../../lib/store/table-client.ts';
import { readUnits, writeUnits } from './capacity.ts';
import { ConditionalCheckFailedException, ResourceNotFoundException, ValidationException } from './errors.ts';
import {
  conditionExpression,
  filterExpression,
  keyConditionExpression,
  projectionExpression,
  type ReadyCondition,
  requireUsed,
  updateExpression,
} from './expressions.ts';
import { type ItemKey, ItemTable, type Range, type Row, type TableSchema } from './item-table.ts';
import type { AttributeRange } from './key-range.ts';
import { type Path, pickPaths } from './paths.ts';
import { storing } from './storage-errors.ts';
import { type Item, itemBytes } from './values.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1_024;

/** A page ends with the item with which it reaches this size, bytes. */
const PAGE_BYTES = 1_048_576;

const NONE: Readonly<Record<string, never>> = {};

/**
 * DynamoDB for the calls of the store, inside the process, on SQLite. It behaves as DynamoDB does, and refuses what it does not
 * support. Every call is one statement, or several with nothing in between.
 */
export class Engine implements TableClient {
  readonly #tables: ReadonlyMap<string, ItemTable>;

  constructor(database: DatabaseSync, schemas: readonly TableSchema[]) {
    this.#tables = new Map(schemas.map((schema) => [schema.name, new ItemTable(database, schema)]));
  }

  async get(input: GetInput): Promise<GetOutput> {
    await yieldToEventLoop();
    return storing(() => {
      const table = this.#table(input.TableName);
      const row = table.read(table.keyOf(input.Key, true));
      return { Item: row?.item, ...consumed(input, () => readUnits(row?.bytes ?? 0, input.ConsistentRead)) };
    });
  }

  async put(input: PutInput): Promise<WriteOutput> {
    await yieldToEventLoop();
    return storing(() => {
      const table = this.#table(input.TableName);
      const key = table.keyOf(input.Item, false);
      const bytes = storableBytes(input.Item);
      const condition = conditionOf(input);
      requireUsed(input, [condition]);
      // The primary key of the row already ensures that nothing is there.
      if (condition?.absent === table.schema.partitionKey || condition?.absent === table.schema.sortKey) {
        if (!table.insert(key, input.Item, bytes)) {
          throw refused(input, table.read(key));
        }
        return consumed(input, () => writeUnits(bytes));
      }
      const old = table.read(key);
      requireHeld(input, condition, old);
      table.replace(key, input.Item, bytes);
      return consumed(input, () => writeUnits(Math.max(bytes, old?.bytes ?? 0)));
    });
  }

  async update(input: UpdateInput): Promise<WriteOutput> {
    await yieldToEventLoop();
    return storing(() => {
      const table = this.#table(input.TableName);
      const key = table.keyOf(input.Key, true);
      const condition = conditionOf(input);
      const update = updateExpression(input.UpdateExpression);
      requireUsed(input, [condition, update]);
      const old = table.read(key);
      requireHeld(input, condition, old);
      const { item, paths } = update.run({ ...subjectOf(input), item: old?.item ?? { ...input.Key } });
      requireSameKey(table, item, key);
      const bytes = storableBytes(item);
      table.replace(key, item, bytes);
      return {
        ...returned(input.ReturnValues, old?.item, item, paths),
        ...consumed(input, () => writeUnits(Math.max(bytes, old?.bytes ?? 0))),
      };
    });
  }

  async delete(input: DeleteInput): Promise<WriteOutput> {
    await yieldToEventLoop();
    return storing(() => {
      const table = this.#table(input.TableName);
      const key = table.keyOf(input.Key, true);
      const condition = conditionOf(input);
      requireUsed(input, [condition]);
      const old = table.read(key);
      requireHeld(input, condition, old);
      table.remove(key);
      return consumed(input, () => writeUnits(old?.bytes ?? 0));
    });
  }

  async query(input: QueryInput): Promise<PageOutput> {
    await yieldToEventLoop();
    return storing(() => {
      const table = this.#table(input.TableName);
      const keyCondition = keyConditionExpression(input.KeyConditionExpression);
      const ranges = keyCondition.run(subjectOf(input));
      const range = { ...rangeOf(table, ranges), descending: input.ScanIndexForward === false };
      return page(table, range, input, keyCondition);
    });
  }

  async scan(input: ScanInput): Promise<PageOutput> {
    await yieldToEventLoop();
    return storing(() => page(this.#table(input.TableName), { partition: undefined }, input, undefined));
  }

  /** Frees the memory of partitions whose keys begin with a text: their items with bytes are removed, the others stay. */
  async discardBytes(tableName: string, prefix: string): Promise<void> {
    const table = this.#table(tableName);
    do {
      await yieldToEventLoop();
    } while (storing(() => table.discardBytes(prefix)));
  }

  #table(name: string): ItemTable {
    const table = this.#tables.get(name);
    if (table === undefined) {
      throw new ResourceNotFoundException('Requested resource not found');
    }
    return table;
  }
}

const subjectOf = (input: Pick<PutInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>) => ({
  names: input.ExpressionAttributeNames ?? NONE,
  values: input.ExpressionAttributeValues ?? NONE,
});

const conditionOf = ({ ConditionExpression }: Pick<PutInput, 'ConditionExpression'>): ReadyCondition | undefined =>
  ConditionExpression === undefined ? undefined : conditionExpression(ConditionExpression);

type Conditional = Omit<PutInput, 'Item'>;

function requireHeld(input: Conditional, condition: ReadyCondition | undefined, old: Row | undefined): void {
  if (condition !== undefined && !condition.run({ ...subjectOf(input), item: old?.item ?? {} })) {
    throw refused(input, old);
  }
}

const refused = ({ ReturnValuesOnConditionCheckFailure }: Conditional, old: Row | undefined) =>
  new ConditionalCheckFailedException(ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? old?.item : undefined);

function storableBytes(item: Item): number {
  const bytes = itemBytes(item);
  if (bytes > MAX_ITEM_BYTES) {
    throw new ValidationException('Item size has exceeded the maximum allowed size');
  }
  return bytes;
}

function requireSameKey(table: ItemTable, item: Item, { pk, sk }: ItemKey): void {
  const { partitionKey, sortKey } = table.schema;
  if (item[partitionKey] !== pk || item[sortKey] !== sk) {
    throw new ValidationException(
      'One or more parameter values were invalid: Cannot update attribute: it is part of the key',
    );
  }
}

function returned(
  which: UpdateInput['ReturnValues'],
  old: Item | undefined,
  item: Item,
  paths: readonly Path[],
): WriteOutput {
  switch (which) {
    case 'ALL_OLD':
      return old === undefined ? {} : { Attributes: old };
    case 'ALL_NEW':
      return { Attributes: item };
    case 'UPDATED_OLD':
      return partOf(old ?? {}, paths);
    case 'UPDATED_NEW':
      return partOf(item, paths);
    default:
      return {};
  }
}

/** The values at some paths; for a list, all of it. */
function partOf(item: Item, paths: readonly Path[]): WriteOutput {
  const wholes = paths.map((path) => {
    const member = path.findIndex((step) => typeof step === 'number');
    return member === -1 ? path : path.slice(0, member);
  });
  const part = pickPaths(item, wholes);
  return Object.keys(part).length > 0 ? { Attributes: part } : {};
}

function rangeOf({ schema }: ItemTable, ranges: readonly AttributeRange[]): Range {
  const partition = ranges.find(({ attribute, isEqual }) => isEqual && attribute === schema.partitionKey);
  const sort = ranges.find(({ attribute }) => attribute === schema.sortKey);
  if (typeof partition?.from?.value !== 'string' || (ranges.length === 2 && sort === undefined)) {
    throw new ValidationException('Query condition missed key schema element');
  }
  return { partition: partition.from.value, sort };
}

function page(
  table: ItemTable,
  range: Range,
  input: ScanInput,
  keyCondition: ReturnType<typeof keyConditionExpression> | undefined,
): PageOutput {
  const { FilterExpression, ProjectionExpression, Limit = Number.POSITIVE_INFINITY } = input;
  const filter = FilterExpression === undefined ? undefined : filterExpression(FilterExpression);
  const projection = ProjectionExpression === undefined ? undefined : projectionExpression(ProjectionExpression);
  requireUsed(input, [filter, projection, keyCondition]);
  if (Limit < 1) {
    throw new ValidationException('Limit must be greater than or equal to 1');
  }
  const after = input.ExclusiveStartKey && table.keyOf(input.ExclusiveStartKey, true);
  const { rows, last, bytes } = rowsOfPage(table.rows({ ...range, after }), Limit);
  const subject = subjectOf(input);
  const kept = filter ? rows.filter((item) => filter.run({ ...subject, item })) : rows;
  return {
    Items: projection ? kept.map((item) => projection.run({ names: subject.names, item })) : kept,
    ...(last && { LastEvaluatedKey: keyAttributes(table, last) }),
    ...consumed(input, () => readUnits(bytes, input.ConsistentRead)),
  };
}

/** The items of a page before the filter, and the last one if there may be more. */
function rowsOfPage(all: Iterable<Row>, limit: number) {
  const rows: Item[] = [];
  let bytes = 0;
  for (const row of all) {
    rows.push(row.item);
    bytes += row.bytes;
    if (rows.length >= limit || bytes >= PAGE_BYTES) {
      return { rows, bytes, last: row.item };
    }
  }
  return { rows, bytes, last: undefined };
}

function keyAttributes({ schema }: ItemTable, item: Item): Item {
  return { [schema.partitionKey]: item[schema.partitionKey], [schema.sortKey]: item[schema.sortKey] };
}

function consumed(input: Pick<GetInput, 'TableName' | 'ReturnConsumedCapacity'>, units: () => number) {
  return input.ReturnConsumedCapacity === 'TOTAL'
    ? { ConsumedCapacity: { TableName: input.TableName, CapacityUnits: units() } }
    : {};
}
