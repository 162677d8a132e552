import { check } from '../torture/checker.ts';
import type {
  FinishedEvent,
  HistoryEvent,
  PutEvent,
  ReadEvent,
  SeenRecord,
  ShardEvent,
  StartEvent,
} from '../torture/history.ts';
import { roundTerms } from '../torture/round-terms.ts';

/** Terms of rounds without limits: with exact times, and with turning clocks. */
export const STEADY = roundTerms(1);
export const TURNING = roundTerms(2);

export const SHARD = 'shardId-000000000000';

/** The n-th put of one key, acknowledged with sequence number 100 + n, from 10 n ms to 10 n + 5 ms. */
export const put = (number: number, changes: Partial<PutEvent> = {}): PutEvent => ({
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

export const seen = (number: number, changes: Partial<SeenRecord> = {}): SeenRecord => ({
  sequenceNumber: String(100 + number),
  id: `r${number}`,
  key: 'k',
  arrivalMs: number * 10,
  intact: true,
  ...changes,
});

export const read = (reader: string, records: readonly SeenRecord[], changes: Partial<ReadEvent> = {}): ReadEvent => ({
  kind: 'read',
  stream: 's',
  reader,
  shardId: SHARD,
  startMs: 1_000,
  endMs: 1_001,
  records,
  ended: false,
  millisBehind: 1,
  ...(changes.ended && { children: ['shardId-000000000001'] }),
  ...changes,
});

export const start = (type: StartEvent['type'], changes: Partial<StartEvent> = {}): StartEvent => ({
  kind: 'start',
  stream: 's',
  reader: 'visitor',
  shardId: SHARD,
  type,
  startMs: 0,
  endMs: 0,
  ...changes,
});

/** A shard that is open, has all hash keys, and is empty. */
export const storedShard = (changes: Partial<ShardEvent> = {}): ShardEvent => ({
  kind: 'shard',
  stream: 's',
  shardId: SHARD,
  startingHashKey: '0',
  endingHashKey: '340282366920938463463374607431768211455',
  parents: [],
  createdSeconds: 0,
  seals: [],
  lastPosition: 0,
  ...changes,
});

export const unclear = (number: number): PutEvent => {
  const { shardId: _shardId, sequenceNumber: _sequenceNumber, ...rest } = put(number);
  return { ...rest, outcome: 'unclear' };
};

/** The promises that a history with exact times breaks. */
export const broken = (...events: HistoryEvent[]): string[] => [
  ...new Set(check(events, STEADY).violations.map(({ promise }) => promise)),
];

export const finished = (reader: string): FinishedEvent => ({ kind: 'finished', stream: 's', reader });
