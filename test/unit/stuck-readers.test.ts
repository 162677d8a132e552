import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../torture/history.ts';
import { StuckReaders, stuckInWords } from '../torture/stuck-readers.ts';

const LIMIT_MS = 45_000;
const SHARD = 'shardId-000000000000';

const put = (number: number, endMs: number): HistoryEvent => ({
  kind: 'put',
  stream: 's',
  id: `r${number}`,
  key: 'k',
  number,
  startMs: endMs,
  endMs,
  outcome: 'acknowledged',
  shardId: SHARD,
  sequenceNumber: String(100 + number),
});

const start = (startMs: number): HistoryEvent => ({
  kind: 'start',
  stream: 's',
  reader: 'reader',
  shardId: SHARD,
  type: 'TRIM_HORIZON',
  startMs,
  endMs: startMs,
});

/** Empty responses, at a time when every read sees all records. */
const nothing = (times: number, endMs = 20_000): HistoryEvent[] =>
  Array.from({ length: times }, () => ({ ...read(0, endMs), records: [] }) as HistoryEvent);

const read = (number: number, endMs: number, ended = false): HistoryEvent => ({
  kind: 'read',
  stream: 's',
  reader: 'reader',
  shardId: SHARD,
  startMs: endMs,
  endMs,
  records: [{ sequenceNumber: String(100 + number), id: `r${number}`, key: 'k', arrivalMs: 0, intact: true }],
  ended,
  millisBehind: 0,
});

function found(nowMs: number, ...events: HistoryEvent[]) {
  const readers = new StuckReaders(LIMIT_MS);
  for (const event of events) {
    readers.note(event);
  }
  return readers.find(nowMs);
}

describe('a reader', () => {
  it('is stuck when it is given nothing of what has been acknowledged for too long', () => {
    const stuck = found(46_001, start(0), put(1, 500), read(1, 1_000), put(2, 900), ...nothing(3));

    expect(stuck).toEqual({ reader: 'reader', shardId: SHARD, after: '101', due: '102', forMs: 45_001 });
    expect(stuck && stuckInWords(stuck)).toBe(
      `reader is stuck in ${SHARD} after 101: it has not been given 102 for 45001 ms`,
    );
  });

  it('is stuck when it is given nothing at all', () => {
    expect(found(46_000, start(0), put(1, 500), ...nothing(3))).toMatchObject({ after: undefined, due: '101' });
  });

  it.each([
    ['it was given something lately', 46_000, [start(0), put(1, 0), put(2, 0), read(1, 2_000), ...nothing(9)]],
    ['what is due is young', 46_000, [start(0), put(1, 500), read(1, 600), put(2, 2_000), ...nothing(9)]],
    ['it has read everything', 99_000, [start(0), put(1, 500), read(1, 600), ...nothing(9)]],
    ['it has come to the end of the shard', 99_000, [start(0), put(1, 500), put(2, 500), read(1, 600, true)]],
    ['it was not answered', 99_000, [start(0), put(1, 500), ...nothing(2)]],
    ['it was answered only before', 99_000, [start(0), put(1, 500), ...nothing(9, 3_500)]],
    ['it has only begun', 46_000, [put(1, 500), start(10_000), ...nothing(9)]],
  ] as [string, number, HistoryEvent[]][])('is not when %s', (_, nowMs, events) => {
    expect(found(nowMs, ...events)).toBeUndefined();
  });
});
