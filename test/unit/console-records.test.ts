import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decodeRecord } from '../../client/records/decode.ts';
import { nodeCodecs } from '../../client/records/node-codecs.ts';
import { readStoredLine } from '../../client/records/stored-line.ts';
import { storedLine } from '../../console/page/records/download.ts';
import { fileRecords } from '../../console/page/records/file-records.ts';
import { Matches } from '../../console/page/records/matches.ts';
import type { FilterInput, FromWorker } from '../../console/page/records/messages.ts';
import { openPartOf, openRecord, rowView } from '../../console/page/records/opened-record.ts';
import { type NewRecord, type PutProgress, putRecords } from '../../console/page/records/put-records.ts';
import { compileFilter } from '../../console/page/records/record-filter.ts';
import { RecordReading } from '../../console/page/records/record-reading.ts';
import { RecordStore, type StoredRow } from '../../console/page/records/record-store.ts';
import { localTime, startInput, timeOf } from '../../console/page/records/start.ts';
import { aggregate } from '../support/aggregate.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;

const row = (data: string | Uint8Array, partitionKey = 'key'): StoredRow => ({
  index: 0,
  arrivedMs: 0,
  shard: 'shardId-000000000000',
  partitionKey,
  sequenceNumber: '1',
  data: Uint8Array.from(Buffer.from(data)),
});

/** Looks until every record that is there has been looked at, however many turns that takes. */
function lookAtAll(matches: Matches): void {
  while (!matches.isComplete) {
    matches.lookOn();
  }
}

const lineOf = (text: string) => ({ bytes: Buffer.from(text), number: 1 });

describe('the store of records', () => {
  const record = fc.record({
    shard: fc.constantFrom('a', 'b', 'c'),
    sequenceNumber: fc.stringMatching(/^\d{1,56}$/),
    partitionKey: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    arrivedMs: fc.nat(),
    data: fc.uint8Array({ maxLength: 300 }),
  });

  it('gives every record back as it came', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 50 }), (records) => {
        const store = new RecordStore({ records: 1_000, bytes: 100 * MIB });
        for (const { shard, sequenceNumber, partitionKey, arrivedMs, data } of records) {
          store.add(shard, sequenceNumber, partitionKey, arrivedMs, data);
        }

        expect(store.end - store.first).toBe(records.length);
        records.forEach((one, index) => {
          const { data, ...rest } = store.row(index) ?? row('missing');
          expect({ ...rest, data: [...data] }).toEqual({ ...one, index, data: [...one.data] });
        });
        expect(store.row(records.length)).toBeUndefined();
        expect(store.row(-1)).toBeUndefined();
      }),
    );
  });

  it('keeps the newest ones within its bounds, by number and by size', () => {
    const byNumber = new RecordStore({ records: 20_000, bytes: 1_000 * MIB });
    const bySize = new RecordStore({ records: 1_000_000, bytes: 8 * MIB });
    for (let index = 0; index < 60_000; index++) {
      byNumber.add('a', `${index}`, 'key', index, Buffer.from(`${index}`));
      bySize.add('a', `${index}`, 'key', index, new Uint8Array(1_000));
    }

    for (const store of [byNumber, bySize]) {
      expect(store.end).toBe(60_000);
      expect(store.first).toBeGreaterThan(0);
      expect(store.row(store.first - 1)).toBeUndefined();
      expect(store.row(store.first)?.sequenceNumber).toBe(`${store.first}`);
      expect(store.row(59_999)?.sequenceNumber).toBe('59999');
    }
    expect(byNumber.end - byNumber.first).toBeLessThanOrEqual(20_000);
    expect(bySize.bytes).toBeLessThanOrEqual(8 * MIB);
  });

  it('takes a record that is larger than what it keeps, and keeps it alone', () => {
    const store = new RecordStore({ records: 10, bytes: MIB });
    store.add('a', '1', 'small', 0, Buffer.from('small'));
    store.add('a', '2', 'large', 0, new Uint8Array(10 * MIB));

    expect([store.first, store.end]).toEqual([1, 2]);
    expect(store.row(1)?.data.length).toBe(10 * MIB);
  });
});

