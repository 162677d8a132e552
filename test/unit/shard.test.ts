import { describe, expect, it } from 'vitest';
import { parseShardId, shardId } from '../../lib/model/shard.ts';

describe('shard ids', () => {
  it.each(['shardId-000000000003', 'shardId-3', 'shard-3', 'x-3', '-3', '3'])('%s names shard 3', (text) => {
    expect(parseShardId(text)).toBe(3);
  });

  it.each(['ABC', 'shardId-', '2.14E4', '2147483648', 'shardId-002147483648', 'shardId--1', ''])(
    '%j names no shard',
    (text) => {
      expect(parseShardId(text)).toBeUndefined();
    },
  );

  it('are padded to twelve places, the sign being one of them', () => {
    expect(shardId(7)).toBe('shardId-000000000007');
    expect(shardId(-2147483648)).toBe('shardId--02147483648');
  });
});
