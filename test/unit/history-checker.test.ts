import { describe, expect, it } from 'vitest';
import { check } from '../torture/checker.ts';
import type { HistoryEvent, PutEvent, ReadEvent, SeenRecord, StartEvent } from '../torture/history.ts';

const SHARD = 'shardId-000000000000';

/** The n-th put of one key, acknowledged with sequence number 100 + n, from 10 n ms to 10 n + 5 ms. */
const put = (number: number, changes: Partial<PutEvent> = {}): PutEvent => ({
  kind: 'put',
  stream: 's',
  id: `r${number}`,
  key: 'k',
  number,
  startMs: number * 10,
  endMs: number * 10 + 5,
  outcome: 'acknowledged',
  shardId: SHARD,
  sequenceNumber: String(100 + number),
  ...changes,
});

const seen = (number: number, changes: Partial<SeenRecord> = {}): SeenRecord => ({
  sequenceNumber: String(100 + number),
  id: `r${number}`,
  key: 'k',
  arrivalMs: number * 10,
  intact: true,
  ...changes,
});

const read = (reader: string, records: readonly SeenRecord[], changes: Partial<ReadEvent> = {}): ReadEvent => ({
  kind: 'read',
  stream: 's',
  reader,
  shardId: SHARD,
  startMs: 1_000,
  endMs: 1_001,
  records,
  ended: false,
  ...changes,
});

const start = (type: StartEvent['type'], changes: Partial<StartEvent> = {}): StartEvent => ({
  kind: 'start',
  stream: 's',
  reader: 'visitor',
  shardId: SHARD,
  type,
  startMs: 0,
  endMs: 0,
  ...changes,
});

const unclear = (number: number): PutEvent => {
  const { shardId: _shardId, sequenceNumber: _sequenceNumber, ...rest } = put(number);
  return { ...rest, outcome: 'unclear' };
};

/** Three acknowledged records, and a reader that was given them all. */
const sound: HistoryEvent[] = [
  put(1),
  put(2),
  put(3),
  read('reader', [seen(1), seen(2), seen(3)]),
  { kind: 'finished', stream: 's', reader: 'reader' },
];

const broken = (...events: HistoryEvent[]): string[] => [
  ...new Set(check(events).violations.map(({ promise }) => promise)),
];

describe('a history', () => {
  it('in which everything went well breaks no promise', () => {
    expect(check(sound)).toEqual({
      acknowledged: 3,
      unclear: 0,
      refused: 0,
      recordsRead: 3,
      readers: 1,
      violations: [],
    });
  });

  it('may show what was unclear once, or not at all', () => {
    const shown = [put(1), unclear(2), read('a', [seen(1), seen(2)]), finished('a')];

    expect(broken(...shown)).toEqual([]);
    expect(broken(put(1), unclear(2), read('a', [seen(1)]), finished('a'))).toEqual([]);
    expect(broken(...shown, read('a', [seen(2, { sequenceNumber: '103' })]))).toContain(
      'a reader is given a record once',
    );
  });

  it('that lost an acknowledged record shows the put, and the read that passed it', () => {
    const { violations } = check([put(1), put(2), put(3), read('a', [seen(1), seen(3)]), finished('a')]);

    expect(violations.map(({ promise }) => promise)).toEqual(['what was acknowledged is read']);
    expect(violations[0]?.events).toEqual([put(2), read('a', [seen(3)])]);
  });

  it('that lost the records at the end of a shard shows the read that ended it', () => {
    const { violations } = check([put(1), put(2), read('a', [seen(1)], { ended: true }), finished('a')]);

    expect(violations[0]?.events).toEqual([put(2), read('a', [], { ended: true })]);
  });

  it.each([
    ['sequence numbers are unique', [put(1), put(2, { sequenceNumber: '101' })]],
    ['a sequence number exceeds its SequenceNumberForOrdering', [put(1, { after: '101' })]],
    ['the sequence numbers of a key ascend', [put(1, { sequenceNumber: '105' }), put(2)]],
    ['numbers of a shard ascend in time', [put(1, { key: 'x', sequenceNumber: '109' }), put(2)]],
    ['a reader is given a shard in sequence order', [put(1), put(2), read('a', [seen(2), seen(1)])]],
    ['a reader is given the records of a key in their order', [put(1), put(2), read('a', [seen(2), seen(1)])]],
    ['a reader is given a record once', [put(1), read('a', [seen(1)]), read('a', [seen(1)])]],
    ['a reader is given what was put', [read('a', [seen(1)])]],
    ['a reader is given what was put', [put(1), read('a', [seen(1, { intact: false })])]],
    ['a reader is given what was put', [put(1), read('a', [seen(1, { key: 'other' })])]],
    ['what was refused is never read', [put(1, { outcome: 'refused' }), read('a', [seen(1)])]],
    ['a record is read where it was acknowledged', [put(1), read('a', [seen(1, { sequenceNumber: '102' })])]],
    ['a record is read where it was acknowledged', [put(1, { shardId: 'shardId-000000000001' }), read('a', [seen(1)])]],
    ['a stream was stuck', [{ kind: 'wrong', stream: 's', what: 'a stream was stuck' }]],
  ] as [string, HistoryEvent[]][])('breaks a promise: %s', (promise, events) => {
    expect(broken(...events)).toContain(promise);
  });

  it('tells records of one key in order across the shards of a reshard', () => {
    const child = 'shardId-000000000001';
    const inChild = put(2, { shardId: child });

    expect(
      broken(
        put(1),
        inChild,
        read('a', [seen(2)], { shardId: child, startMs: 1, endMs: 2 }),
        read('a', [seen(1)], { startMs: 3, endMs: 4 }),
      ),
    ).toEqual(['a reader is given the records of a key in their order']);
  });

  it('is told apart from that of another stream of the same name', () => {
    expect(broken(put(1, { stream: 'other' }), read('a', [seen(1)]))).toEqual(['a reader is given what was put']);
  });
});