describe('the records that are shown', () => {
  it('are those that the filter accepts and the store still has, from the newest on', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.boolean(), (wanted, isFilteredLater) => {
        const store = new RecordStore({ records: 1_000, bytes: 100 * MIB });
        const add = () =>
          wanted.forEach((isWanted, index) => {
            store.add('a', `${index}`, isWanted ? 'yes' : 'no', 0, new Uint8Array());
          });
        if (isFilteredLater) {
          add();
        }
        const matches = new Matches(store, ({ partitionKey }) => partitionKey === 'yes');
        if (!isFilteredLater) {
          add();
        }
        lookAtAll(matches);

        const expected = wanted.flatMap((isWanted, index) => (isWanted ? [index] : [])).reverse();
        expect(Array.from({ length: matches.count }, (_, at) => matches.fromNewest(at))).toEqual(expected);
        expect(matches.fromNewest(matches.count)).toBeUndefined();
      }),
    );
  });

  it('are without those that the store has forgotten', () => {
    const store = new RecordStore({ records: 10_000, bytes: 1_000 * MIB });
    const matches = new Matches(store, ({ arrivedMs }) => arrivedMs % 2 === 0);
    for (let index = 0; index < 40_000; index++) {
      store.add('a', `${index}`, 'key', index, new Uint8Array());
      lookAtAll(matches);
    }

    expect(matches.count).toBe((store.end - store.first) / 2);
    expect(matches.fromNewest(matches.count - 1)).toBe(store.first);
    expect(matches.fromNewest(0)).toBe(39_998);
  });
});

describe('a record among those that are shown', () => {
  /** The neighbour of a record in a list from new to old, or the record at its end. */
  function neighbour(shown: readonly number[], index: number, by: number): number | undefined {
    return by < 0
      ? (shown.filter((at) => at > index).at(-1) ?? shown[0])
      : (shown.filter((at) => at < index)[0] ?? shown.at(-1));
  }

  const SHOWN = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }).chain((wanted) =>
    fc.record({
      wanted: fc.constant(wanted),
      index: fc.nat({ max: wanted.length - 1 }),
      by: fc.constantFrom(-1 as const, 1 as const),
    }),
  );

  function matchesOf(wanted: readonly boolean[]): { matches: Matches; shown: readonly number[] } {
    const store = new RecordStore({ records: 1_000, bytes: 100 * MIB });
    for (const [at, isWanted] of wanted.entries()) {
      store.add('a', `${at}`, isWanted ? 'yes' : 'no', at, new Uint8Array());
    }
    const isAll = wanted.every(Boolean);
    const matches = new Matches(store, isAll ? undefined : ({ partitionKey }) => partitionKey === 'yes');
    lookAtAll(matches);
    return { matches, shown: wanted.flatMap((isWanted, at) => (isWanted ? [at] : [])).reverse() };
  }

  it('has neighbours, whether it is shown or not', () => {
    fc.assert(
      fc.property(SHOWN, ({ wanted, index, by }) => {
        const { matches, shown } = matchesOf(wanted);
        const next = neighbour(shown, index, by);

        expect(matches.neighbour(index, by)).toEqual(
          next === undefined ? undefined : { index: next, row: shown.indexOf(next) },
        );
        expect(matches.neighbour(undefined, by)?.index).toBe(shown[0]);
      }),
    );
  });

  it('has neighbours where all are shown', () => {
    const { matches } = matchesOf(new Array(1_000).fill(true));

    expect(matches.neighbour(0, 1)).toEqual({ index: 0, row: 999 });
    expect(matches.neighbour(500, 1)).toEqual({ index: 499, row: 500 });
  });
});

