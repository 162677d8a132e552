import { describe, expect, it } from 'vitest';
import type { ReadEvent, ShardEvent } from '../torture/history.ts';
import { maxTransitionMs } from '../torture/round-terms.ts';
import { broken, finished, put, read, SHARD, STEADY, seen, storedShard } from './sample-history.ts';

describe('the end of a shard', () => {
  const CHILD = 'shardId-000000000001';
  const shards = [
    storedShard({ closedSeconds: 2, seals: [9], lastPosition: 9 }),
    storedShard({ shardId: CHILD, createdSeconds: 3, parents: [SHARD] }),
  ];
  const atEnd = (changes: Partial<ReadEvent>) => read('a', [], { ended: true, ...changes });
  const atTip = (startMs: number) => read('a', [], { startMs, endMs: startMs, millisBehind: 0 });

  it('is told with all children of the shard', () => {
    const other = storedShard({ shardId: 'shardId-000000000002', createdSeconds: 3, parents: [SHARD] });

    expect(broken(...shards, atEnd({ children: [CHILD] }))).toEqual([]);
    expect(broken(...shards, other, atEnd({ children: [CHILD] }))).toEqual(['the end of a shard names its children']);
    expect(broken(atEnd({ children: [] }))).toEqual(['the end of a shard comes with its children']);
    expect(broken(atEnd({ ended: false, children: [CHILD] }))).toEqual(['the end of a shard comes with its children']);
  });

  it('is told in time', () => {
    const dueMs = 3_000 + maxTransitionMs(STEADY);

    expect(broken(...shards, atTip(dueMs))).toEqual([]);
    expect(broken(...shards, atTip(dueMs + 1))).toEqual(['a reader is told of the end of a shard']);
  });

  it('is told to everyone who has finished', () => {
    expect(broken(...shards, atEnd({ children: [CHILD] }), finished('a'))).toEqual([]);
    expect(broken(...shards, atTip(3_000), finished('a'))).toEqual(['a reader is told of the end of a shard']);
  });
});

describe('a shard that is closed', () => {
  const CHILD = 'shardId-000000000001';
  const OTHER = 'shardId-000000000002';

  /** A shard that was closed in second 2, with its seal at position 9. */
  const shard = (changes: Partial<ShardEvent> = {}) =>
    storedShard({ closedSeconds: 2, seals: [9], lastPosition: 9, ...changes });
  const child = (changes: Partial<ShardEvent> = {}) =>
    storedShard({ shardId: CHILD, createdSeconds: 3, parents: [SHARD], ...changes });

  it('has one seal, and nothing above it', () => {
    expect(broken(shard())).toEqual([]);
    expect(broken(shard({ seals: [7, 9] }))).toEqual([
      'a log has one seal once its shard is closed',
      'nothing stands above a seal',
    ]);
    expect(broken(shard({ seals: [] }))).toEqual(['a log has one seal once its shard is closed']);
    expect(broken(shard({ lastPosition: 10 }))).toEqual(['nothing stands above a seal']);
  });

  it('has a seal only then', () => {
    expect(broken(child())).toEqual([]);
    expect(broken(child({ seals: [1], lastPosition: 1 }))).toEqual(['a log has one seal once its shard is closed']);
  });

  it('holds no record that arrived after its end', () => {
    const late = (arrivalMs: number) => [put(1), read('a', [seen(1, { arrivalMs })]), shard()];

    expect(broken(...late(2_999))).not.toContain('no record arrives after the end of its shard');
    expect(broken(...late(3_000))).toContain('no record arrives after the end of its shard');
  });

  it('is followed by its children after one second', () => {
    const promise = 'a shard begins one second after its parent has closed';

    expect(broken(shard(), child())).toEqual([]);
    expect(broken(shard(), child({ createdSeconds: 2 }))).toEqual([promise]);
    expect(broken(shard(), child({ createdSeconds: 4 }))).toEqual([promise]);
  });

  it('closes in the same second as the other parent of a merge', () => {
    const merged = child({ parents: [SHARD, OTHER] });

    expect(broken(shard(), shard({ shardId: OTHER }), merged)).toEqual([]);
    expect(broken(shard(), shard({ shardId: OTHER, closedSeconds: 1 }), merged)).toContain(
      'the parents of a merge close in the same second',
    );
  });
});
