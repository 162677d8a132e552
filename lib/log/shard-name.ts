import type { ShardReference } from '../store/table.ts';

/** A name for a shard that is unique within a process. */
export const shardName = ({ streamId, shardIndex }: ShardReference): string => `${streamId}#${shardIndex}`;