describe('a download while a filter still looks', () => {
  it('has all that pass it', async () => {
    const records = Array.from({ length: 10_000 }, (_, at) => [`${at}`, at % 2 === 0 ? 'even' : 'odd', 0, 'AAAA']);
    const lines = [{ type: 'begun', shards: 1 }, { type: 'records', shard: 'a', records }, { type: 'ended' }];
    vi.stubGlobal('fetch', async () => new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
    const sent: FromWorker[] = [];
    const reading = new RecordReading((message) => sent.push(message));
    reading.receive({ type: 'open', tail: { stream: 'orders', start: { type: 'TRIM_HORIZON' }, follow: false } });
    await until(() => sent.some((message) => message.type === 'state' && message.state.phase === 'ended'));
    vi.unstubAllGlobals();

    reading.receive({ type: 'filter', filter: { field: 'key', text: 'even' } });
    reading.receive({ type: 'download', id: 1, shards: [] });

    const [{ blob } = { blob: new Blob([]) }] = sent.filter((message) => message.type === 'download');
    const keys = (await blob.text())
      .trim()
      .split('\n')
      .map((line) => readStoredLine(lineOf(line)).partitionKey);
    expect(keys).toEqual(new Array(5_000).fill('even'));
  });
});

describe('a filter', () => {
  const order = row(
    '{"order":{"total":150,"items":[{"name":"Cup"},{"name":"plate"}]},"paid":true,"note":null,"quoted":"a > b"}',
    'anna',
  );
  const accepts = (field: FilterInput['field'], text: string, of = order) => compileFilter({ field, text })(of);

  it.each([
    ['$.order', true],
    ['$.nothing', false],
    ['$.order.total > 100', true],
    ['$.order.total>100', true],
    ['$.order.total > 150', false],
    ['$.order.total >= 150', true],
    ['$.order.total < 151', true],
    ['$.order.total <= 149', false],
    ['$.order.total = 150', true],
    ['$.order.total == 150', true],
    ['$.order.total != 150', false],
    ['$.order.total > "100"', false],
    ['$.order.items[*].name = Cup', true],
    ['$.order.items[*].name ~ PLA', true],
    ['$.order.items[?@.name == "plate"]', true],
    ['$.order.items[?@.name == "fork"]', false],
    ['$..name = "Cup"', true],
    ['$.paid = true', true],
    ['$.quoted = "a > b"', true],
    ['$.quoted != "a > b"', false],
    ['$.note = null', true],
  ])('by a JSON path: %s', (text, expected) => {
    expect(accepts('path', text)).toBe(expected);
  });

  it.each(['$.[', '', 'order', '$.a >', '> 5'])('is told to be no path: %s', (text) => {
    expect(() => accepts('path', text)).toThrow('no JSON path');
  });

  it.each(['$[?search(@.name, "(a+)+$")]', '$[?match(@.name, "a")]'])('runs no regular expression: %s', (text) => {
    expect(() => accepts('path', text)).toThrow('no JSON path');
  });

  it.each(['$..a', '$..z', '$ = 1', '$ ~ a', '$ != 1'])(
    'goes past records that are nested too deep for it: %s',
    (text) => {
      const store = new RecordStore({ records: 1_000, bytes: 100 * MIB });
      const matches = new Matches(store, compileFilter({ field: 'path', text }));
      for (const depth of [120, 1_000, 5_000, 100_000]) {
        store.add('a', `${depth}`, 'key', 0, Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`));
        store.add('a', `${depth}1`, 'key', 0, Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`));
      }
      store.add('a', '2', 'key', 0, Buffer.from('{"a":"a"}'));
      lookAtAll(matches);

      expect([...Array(matches.count).keys()].map((at) => matches.fromNewest(at))).toEqual(
        text === '$..z' || text === '$ = 1' ? [] : expect.arrayContaining([8]),
      );
    },
  );

  it('by text does not mind the case, and looks into gzip', () => {
    expect(accepts('text', 'CUP')).toBe(true);
    expect(accepts('text', 'cup', row(gzipSync('a Cup')))).toBe(true);
    expect(accepts('text', 'cup', row(Uint8Array.from([0, 99, 117, 112])))).toBe(false);
  });

  it('by partition key takes a part of it', () => {
    expect([accepts('key', 'nn'), accepts('key', 'bert')]).toEqual([true, false]);
  });
});

