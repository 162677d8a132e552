import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PageOutput, QueryInput, UpdateInput } from '../../lib/store/table-client.ts';
import { NAMED, NUMBERED, openTestEngine } from '../support/engine.ts';

const PARTITION = { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'a' } } as const;

let { engine, close } = openTestEngine();

beforeEach(() => {
  ({ engine, close } = openTestEngine());
});

afterEach(() => close());

const put = (sk: number, attributes: object = {}) =>
  engine.put({ TableName: NUMBERED, Item: { pk: 'a', sk, ...attributes } });

const item = async (sk = 1) => (await engine.get({ TableName: NUMBERED, Key: { pk: 'a', sk } })).Item;

const update = (UpdateExpression: string, rest: Partial<UpdateInput> = {}) =>
  engine.update({ TableName: NUMBERED, Key: { pk: 'a', sk: 1 }, UpdateExpression, ...rest });

/** Whether a condition holds for the item that is there. */
async function holds(ConditionExpression: string, values: Record<string, unknown>, names?: Record<string, string>) {
  try {
    await engine.update({
      TableName: NUMBERED,
      Key: { pk: 'a', sk: 1 },
      UpdateExpression: 'SET touched = :touched',
      ConditionExpression,
      ExpressionAttributeValues: { ...values, ':touched': true },
      ...(names && { ExpressionAttributeNames: names }),
    });
    return true;
  } catch (error) {
    expect((error as Error).name).toBe('ConditionalCheckFailedException');
    return false;
  }
}

describe('the grammar of conditions', () => {
  it.each([
    ['binds AND more closely than OR', 'n = :one OR n = :two AND n = :three', true],
    ['lets parentheses bind otherwise', '(n = :one OR n = :two) AND n = :three', false],
    ['binds AND more closely than OR, which follows', 'n = :two AND n = :two OR n = :one', true],
    ['binds NOT more closely than AND', 'NOT n = :two AND n = :three', false],
    ['negates what is in parentheses', 'NOT (n = :two OR n = :one)', false],
    ['knows the comparators of numbers', 'n < :two AND n <= :one AND n > :zero AND n >= :one AND n <> :two', true],
    ['knows BETWEEN, ends included', 'n BETWEEN :one AND :two AND n BETWEEN :zero AND :one', true],
    ['takes IN with several operands', 'n IN (:two, :three, :one)', true],
    ['is indifferent to the case of keywords, and to white space', 'n=:one and  not(n = :two)or n=:three', true],
    ['compares attributes with each other', 'n < m', true],
    ['finds what lies in maps and lists', 'deep.parts[1].name = :found', true],
    ['takes what is not there for unequal', 'absent = :one OR deep.parts[7] = :one OR n.x = :one', false],
    ['takes numbers and texts for unequal, whatever they look like', 'n = :text OR n < :text', false],
    ['knows attribute_exists', 'attribute_exists(deep.parts[0]) AND NOT attribute_exists(deep.parts[2])', true],
    [
      'knows size of texts, lists and maps',
      'size(name) = :two AND size(deep.parts) = :two AND size(deep) = :one',
      true,
    ],
    [
      'knows contains, of texts and of lists',
      'contains(name, :x) AND contains(tags, :x) AND NOT contains(tags, :y)',
      true,
    ],
    ['knows begins_with', 'begins_with(name, :x) AND NOT begins_with(name, :y)', true],
    ['knows attribute_type', 'attribute_type(deep, :M) AND attribute_type(nothing, :NULL)', true],
  ])('%s', async (_what, expression, outcome) => {
    await put(1, {
      n: 1,
      m: 2,
      name: 'xz',
      nothing: null,
      tags: ['x'],
      deep: { parts: ['zero', { name: 'found' }] },
    });
    const all = {
      ':zero': 0,
      ':one': 1,
      ':two': 2,
      ':three': 3,
      ':text': '1',
      ':found': 'found',
      ':x': 'x',
      ':y': 'y',
      ':M': 'M',
      ':NULL': 'NULL',
    };
    const used = Object.fromEntries(Object.entries(all).filter(([name]) => new RegExp(`${name}\\b`).test(expression)));
    const aliased = expression.replace(/\bname\b/g, '#name');
    const names = aliased === expression ? undefined : { '#name': 'name' };

    expect(await holds(aliased, used, names)).toBe(outcome);
  });
});

