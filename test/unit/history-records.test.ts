import { describe, expect, it } from 'vitest';
import { check } from '../torture/checker.ts';
import type { PutEvent } from '../torture/history.ts';
import type { RoundTerms } from '../torture/round-terms.ts';
import { broken, finished, put, read, STEADY, seen, storedShard, TURNING } from './sample-history.ts';

describe('a record', () => {
  const arrived = (terms: RoundTerms, arrivalMs: number) => {
    const events = [put(1, { startMs: 100_000, endMs: 100_050 }), read('a', [seen(1, { arrivalMs })])];
    return check(events, terms).violations.map(({ promise }) => promise);
  };

  it.each([
    ['as long as its request lasts', STEADY, 100_000],
    ['by a clock that is ahead, at the end of a quarter of a second', STEADY, 100_050 + 400 + 250],
    ['by a clock that is behind, where clocks turn', TURNING, 100_000 - TURNING.behindMs],
    ['by a clock that is far ahead, where clocks turn', TURNING, 100_050 + TURNING.aheadMs + 250],
  ])('arrives %s', (_, terms, arrivalMs) => {
    expect(arrived(terms, arrivalMs)).toEqual([]);
  });

  it.each([
    ['before its request', STEADY, 99_999],
    ['after its answer', STEADY, 100_050 + 400 + 251],
    ['before its request by any clock', TURNING, 99_999 - TURNING.behindMs],
    ['after its answer by any clock', TURNING, 100_050 + TURNING.aheadMs + 251],
  ])('does not arrive %s', (_, terms, arrivalMs) => {
    expect(arrived(terms, arrivalMs)).toEqual(['a record arrives between its request and the answer']);
  });

  it('arrives after those before it, but for a quarter of a second', () => {
    const log = (arrivalMs: number) => [
      ...[put(1, { endMs: 1_000 }), put(2, { endMs: 1_000 })],
      ...[read('a', [seen(1, { arrivalMs: 900 }), seen(2, { arrivalMs })]), finished('a')],
    ];

    expect(broken(...log(650))).toEqual([]);
    expect(broken(...log(649))).toEqual(['arrival times ascend']);
  });

  it('lies in the shard of its hash key', () => {
    // The MD5 of the key.
    const hashKey = '187279361568289349169310600456257773043';
    const inShard = (startingHashKey: string, endingHashKey: string, changes: Partial<PutEvent> = {}) =>
      broken(put(1, changes), read('a', [seen(1)]), storedShard({ startingHashKey, endingHashKey }));

    expect(inShard(hashKey, hashKey)).toEqual([]);
    expect(inShard('0', '99')).toEqual(['a record lies in the shard of its hash key']);
    expect(inShard('0', '99', { explicitHashKey: '99' })).toEqual([]);
    expect(inShard('0', '99', { explicitHashKey: '100' })).toEqual(['a record lies in the shard of its hash key']);
  });
});