describe('a record that is opened', () => {
  it('never throws, and never shows a character that acts, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (data, isZipped) => {
        const shown = row(isZipped ? gzipSync(data) : data);
        const part = openRecord(shown).first;

        expect(part?.views.hex.text).toEqual(expect.any(String));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
        expect(rowView(shown).preview).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it('shows no more than a page can bear', () => {
    const part = openRecord(row(`[${'1,'.repeat(1_500_000)}1]`)).first;

    expect(part?.views.json).toBeUndefined();
    expect(part?.views.text?.isWhole).toBe(false);
    expect(part?.views.text?.text.length).toBeLessThanOrEqual(64_000);
    expect(part?.notes).toContain('too large or too deep for a tree');
    expect(openRecord(row('['.repeat(1_000) + ']'.repeat(1_000))).first?.views.json).toBeUndefined();
  });
});

describe('an aggregate', () => {
  const bomb = gzipSync(Buffer.from(`[${'0,'.repeat(MIB / 2)}0]`));
  const packed = aggregate(Array.from({ length: 60 }, (_, at) => ({ key: `${at} ${'k'.repeat(1_000)}`, data: bomb })));

  it('is opened part by part, whatever it is named by', () => {
    const opened = openRecord(row(packed));

    expect(opened).toMatchObject({ isAggregate: true, allParts: 60 });
    expect(JSON.stringify(opened.parts).length).toBeLessThan(60 * 300);
    expect(opened.first?.notes[0]).toMatch(/^gzip: .* became 1 MiB$/);
    expect(openPartOf(packed, 59)?.notes[0]).toMatch(/^gzip: .* became 1 MiB$/);
    expect(openPartOf(packed, 60)).toBeUndefined();
    expect(openPartOf(Buffer.from('text'), 0)).toBeUndefined();
  });

  it('becomes no larger than a record may, all parts together', () => {
    const parts = decodeRecord('key', packed, nodeCodecs);
    const bytes = parts.reduce((sum, { data }) => sum + (data.encoding === 'binary' ? 0 : data.text.length), 0);

    expect(parts).toHaveLength(60);
    expect(bytes).toBeGreaterThan(10 * MIB);
    expect(bytes).toBeLessThanOrEqual(16 * MIB);
    expect(parts.at(-1)?.data.encoding).toBe('binary');
    let opened = 0;
    const countingCodecs = {
      ...nodeCodecs,
      gunzip: (data: Uint8Array, most: number) => {
        opened += 1;
        return nodeCodecs.gunzip(data, most);
      },
    };
    decodeRecord('key', packed, countingCodecs);
    expect(opened).toBeLessThanOrEqual(17);
  });
});

describe('a download', () => {
  it('is read back as the records that it is of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.uint8Array(), (key, data) => {
        const whole = { id: 'shardId-000000000000', startingHashKey: '0', endingHashKey: `${2n ** 128n - 1n}` };
        const read = readStoredLine(lineOf(storedLine(row(data, key), [whole])));

        expect(read).toEqual({ partitionKey: key, data: Buffer.from(data).toString('base64') });
      }),
    );
  });
});

describe('where reading starts', () => {
  it.each([
    ['LATEST', '', { type: 'LATEST' }],
    ['10m', '', { type: 'AT_TIMESTAMP', timestampMs: 1_000_000 - 600_000 }],
    ['time', '2026-11-27T10:00:00Z', { type: 'AT_TIMESTAMP', timestampMs: Date.UTC(2026, 10, 27, 10) }],
    ['time', '', undefined],
    ['at', '123', { type: 'AT_SEQUENCE_NUMBER', sequenceNumber: '123' }],
    ['after', '12x', undefined],
    ['anything', '', undefined],
  ])('%s %s', (name, value, expected) => {
    expect(startInput(name, value, 1_000_000)).toEqual(expected);
  });
});

describe('a time in an address', () => {
  it('is the same moment as in a field of this zone', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0002-01-01'), max: new Date('9998-01-01'), noInvalidDate: true }),
        (date) => {
          date.setMilliseconds(0);
          const field = localTime(date.toISOString());

          expect(field).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/);
          expect([date.toISOString(), new Date(date.getTime() + 3_600_000).toISOString()]).toContain(timeOf(field));
        },
      ),
    );
    expect([localTime(''), timeOf(''), localTime('x')]).toEqual(['', '', '']);
  });
});