describe('the grammar of updates', () => {
  it('sets, adds and removes in one expression, each from the item as it was', async () => {
    await put(1, { a: 1, b: 2, gone: true, parts: [1, 2, 3] });

    await update('SET a = b, b = a + :one, c = if_not_exists(c, :one), parts[1] = :one REMOVE gone ADD d :one', {
      ExpressionAttributeValues: { ':one': 1 },
    });

    expect(await item()).toEqual({ pk: 'a', sk: 1, a: 2, b: 2, c: 1, d: 1, parts: [1, 1, 3] });
  });

  it('puts new members at the end of a list by their numbers, and takes several away at once', async () => {
    await put(1, { parts: [0, 1, 2, 3, 4] });

    await update('SET parts[20] = :late, parts[9] = :early', {
      ExpressionAttributeValues: { ':late': 'b', ':early': 'a' },
    });
    expect((await item())?.parts).toEqual([0, 1, 2, 3, 4, 'a', 'b']);
    await update('REMOVE parts[1], parts[3]');
    expect((await item())?.parts).toEqual([0, 2, 4, 'a', 'b']);
  });

  it('takes what is null for something that is there', async () => {
    await put(1, { a: null });

    await update('SET b = if_not_exists(a, :one)', { ExpressionAttributeValues: { ':one': 1 } });
    expect(await item()).toMatchObject({ a: null, b: null });
    await expect(update('ADD a :one', { ExpressionAttributeValues: { ':one': 1 } })).rejects.toThrow(/data type/);
  });

  it('gives back of a map what was changed in it', async () => {
    await put(1, { map: { a: 1, b: 2 } });
    const change = (ReturnValues: 'UPDATED_NEW' | 'UPDATED_OLD', to: number) =>
      update('SET #map.a = :to', {
        ExpressionAttributeNames: { '#map': 'map' },
        ExpressionAttributeValues: { ':to': to },
        ReturnValues,
      });

    expect((await change('UPDATED_NEW', 5)).Attributes).toEqual({ map: { a: 5 } });
    expect((await change('UPDATED_OLD', 6)).Attributes).toEqual({ map: { a: 5 } });
  });

  it('makes an item where there is none', async () => {
    await update('ADD n :two', { ExpressionAttributeValues: { ':two': 2 } });

    expect(await item()).toEqual({ pk: 'a', sk: 1, n: 2 });
  });

  it.each([
    ['UPDATED_NEW', { a: 2 }],
    ['UPDATED_OLD', { a: 1 }],
    ['ALL_NEW', { pk: 'a', sk: 1, a: 2, b: 9 }],
    ['ALL_OLD', { pk: 'a', sk: 1, a: 1, b: 9 }],
    ['NONE', undefined],
  ] as const)('gives back %s', async (ReturnValues, expected) => {
    await put(1, { a: 1, b: 9 });

    const { Attributes } = await update('SET a = :two', { ExpressionAttributeValues: { ':two': 2 }, ReturnValues });

    expect(Attributes).toEqual(expected);
  });
});

