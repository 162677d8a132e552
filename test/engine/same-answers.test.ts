import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyInput, TableClient } from '../../lib/store/table-client.ts';
import { availableEngines } from '../support/dynamodb-engines.ts';
import { storeChoices, type TestStore } from '../support/engines.ts';

/** More runs: `ENGINE_RUNS=5000 ENGINE_SEED=7 npx vitest run --config test/vitest.config.ts test/engine`. */
const RUNS = Number(process.env.ENGINE_RUNS ?? 150);
const SEED = process.env.ENGINE_SEED === undefined ? undefined : Number(process.env.ENGINE_SEED);

const STREAMS = 'contract-streams';
const RECORDS = 'contract-records';

/** A call, as the store makes it. */
interface Call {
  readonly method: keyof TableClient;
  readonly input: AnyInput;
}

const partition = fc.constantFrom('a', 'b', 'SHARD#x', 'é');
const position = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(1_000, 2 ** 40, -3, 1.5));
const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(0, 100, 1_700_000_000, 1_700_000_000_123, 0.25, -1200),
);
const text = fc.oneof(
  fc.constantFrom('', 'OPEN', 'CLOSED', 'PENDING', 'w1', 'w2'),
  fc.string({ maxLength: 6, unit: 'grapheme' }),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 5 }),
  fc.integer({ min: 900, max: 9_000 }).map((length) => new Uint8Array(length).fill(7)),
  fc.constant(new Uint8Array(390_000)),
);
const plain = fc.oneof(number, text, fc.boolean(), fc.constant(null));
const nested = fc.oneof(
  plain,
  fc.array(plain, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('id', 'kind', 'notBeforeMs'), plain, { maxKeys: 3 }),
);

/** The attributes that the store's expressions use, and one more. */
const attributes = fc.record(
  {
    id: text,
    revision: number,
    startedMs: number,
    shardState: text,
    claims: text,
    nextPosition: number,
    reservedMs: number,
    sealPosition: number,
    closedSeconds: number,
    countedSecond: number,
    secondRecords: number,
    secondBytes: number,
    ttl: number,
    state: text,
    transition: fc.dictionary(fc.constantFrom('id', 'kind'), text, { maxKeys: 2 }),
    tags: fc.array(fc.array(text, { maxLength: 2 }), { maxLength: 2 }),
    body: bytes,
    extra: nested,
  },
  { requiredKeys: [] },
);

const recordKey = fc.record({ pk: partition, sk: position });
const streamKey = fc.record({ pk: partition, sk: fc.constantFrom('TAIL', 'one', 'two', 'Ünö') });
const keyed = fc.oneof(
  recordKey.map((key) => ({ TableName: RECORDS, key })),
  streamKey.map((key) => ({ TableName: STREAMS, key })),
);