describe('the records of a file', () => {
  const read = async (text: string, kind: 'stored' | 'data') => {
    const records = [];
    for await (const record of fileRecords(new Blob([text]), kind, 'key-{{i}}', () => {})) {
      records.push(record);
    }
    return records;
  };

  it('are its lines', async () => {
    expect(await read('ä\r\n\nsecond', 'data')).toEqual([
      { partitionKey: 'key-1', data: Buffer.from('ä').toString('base64') },
      { partitionKey: 'key-3', data: Buffer.from('second').toString('base64') },
    ]);
  });

  it('are bytes, which need be no text', async () => {
    const records = [];
    for await (const record of fileRecords(new Blob([Uint8Array.from([0xe9, 0x0a, 0x0a])]), 'data', 'k', () => {})) {
      records.push(record);
    }
    expect(records).toEqual([{ partitionKey: 'k', data: Buffer.from([0xe9]).toString('base64') }]);
  });

  it('are what an export has, and a line that is none is named', async () => {
    const line = JSON.stringify({ partitionKey: 'a', data: 'aGVsbG8=', explicitHashKey: '7', shard: 'x' });

    expect(await read(`${line}\n`, 'stored')).toEqual([{ partitionKey: 'a', data: 'aGVsbG8=', explicitHashKey: '7' }]);
    await expect(read(`${line}\n{}`, 'stored')).rejects.toThrow('line 2 is no record');
    await expect(read('x', 'stored')).rejects.toThrow('line 1 is no JSON');
  });
});