describe('a reader that begins in the midst', () => {
  it('is given the log from there without a hole', () => {
    expect(broken(...sound, read('visitor', [seen(2), seen(3)]))).toEqual([]);
    expect(broken(...sound, read('visitor', [seen(1), seen(3)]))).toEqual(['a reader passes nothing']);
  });

  it('is told of the end of a shard only when it has read all of it', () => {
    const ended = (...numbers: number[]) =>
      read(
        'visitor',
        numbers.map((number) => seen(number)),
        { ended: true },
      );

    expect(broken(...sound, start('TRIM_HORIZON'), ended(1, 2, 3))).toEqual([]);
    expect(broken(...sound, start('AFTER_SEQUENCE_NUMBER', { sequenceNumber: '103' }), ended())).toEqual([]);
    expect(broken(...sound, start('TRIM_HORIZON'), ended(1))).toEqual(['a shard ends when all of it is read']);
    expect(broken(...sound, start('AT_TIMESTAMP', { timestampMs: 5 }), ended())).toEqual([
      'a shard ends when all of it is read',
    ]);
  });

  it.each([
    ['TRIM_HORIZON', {}, 1],
    ['AT_SEQUENCE_NUMBER', { sequenceNumber: '102' }, 2],
    ['AFTER_SEQUENCE_NUMBER', { sequenceNumber: '102' }, 3],
    ['AT_TIMESTAMP', { timestampMs: 15 }, 2],
    // Between the acknowledgement of the first and the put of the third record.
    ['LATEST', { startMs: 16, endMs: 29 }, 2],
    ['LATEST', { startMs: 16, endMs: 29 }, 3],
  ] as const)('%s begins where it asked to', (type, place, first) => {
    const records = [1, 2, 3].filter((number) => number >= first).map((number) => seen(number));

    expect(broken(...sound, start(type, place), read('visitor', records))).toEqual([]);
  });

  it.each([
    ['TRIM_HORIZON', {}, 2],
    ['AT_SEQUENCE_NUMBER', { sequenceNumber: '102' }, 3],
    ['AFTER_SEQUENCE_NUMBER', { sequenceNumber: '102' }, 2],
    ['AT_TIMESTAMP', { timestampMs: 15 }, 3],
    ['AT_TIMESTAMP', { timestampMs: 15 }, 1],
    ['LATEST', { startMs: 26, endMs: 29 }, 2],
    ['LATEST', { startMs: 16, endMs: 19 }, 3],
  ] as const)('%s is told when it begins elsewhere', (type, place, first) => {
    const records = [1, 2, 3].filter((number) => number >= first).map((number) => seen(number));

    expect(broken(...sound, start(type, place), read('visitor', records))).toEqual([
      'a reader begins where it asked to',
    ]);
  });
});

function finished(reader: string): HistoryEvent {
  return { kind: 'finished', stream: 's', reader };
}