/** Conditions, with their names and values. The first are the store's own. The others only test the grammar. */
const conditions = fc.oneof(
  fc.constant({ ConditionExpression: 'attribute_not_exists(pk)' }),
  fc.constant({ ConditionExpression: 'attribute_exists(pk)' }),
  fc.constant({ ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(closedSeconds)' }),
  fc.constant({ ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(sealPosition)' }),
  number.map((value) => ({ ConditionExpression: 'revision = :was', ExpressionAttributeValues: { ':was': value } })),
  text.map((value) => ({ ConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': value } })),
  number.map((value) => ({
    ConditionExpression: 'attribute_not_exists(pk) OR startedMs <= :over',
    ExpressionAttributeValues: { ':over': value },
  })),
  fc.tuple(text, text, number).map(([id, was, revision]) => ({
    ConditionExpression: '#id = :id AND #transition.id = :was OR #revision = :revision',
    ExpressionAttributeNames: { '#id': 'id', '#transition': 'transition', '#revision': 'revision' },
    ExpressionAttributeValues: { ':id': id, ':was': was, ':revision': revision },
  })),
  number.map((value) => ({
    ConditionExpression: '#ttl < :ttl',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':ttl': value },
  })),
  fc.tuple(number, number).map(([low, high]) => ({
    ConditionExpression: 'NOT (nextPosition BETWEEN :low AND :high) AND countedSecond <> :low',
    ExpressionAttributeValues: { ':low': Math.min(low, high), ':high': Math.max(low, high) },
  })),
  fc.tuple(nested, nested).map(([a, b]) => ({
    ConditionExpression: 'extra IN (:a, :b) OR extra = :a',
    ExpressionAttributeValues: { ':a': a, ':b': b },
  })),
  fc.tuple(text, fc.constantFrom('S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M')).map(([value, type]) => ({
    ConditionExpression: '(begins_with(id, :v) OR contains(shardState, :v)) OR attribute_type(extra, :type)',
    ExpressionAttributeValues: { ':v': value === '' ? 'x' : value, ':type': type },
  })),
  number.map((value) => ({
    ConditionExpression: 'size(body) >= :n OR size(claims) > :n',
    ExpressionAttributeValues: { ':n': value },
  })),
);

const refused = fc.constantFrom('ALL_OLD' as const, 'NONE' as const);

/** Updates, with their names and values. */
const updates = fc.oneof(
  number.map((value) => ({
    UpdateExpression: 'SET #ttl = :t',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':t': value },
  })),
  fc.tuple(bytes, number).map(([body, value]) => ({
    UpdateExpression: 'SET body = if_not_exists(body, :body), #ttl = if_not_exists(#ttl, :t)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':body': body, ':t': value },
  })),
  fc.tuple(text, text).map(([state, claims]) => ({
    UpdateExpression: 'SET #state = :s, claims = :c REMOVE closedSeconds',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':s': state, ':c': claims },
  })),
  number.map((value) => ({
    UpdateExpression: 'SET nextPosition = nextPosition + :x, secondRecords = secondRecords - :x, reservedMs = :x',
    ExpressionAttributeValues: { ':x': value },
  })),
  number.map((value) => ({
    UpdateExpression: 'SET revision = if_not_exists(revision, :x) + :x REMOVE tags[0]',
    ExpressionAttributeValues: { ':x': value },
  })),
  nested.map((value) => ({
    UpdateExpression: 'set transition.kind = :v remove transition.id, extra',
    ExpressionAttributeValues: { ':v': value },
  })),
  fc.constant({
    UpdateExpression: 'SET tags = list_append(if_not_exists(tags, :none), :more)',
    ExpressionAttributeValues: { ':none': [], ':more': ['x'] },
  }),
  number.map((value) => ({ UpdateExpression: 'ADD secondBytes :x', ExpressionAttributeValues: { ':x': value } })),
);

/** Joins an update and a condition. Both have values, so their names must differ. */
function together(update: object, condition: object | undefined): object {
  const parts = [update, condition ?? {}] as Record<string, Record<string, unknown>>[];
  const merged = (member: string) => Object.assign({}, ...parts.map((part) => part[member] ?? {}));
  const [names, values] = [merged('ExpressionAttributeNames'), merged('ExpressionAttributeValues')];
  return {
    ...update,
    ...condition,
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

const optionally = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const conditional = fc
  .tuple(optionally(conditions), refused)
  .map(([condition, ReturnValuesOnConditionCheckFailure]) => ({
    ...condition,
    ...(condition && { ReturnValuesOnConditionCheckFailure }),
  }));

const calls: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(keyed, attributes, conditional).map(([{ TableName, key }, item, more]) => ({
      method: 'put' as const,
      input: { TableName, Item: { ...key, ...item }, ...more } as AnyInput,
    })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(keyed, updates, conditional, fc.constantFrom('NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'))
      .map(([{ TableName, key: Key }, update, condition, ReturnValues]) => ({
        method: 'update' as const,
        input: { TableName, Key, ReturnValues, ...together(update, condition) } as AnyInput,
      })),
  },
  fc.tuple(keyed, conditional).map(([{ TableName, key: Key }, more]) => ({
    method: 'delete' as const,
    input: { TableName, Key, ...more } as AnyInput,
  })),
  fc.tuple(keyed, fc.boolean()).map(([{ TableName, key: Key }, ConsistentRead]) => ({
    method: 'get' as const,
    input: { TableName, Key, ConsistentRead },
  })),
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        partition,
        position,
        fc.constantFrom(
          'pk = :pk',
          'pk = :pk AND sk >= :at',
          'pk = :pk AND sk < :at',
          ':pk',
          'pk = :pk AND sk = :at',
          'pk = :pk AND sk BETWEEN :at AND :to',
        ),
        fc.record(
          { Limit: fc.integer({ min: 1, max: 5 }), ScanIndexForward: fc.boolean(), ConsistentRead: fc.boolean() },
          { requiredKeys: [] },
        ),
        optionally(fc.constantFrom('attribute_exists(body)', 'secondBytes > :n')),
      )
      .map(([pk, at, KeyConditionExpression, options, FilterExpression]) => ({
        method: 'query' as const,
        input: {
          TableName: RECORDS,
          KeyConditionExpression,
          ExpressionAttributeValues: {
            ':pk': pk,
            ...(KeyConditionExpression.includes(':at') && { ':at': at }),
            ...(KeyConditionExpression.includes(':to') && { ':to': at + 5 }),
            ...(FilterExpression?.includes(':n') && { ':n': 0 }),
          },
          ...options,
          ...(FilterExpression && { FilterExpression }),
        } as AnyInput,
      })),
  },
  fc.constantFrom('one', 'U').map((prefix) => ({
    method: 'query' as const,
    input: {
      TableName: STREAMS,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': 'a', ':prefix': prefix },
      ProjectionExpression: 'sk, revision, #t.id',
      ExpressionAttributeNames: { '#t': 'transition' },
    } as AnyInput,
  })),
);

/**
 * What an engine responds to a sequence of calls. No run has used the partitions before, so they are empty at first.
 */
async function answersOf(client: TableClient, run: string, sequence: readonly Call[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const { method, input } of sequence) {
    const call = client[method].bind(client) as (input: AnyInput) => Promise<object>;
    const own = ownPartitions(input, run);
    answers.push(await call({ ...own, ReturnConsumedCapacity: 'TOTAL' } as AnyInput).then(comparable, told));
  }
  return answers;
}

function ownPartitions(input: AnyInput, run: string): AnyInput {
  const { Item, Key, ExpressionAttributeValues } = input as {
    Item?: { pk: string };
    Key?: { pk: string };
    ExpressionAttributeValues?: { ':pk'?: string };
  };
  const own = <T extends { pk: string }>(key: T) => ({ ...key, pk: `${run}${key.pk}` });
  return {
    ...input,
    ...(Item && { Item: own(Item) }),
    ...(Key && { Key: own(Key) }),
    ...(ExpressionAttributeValues?.[':pk'] !== undefined && {
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ':pk': `${run}${ExpressionAttributeValues[':pk']}` },
    }),
  } as AnyInput;
}

function comparable(output: object): object {
  const { Item, Attributes, Items, LastEvaluatedKey, ConsumedCapacity } = output as Record<string, unknown>;
  const { CapacityUnits } = (ConsumedCapacity ?? {}) as { CapacityUnits?: number };
  return plainly({ Item, Attributes, Items, LastEvaluatedKey, CapacityUnits }) as object;
}

/** An error without its message: messages are the engine's own, names are DynamoDB's. */
const told = (error: Error & { readonly Item?: object }) => ({ error: error.name, item: plainly(error.Item) });

/** A value with its bytes as text, and without the order of its members. */
function plainly(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return `bytes ${value.length} ${Buffer.from(value.subarray(0, 8)).toString('hex')}`;
  }
  if (Array.isArray(value)) {
    return value.map(plainly);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, plainly(member)]),
  );
}