describe('putting many records', () => {
  const THROTTLED = 'ProvisionedThroughputExceededException';

  interface Asked {
    readonly PartitionKey: string;
    readonly Data: string;
  }

  /** A stream that answers each record as it is told, and how it was put into. */
  function streamThat(
    refuses: (record: Asked, tries: number) => string | undefined,
    faults: (string | undefined)[] = [],
  ) {
    const tries = new Map<string, number>();
    const calls: number[] = [];
    const stored: Asked[] = [];
    const fetch = async (_url: string, { body }: { body: string }) => {
      const fault = faults.shift();
      if (fault !== undefined) {
        return Response.json({ __type: fault, message: 'refused' }, { status: 400 });
      }
      const { Records } = JSON.parse(body) as { Records: Asked[] };
      calls.push(Records.length);
      const answers = Records.map((record) => {
        const id = `${record.PartitionKey} ${record.Data}`;
        tries.set(id, (tries.get(id) ?? 0) + 1);
        const ErrorCode = refuses(record, tries.get(id) ?? 0);
        if (ErrorCode !== undefined) {
          return { ErrorCode, ErrorMessage: 'refused' };
        }
        stored.push(record);
        return { ShardId: 'shardId-000000000000', SequenceNumber: `${stored.length}` };
      });
      return Response.json({ Records: answers });
    };
    return { fetch, calls, stored };
  }

  /** Puts records at it. Pauses are over at once. */
  async function putAt(
    stream: ReturnType<typeof streamThat>,
    records: readonly NewRecord[] | AsyncIterable<NewRecord>,
    { signal = new AbortController().signal, keepsOrder = true } = {},
  ): Promise<{ progress: PutProgress | undefined; failure: unknown; pauses: number[] }> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.stubGlobal('fetch', stream.fetch);
    const pauses: number[] = [];
    const wait = globalThis.setTimeout;
    // No spy of Vitest's: with the end of the file it would put the fake one back, for all files that come after it.
    vi.stubGlobal('setTimeout', (work: () => void, ms = 0) => {
      pauses.push(ms);
      return wait(work, ms);
    });
    let progress: PutProgress | undefined;
    try {
      const outcome = putRecords('orders', { records, keepsOrder }, (now) => (progress = now), signal).then(
        () => ({ failure: undefined }),
        (failure: unknown) => ({ failure }),
      );
      const advanced = () => vi.advanceTimersByTimeAsync(5_000).then(() => undefined);
      let ended = await Promise.race([outcome, advanced()]);
      while (ended === undefined) {
        ended = await Promise.race([outcome, advanced()]);
      }
      return { progress, failure: ended.failure, pauses };
    } finally {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    }
  }

  const records = (count: number): NewRecord[] =>
    Array.from({ length: count }, (_, index) => ({ partitionKey: `${index}`, data: 'AAAA' }));

  it('puts again what a limit has refused, and nothing else', async () => {
    const stream = streamThat(({ PartitionKey }, tries) =>
      PartitionKey.endsWith('7') && tries < 3 ? THROTTLED : undefined,
    );
    const { progress } = await putAt(stream, records(1_001));

    expect(progress).toMatchObject({ put: 1_001, bytes: 3_003, retried: 200 });
    expect(stream.stored.map(({ PartitionKey }) => Number(PartitionKey)).sort((a, b) => a - b)).toEqual([
      ...Array(1_001).keys(),
    ]);
    expect(stream.calls.reduce((sum, count) => sum + count)).toBe(1_201);
  });

  it('keeps the records of a key in their order, whatever is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        async (keys, chances) => {
          const wanted = keys.map((partitionKey, at) => ({
            partitionKey,
            data: Buffer.from(`${at}`).toString('base64'),
          }));
          const stream = streamThat((_record, tries) =>
            tries < 4 && chances.next().value === 0 ? THROTTLED : undefined,
          );
          const { failure } = await putAt(stream, wanted);

          expect(failure).toBeUndefined();
          for (const key of ['a', 'b', 'c']) {
            expect(stream.stored.filter(({ PartitionKey }) => PartitionKey === key).map(({ Data }) => Data)).toEqual(
              wanted.filter(({ partitionKey }) => partitionKey === key).map(({ data }) => data),
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('puts as many as fit at once where no order is asked for, of one key too', async () => {
    const same = records(1_000).map((record) => ({ ...record, partitionKey: 'same' }));
    const chances = [0, 1, 1, 0];
    const stream = streamThat((_record, tries) => (tries < 3 && chances[tries] === 1 ? THROTTLED : undefined));
    const { progress } = await putAt(stream, same, { keepsOrder: false });

    expect(stream.calls[0]).toBe(500);
    expect(progress).toMatchObject({ put: 1_000 });
    expect(stream.stored).toHaveLength(1_000);
  });

  it('puts again after a call that was refused as a whole, if that passes', async () => {
    const stream = streamThat(() => undefined, [undefined, 'InternalFailure', 'LimitExceededException']);
    const { progress, failure } = await putAt(stream, records(1_001));

    expect(failure).toBeUndefined();
    expect(progress).toMatchObject({ put: 1_001, retried: 1_000 });
    const denied = await putAt(
      streamThat(() => undefined, [undefined, 'AccessDeniedException']),
      records(1_001),
    );
    expect(denied.failure).toMatchObject({ code: 'AccessDeniedException' });
    expect(denied.progress).toMatchObject({ put: 500 });
  });

  it('pauses after each refusal, also while other records are stored', async () => {
    const many = Array.from({ length: 10 }, (_, at) => ({ partitionKey: 'fast', data: btoa(`${at}`.padStart(3)) }));
    const stream = streamThat(({ PartitionKey }, tries) =>
      PartitionKey === 'slow' && tries < 8 ? THROTTLED : undefined,
    );
    const { pauses } = await putAt(stream, [{ partitionKey: 'slow', data: 'AAAA' }, ...many]);

    expect(stream.stored).toHaveLength(11);
    expect(pauses).toHaveLength(7);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(100);
  });

  it('gives up on what is refused for ever, and says what it has put', async () => {
    const { progress, failure } = await putAt(
      streamThat(({ PartitionKey }) => (PartitionKey === '1' ? THROTTLED : undefined)),
      records(3),
    );

    expect(failure).toMatchObject({ message: `1 record was refused again and again: ${THROTTLED}: refused` });
    expect(progress).toMatchObject({ put: 2, last: { sequenceNumber: '2' } });
  });

  it('asks once for what is refused for good, and says what it has put beside it', async () => {
    const stream = streamThat(({ PartitionKey }) => (PartitionKey === '0' ? 'KMSDisabledException' : undefined));
    const { progress, failure } = await putAt(stream, records(3));

    expect(failure).toMatchObject({ message: '1 record was refused: KMSDisabledException: refused' });
    expect(stream.calls).toEqual([3]);
    expect(progress).toMatchObject({ put: 2 });
  });

  it('puts what stands before a line that is none', async () => {
    const stream = streamThat(() => undefined);
    const file = new Blob([`${JSON.stringify({ partitionKey: 'a', data: 'AAAA' })}\n{}\n`]);
    const { failure } = await putAt(
      stream,
      fileRecords(file, 'stored', '', () => {}),
    );

    expect(failure).toMatchObject({ message: expect.stringContaining('line 2 is no record') });
    expect(stream.stored).toHaveLength(1);
  });

  it('stops between two calls', async () => {
    const ending = new AbortController();
    const stream = streamThat(() => {
      ending.abort();
      return undefined;
    });
    const { failure, progress } = await putAt(stream, records(1_001), { signal: ending.signal });

    expect(failure).toMatchObject({ name: 'AbortError' });
    expect(stream.calls).toEqual([500]);
    expect(progress).toMatchObject({ put: 500 });
  });
});
