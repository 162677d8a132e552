import type { ShardReference } from '../store/table.ts';

/** Tells shards apart in a process' memory. */
export const shardName = ({ streamId, shardIndex }: ShardReference): string => `${streamId}#${shardIndex}`;