describe('what is refused, and changes nothing', () => {
  const values = (value: unknown) => ({ ExpressionAttributeValues: { ':v': value } });

  it.each([
    ['sets, with a word that the engine has none', 'SET a = :v', values(new Set(['x'])), /does not support sets/],
    ['DELETE, which is for sets', 'DELETE a :v', values(1), /does not support DELETE/],
    ['bytes inside of lists', 'SET a = :v', values([new Uint8Array(1)]), /does not support bytes inside/],
    ['functions that DynamoDB does not have', 'SET a = shout(:v)', values(1), /Invalid function name; function: shout/],
    ['names that DynamoDB keeps for itself', 'SET status = :v', values(1), /reserved keyword.*status/],
    ['values that are not given', 'SET a = :w', {}, /:w/],
    ['values that are not used', 'REMOVE a', values(1), /unused in expressions: keys: \{:v\}/],
    [
      'names that are not used',
      'REMOVE a',
      { ExpressionAttributeNames: { '#b': 'b' } },
      /unused in expressions: keys: \{#b\}/,
    ],
    ['a section twice', 'SET a = :v SET b = :v', values(1), /Invalid UpdateExpression/],
    ['two paths that overlap', 'SET d.x = :v, d = :v', values(1), /overlap/],
    ['arithmetic with texts', 'SET a = a + :v', values('1'), /incorrect data type/],
    ['arithmetic with what is not there', 'SET a = nowhere + :v', values(1), /does not exist in the item/],
    ['a change of the key', 'SET sk = :v', values(2), /part of the key/],
    ['an expression that ends early', 'SET a =', {}, /Invalid UpdateExpression/],
    ['an expression that goes on', 'REMOVE a )', {}, /Invalid UpdateExpression/],
    ['an empty expression', '', {}, /Invalid UpdateExpression/],
    ['numbers that are none', 'SET a = :v', values(Number.NaN), /numeric value/],
  ])('%s', async (_what, expression, rest, message) => {
    await put(1, { a: 1, d: { x: 1 } });

    await expect(update(expression, rest)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
    });
    expect(await item()).toEqual({ pk: 'a', sk: 1, a: 1, d: { x: 1 } });
  });

  it.each([
    ['bounds the wrong way round', 'a BETWEEN :two AND :one'],
    ['bounds of two types', 'a BETWEEN :one AND :text'],
    ['parentheses around parentheses', '((a = :one))'],
  ])('conditions with %s', async (_what, ConditionExpression) => {
    await put(1, { a: 1 });
    const all = { ':one': 1, ':two': 2, ':text': 'x' };
    const used = Object.fromEntries(Object.entries(all).filter(([name]) => ConditionExpression.includes(name)));

    await expect(update('REMOVE a', { ConditionExpression, ExpressionAttributeValues: used })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    expect(await item()).toEqual({ pk: 'a', sk: 1, a: 1 });
  });

  it('a table that is not there', async () => {
    await expect(engine.get({ TableName: 'other', Key: { pk: 'a', sk: 1 } })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it.each([{ pk: 'a' }, { pk: 'a', sk: 'text' }, { pk: 1, sk: 1 }, { pk: '', sk: 1 }, { pk: 'a', sk: 2 ** 53 }])(
    'the key %j',
    async (Item) => {
      await expect(engine.put({ TableName: NUMBERED, Item })).rejects.toMatchObject({ name: 'ValidationException' });
    },
  );

  it('an item above 400 KB, names included', async () => {
    const largest = 400 * 1_024 - 'pk'.length - 'a'.length - 'sk'.length - 2 - 'body'.length;

    await put(1, { body: new Uint8Array(largest) });
    await expect(put(2, { body: new Uint8Array(largest + 1) })).rejects.toThrow(/maximum allowed size/);
    expect(await item(2)).toBeUndefined();
  });

  it('a condition that does not hold, which tells what is there where that is asked for', async () => {
    await put(1, { a: 1 });
    const refused = (ReturnValuesOnConditionCheckFailure?: 'ALL_OLD') =>
      engine.put({
        TableName: NUMBERED,
        Item: { pk: 'a', sk: 1, a: 2 },
        ConditionExpression: 'attribute_not_exists(pk)',
        ...(ReturnValuesOnConditionCheckFailure && { ReturnValuesOnConditionCheckFailure }),
      });

    await expect(refused('ALL_OLD')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { pk: 'a', sk: 1, a: 1 },
    });
    await expect(refused()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: undefined });
  });
});

describe('pages', () => {
  const sks = ({ Items = [] }: PageOutput) => Items.map(({ sk }) => sk);
  const query = (rest: Partial<QueryInput> = {}) => engine.query({ TableName: NUMBERED, ...PARTITION, ...rest });

  it('end with the item that takes them to 1 MB, and go on after it', async () => {
    for (let sk = 1; sk <= 5; sk++) {
      await put(sk, { body: new Uint8Array(300_000) });
    }

    const first = await query();
    const second = await query({ ExclusiveStartKey: first.LastEvaluatedKey ?? {} });

    expect(sks(first)).toEqual([1, 2, 3, 4]);
    expect(first.LastEvaluatedKey).toEqual({ pk: 'a', sk: 4 });
    expect(sks(second)).toEqual([5]);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  it('count against their limit what a filter leaves out', async () => {
    for (let sk = 1; sk <= 4; sk++) {
      await put(sk, { odd: sk % 2 === 1 });
    }
    const page = await query({
      FilterExpression: 'odd = :odd',
      ExpressionAttributeValues: { ...PARTITION.ExpressionAttributeValues, ':odd': true },
      Limit: 2,
    });

    expect(sks(page)).toEqual([1]);
    expect(page.LastEvaluatedKey).toEqual({ pk: 'a', sk: 2 });
  });

  it('come in the order of numbers, or against it', async () => {
    for (const sk of [10, 9, -1, 1.5, 2 ** 53 - 1]) {
      await put(sk);
    }

    expect(sks(await query())).toEqual([-1, 1.5, 9, 10, 2 ** 53 - 1]);
    expect(sks(await query({ ScanIndexForward: false, Limit: 2 }))).toEqual([2 ** 53 - 1, 10]);
  });

  it('come in the order of UTF-8 bytes where keys are texts', async () => {
    for (const sk of ['é', 'z', 'Z', '\u{1f600}', '\uffee']) {
      await engine.put({ TableName: NAMED, Item: { pk: 'a', sk } });
    }

    expect(sks(await engine.query({ TableName: NAMED, ...PARTITION }))).toEqual(['Z', 'z', 'é', '\uffee', '\u{1f600}']);
  });

  it.each([
    ['sk > :low', [3, 4]],
    ['sk >= :low AND pk = :pk', [2, 3, 4]],
    ['sk BETWEEN :low AND :high', [2, 3]],
    ['sk = :low', [2]],
  ])('hold what the key condition %s says', async (condition, expected) => {
    for (let sk = 1; sk <= 4; sk++) {
      await put(sk);
    }
    const values: Record<string, unknown> = {
      ':pk': 'a',
      ':low': 2,
      ...(condition.includes(':high') && { ':high': 3 }),
    };
    const KeyConditionExpression = condition.includes('pk') ? condition : `pk = :pk AND ${condition}`;

    expect(sks(await query({ KeyConditionExpression, ExpressionAttributeValues: values }))).toEqual(expected);
  });

  it('hold no more than is asked for', async () => {
    await put(1, { a: 1, b: { c: 2, d: 3 } });

    expect((await query({ ProjectionExpression: 'sk, b.c' })).Items).toEqual([{ sk: 1, b: { c: 2 } }]);
  });
});

describe('consumed units', () => {
  const units = { TableName: NUMBERED, ReturnConsumedCapacity: 'TOTAL' } as const;
  const bytes = (length: number) => ({ pk: 'a', sk: 1, body: new Uint8Array(length) });

  it('are the larger of an item before and after a write, in steps of 1 KB', async () => {
    await engine.put({ ...units, Item: bytes(3_000) });

    const smaller = await engine.put({ ...units, Item: bytes(10) });
    const gone = await engine.delete({ ...units, Key: { pk: 'a', sk: 1 } });

    expect(smaller.ConsumedCapacity?.CapacityUnits).toBe(3);
    expect(gone.ConsumedCapacity?.CapacityUnits).toBe(1);
  });

  it('are those of all that a read looked at, in steps of 4 KB, and half of that where it need not be consistent', async () => {
    await engine.put({ ...units, Item: bytes(5_000) });
    const Key = { pk: 'a', sk: 1 };

    const [consistent, eventual] = [
      await engine.get({ ...units, Key, ConsistentRead: true }),
      await engine.query({ ...units, ...PARTITION }),
    ];

    expect(consistent.ConsumedCapacity?.CapacityUnits).toBe(2);
    expect(eventual.ConsumedCapacity?.CapacityUnits).toBe(1);
  });
});

describe('what is freed at once', () => {
  it('are the items with bytes of the partitions that begin with a text, and no others', async () => {
    const body = new Uint8Array(10);
    const items = ['id#1', 'id#1#writer', 'id#2', 'id', 'id$', 'other#id#1'].flatMap((pk) => [
      ...Array.from({ length: 40 }, (_, sk) => ({ pk, sk, body })),
      { pk, sk: 100, kind: 'seal' },
    ]);
    for (const Item of items) {
      await engine.put({ TableName: NUMBERED, Item });
    }

    await engine.discardBytes(NUMBERED, 'id#');

    const left = (await engine.scan({ TableName: NUMBERED })).Items ?? [];
    const counts = Object.fromEntries([...Map.groupBy(left, ({ pk }) => pk)].map(([pk, some]) => [pk, some.length]));
    expect(counts).toEqual({ 'id#1': 1, 'id#1#writer': 1, 'id#2': 1, id: 41, id$: 41, 'other#id#1': 41 });
  });
});

describe('the event loop', () => {
  it('is let go on as soon as calls have taken long, however many come one after the other', async () => {
    // The turn of the event loop that earlier calls used has ended.
    await nextTurn();
    // Each call seems to take 6 ms.
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      nowMs += 6;
      return nowMs;
    });
    let turns = 0;
    let counting = true;
    const count = () => {
      turns += 1;
      if (counting) {
        setImmediate(count);
      }
    };
    setImmediate(count);

    for (let sk = 0; sk < 100; sk++) {
      await put(sk);
    }
    counting = false;
    clock.mockRestore();

    expect(turns).toBeGreaterThanOrEqual(30);
  });
});
