import { describe, expect, it } from 'vitest';
import { check } from '../torture/checker.ts';
import type { HistoryEvent, ReadEvent, SeenRecord } from '../torture/history.ts';
import { clockDifferenceMs, type RoundTerms } from '../torture/round-terms.ts';
import { broken, finished, put, read, STEADY, seen, start, TURNING, unclear } from './sample-history.ts';

/** Three acknowledged records, and a reader that got all of them. */
const sound: HistoryEvent[] = [
  put(1),
  put(2),
  put(3),
  read('reader', [seen(1), seen(2), seen(3)]),
  { kind: 'finished', stream: 's', reader: 'reader' },
];

describe('a history', () => {
  it('in which everything went well breaks no promise', () => {
    expect(check(sound, STEADY)).toEqual({
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
    const { violations } = check([put(1), put(2), put(3), read('a', [seen(1), seen(3)]), finished('a')], STEADY);

    expect(violations.map(({ promise }) => promise)).toEqual(['what was acknowledged is read']);
    expect(violations[0]?.events).toEqual([put(2), read('a', [seen(3)]), { reader: 'a' }]);
  });

  it('that lost the records at the end of a shard shows the read that ended it', () => {
    const { violations } = check([put(1), put(2), read('a', [seen(1)], { ended: true }), finished('a')], STEADY);

    expect(violations[0]?.events).toEqual([put(2), read('a', [], { ended: true }), { reader: 'a' }]);
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
    // Between the acknowledgement of the first record and the put of the third one.
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

describe('a reader that begins at a time', () => {
  /** Reservations have overtaken each other: the third record has an earlier arrival time than the second one. */
  const log = [seen(1, { arrivalMs: 10 }), seen(2, { arrivalMs: 200 }), seen(3, { arrivalMs: 40 })];

  const begun = (terms: RoundTerms, timestampMs: number, ...records: SeenRecord[]) =>
    check(
      [
        ...[put(1), put(2), put(3), read('reader', log), finished('reader')],
        ...[start('AT_TIMESTAMP', { timestampMs }), read('visitor', records)],
      ],
      terms,
    ).violations.map(({ promise }) => promise);

  it('is given everything from the first record on that did not arrive before', () => {
    expect(begun(STEADY, 50, ...log.slice(1))).toEqual([]);
    expect(begun(STEADY, 200, ...log.slice(1))).toEqual([]);
  });

  it('passes no record that arrived at the time', () => {
    expect(begun(STEADY, 30, ...log.slice(2))).toEqual(['a reader begins where it asked to']);
    expect(begun(STEADY, 50, ...log)).toEqual(['a reader begins where it asked to']);
  });

  it('and goes on to the end is given everything that has arrived since', () => {
    const follower = (fromMs: number, ...records: SeenRecord[]) =>
      broken(
        ...[put(1), put(2), put(3), read('reader', log), finished('reader')],
        ...[read('follower', records), { ...finished('follower'), fromMs }],
      );

    expect(follower(50, ...log.slice(1))).toEqual([]);
    expect(follower(40, ...log.slice(1))).toEqual([]);
    expect(follower(50)).toEqual(['what was acknowledged is read']);
    expect(follower(10, ...log.slice(1))).toEqual(['what was acknowledged is read']);
  });

  it('may pass what clocks that turn make look earlier', () => {
    expect(begun(TURNING, 30, ...log.slice(2))).toEqual([]);
    expect(begun(TURNING, 200 - clockDifferenceMs(TURNING), ...log.slice(2))).toEqual([
      'a reader begins where it asked to',
    ]);
  });
});

describe('a reader at the tip', () => {
  const promise = 'who is at the tip has read everything';
  const atTip = (startMs: number, changes: Partial<ReadEvent> = {}) =>
    read('visitor', [], { startMs, millisBehind: 0, ...changes });

  it('has read what was acknowledged before, but for what is too young', () => {
    const begun = [put(1), put(2), start('TRIM_HORIZON'), read('visitor', [seen(1)])];

    expect(broken(...begun, atTip(25 + 3_000))).toEqual([]);
    expect(broken(...begun, atTip(25 + 3_001))).toEqual([promise]);
    expect(broken(...begun, atTip(25 + 3_001, { pushed: true }))).toEqual([]);
    expect(broken(...begun, read('visitor', [seen(2)]), atTip(9_000))).toEqual([]);
  });

  it('has read everything since where it began', () => {
    const after = start('AFTER_SEQUENCE_NUMBER', { sequenceNumber: '102' });

    expect(broken(put(1), put(2), after, atTip(9_000))).toEqual([]);
    expect(broken(put(1), put(2), put(3), after, atTip(9_000))).toEqual([promise]);
    expect(broken(put(1), start('TRIM_HORIZON'), atTip(9_000))).toEqual([promise]);
  });

  it('is never ahead of it', () => {
    expect(broken(atTip(0, { millisBehind: -1 }))).toEqual(['nobody is ahead of the latest record']);
  });
});
