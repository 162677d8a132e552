import { decode, encode } from 'cborg';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../lib/operations/index.ts';
import type { Schema, StructureSchema } from '../../lib/schema/structure.ts';
import { SIGNED, TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

/** The number of random bodies for each protocol. `FUZZ_RUNS` changes it. */
const FUZZ_RUNS = Number(process.env.FUZZ_RUNS ?? 300);

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock });
});

afterAll(() => api.close());

/** Tag 1 marks a timestamp. Kinesis' timestamps are in milliseconds. */
const MILLISECONDS = { tags: { 1: (tagged: () => unknown) => tagged() } };

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
  readonly body: any;
}

async function send(media: string, action: string, body: BodyInitLike): Promise<Answer> {
  const response = await fetch(api.endpoint, {
    method: 'POST',
    headers: { ...SIGNED, 'Content-Type': media, 'X-Amz-Target': `Kinesis_20131202.${action}` },
    body,
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (bytes.length === 0) {
    return { status: response.status, body: undefined };
  }
  return {
    status: response.status,
    body: media.includes('cbor') ? decode(bytes, MILLISECONDS) : JSON.parse(bytes.toString()),
  };
}

type BodyInitLike = string | Uint8Array<ArrayBuffer>;

const PROTOCOLS = [
  ['JSON', (action: string, input: unknown) => send('application/x-amz-json-1.1', action, JSON.stringify(input))],
  [
    'CBOR',
    (action: string, input: unknown) => send('application/x-amz-cbor-1.1', action, new Uint8Array(encode(input))),
  ],
] as const;

const LIST = 'Start of list found where not expected';
const MAP = 'Start of structure or map found where not expected.';
const scalar = (article: string) => ({
  boolean: `class java.lang.Boolean can not be converted to ${article}`,
  number: `class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to ${article}`,
  string: `class java.lang.String can not be converted to ${article}`,
});

/**
 * The message of each kind of member for true, 34, "AAAA", [] and {}; undefined if the value has the type of the
 * member.
 */
const SENTENCES: Record<Schema['type'], (string | undefined)[]> = {
  string: [scalar('an String').boolean, scalar('an String').number, undefined, LIST, MAP],
  integer: [scalar('an Integer').boolean, undefined, scalar('an Integer').string, LIST, MAP],
  long: [scalar('an Long').boolean, undefined, scalar('an Long').string, LIST, MAP],
  boolean: [undefined, scalar('an Boolean').number, "'AAAA' can not be converted to an Boolean", LIST, MAP],
  blob: [scalar('a Blob').boolean, scalar('a Blob').number, undefined, LIST, MAP],
  timestamp: [
    scalar('milliseconds since epoch').boolean,
    undefined,
    scalar('milliseconds since epoch').string,
    LIST,
    MAP,
  ],
  list: ['Expected list or null', 'Expected list or null', 'Expected list or null', undefined, MAP],
  map: ['Expected map or null', 'Expected map or null', 'Expected map or null', LIST, undefined],
  structure: ['Expected null', 'Expected null', 'Expected null', LIST, undefined],
};
const VALUES = [true, 34, 'AAAA', [], {}];

/** Every member of an input, also inside lists and structures, and how to put a value there in a body. */
function* places(schema: StructureSchema): Generator<{ type: Schema['type']; put: (value: unknown) => object }> {
  for (const [name, member] of Object.entries(schema.members)) {
    yield* placesIn(member, (value) => ({ [name]: value }));
  }
}

function* placesIn(
  schema: Schema,
  put: (value: unknown) => object,
): Generator<{ type: Schema['type']; put: (value: unknown) => object }> {
  yield { type: schema.type, put };
  if (schema.type === 'list') {
    yield* placesIn(schema.member, (value) => put([value]));
  } else if (schema.type === 'map') {
    yield* placesIn(schema.value, (value) => put({ key: value }));
  } else if (schema.type === 'structure') {
    for (const place of places(schema)) {
      yield { type: place.type, put: (value) => put(place.put(value)) };
    }
  }
}

describe.each(PROTOCOLS)('in %s', (_protocol, call) => {
  it.each([...operations])('%s tells of every member that is of a wrong type', async (action, { input }) => {
    for (const { type, put } of places(input)) {
      for (const [i, value] of VALUES.entries()) {
        const Message = SENTENCES[type][i];
        if (Message !== undefined) {
          expect(await call(action, put(value))).toEqual({
            status: 400,
            body: { __type: 'SerializationException', Message },
          });
        }
      }
    }
  });

  it.each([...operations])('%s tells of every required member that is missing', async (action, { input }) => {
    const missing = Object.entries(input.members)
      .filter(([, member]) => member.required)
      .map(([name]) => name.charAt(0).toLowerCase() + name.slice(1));
    if (missing.length === 0) {
      return;
    }
    const errors = missing.map(
      (path) => `Value null at '${path}' failed to satisfy constraint: Member must not be null`,
    );
    const count = `${missing.length} validation error${missing.length === 1 ? '' : 's'} detected: `;

    expect(await call(action, {})).toEqual({
      status: 400,
      body: { __type: 'ValidationException', message: count + errors.join('; ') },
    });
  });

  it('a whole life of a stream goes as in the other protocol', async () => {
    const StreamName = `life-${_protocol}`;
    expect(await call('CreateStream', { StreamName, ShardCount: 1 })).toEqual({ status: 200, body: undefined });
    await api.inStatus(StreamName, 'ACTIVE');
    const data = Buffer.from([0, 1, 254, 255]);
    const Data = _protocol === 'CBOR' ? data : data.toString('base64');
    const put = await call('PutRecord', { StreamName, PartitionKey: 'k', Data });
    const { body: iterator } = await call('GetShardIterator', {
      StreamName,
      ShardId: put.body.ShardId,
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: _protocol === 'CBOR' ? clock.now() - 60_000 : clock.now() / 1000 - 60,
    });
    const { body } = await call('GetRecords', { ShardIterator: iterator.ShardIterator });

    const [record] = body.Records;
    expect(record).toMatchObject({ PartitionKey: 'k', SequenceNumber: put.body.SequenceNumber });
    expect(Buffer.from(record.Data, 'base64').equals(data) || Buffer.from(record.Data).equals(data)).toBe(true);
    expect(record.ApproximateArrivalTimestamp).toBe(_protocol === 'CBOR' ? clock.now() : clock.now() / 1000);
  });
});

describe('a random body', () => {
  const anything = fc.anything({
    maxDepth: 3,
    values: [fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)],
  });
  const action = fc.constantFrom(...operations.keys());
  const members = fc.constantFrom(
    ...new Set([...operations.values()].flatMap(({ input }) => Object.keys(input.members))),
  );
  const input = fc.dictionary(fc.oneof(members, fc.string()), anything, { maxKeys: 8 });

  function expectWellFormed({ status, body }: Answer): void {
    expect([200, 400]).toContain(status);
    if (status === 400) {
      expect(body.__type).toMatch(/^[A-Za-z]+(Exception)?$/);
    }
  }

  it('in JSON gets a well-formed answer below 500', async () => {
    await fc.assert(
      fc.asyncProperty(action, input, async (name, value) => {
        expectWellFormed(await send('application/x-amz-json-1.1', name, JSON.stringify(value)));
      }),
      { numRuns: FUZZ_RUNS },
    );
    expect(api.logged).toEqual([]);
  }, 600_000);

  it('in CBOR gets a well-formed answer below 500', async () => {
    const encodable = input.map((value) => JSON.parse(JSON.stringify(value)));
    await fc.assert(
      fc.asyncProperty(action, encodable, async (name, value) => {
        expectWellFormed(await send('application/x-amz-cbor-1.1', name, new Uint8Array(encode(value))));
      }),
      { numRuns: FUZZ_RUNS },
    );
    expect(api.logged).toEqual([]);
  }, 600_000);

  it('of bytes gets a well-formed answer below 500 in either protocol', async () => {
    const media = fc.constantFrom('application/x-amz-json-1.1', 'application/x-amz-cbor-1.1');
    await fc.assert(
      fc.asyncProperty(action, media, fc.uint8Array({ minLength: 1, maxLength: 60 }), async (name, type, bytes) => {
        expectWellFormed(await send(type, name, new Uint8Array(bytes)));
      }),
      { numRuns: FUZZ_RUNS },
    );
    expect(api.logged).toEqual([]);
  }, 600_000);
});