/** Where dynoxide responds differently from DynamoDB. */
const DISAGREEMENTS: Readonly<Record<string, (call: Call, own: Answer, other: Answer) => boolean>> = {
  // DynamoDB returns "all of the attributes of the item, as they appeared before". There were none.
  'the old item of an update that makes one is told as its key': ({ input }, own, other) =>
    (input as { ReturnValues?: string }).ReturnValues === 'ALL_OLD' &&
    own.Attributes === undefined &&
    Object.keys(other.Attributes ?? {}).join() === 'pk,sk',
};

interface Answer {
  readonly Attributes?: object;
  readonly error?: string;
}

describe.runIf(availableEngines()[0] === 'dynoxide')('the embedded engine beside dynoxide', () => {
  const stores: TestStore[] = [];
  let runs = 0;

  beforeAll(async () => {
    const [embedded, dynoxide] = storeChoices();
    stores.push(...(await Promise.all([embedded?.open(), dynoxide?.open()])).filter((store) => store !== undefined));
  });

  afterAll(async () => {
    for (const store of stores) {
      await store.close();
    }
  });

  it('answers every call alike, with the same items, failures and units', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 30 }), async (sequence) => {
        const run = `${runs++}-`;
        const [own, other] = await Promise.all(stores.map(({ tables }) => answersOf(tables.client, run, sequence)));
        for (const [index, answer] of (own ?? []).entries()) {
          const call = sequence[index] as Call;
          const isKnown = Object.values(DISAGREEMENTS).some((is) =>
            is(call, answer as Answer, other?.[index] as Answer),
          );
          if (!isKnown) {
            expect(answer, JSON.stringify(call)).toEqual(other?.[index]);
          }
        }
      }),
      { numRuns: RUNS, ...(SEED !== undefined && { seed: SEED }) },
    );
  });
});
