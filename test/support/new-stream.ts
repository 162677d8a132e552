import type { Stream } from '../../lib/model/stream.ts';
import { newId } from './shard-log.ts';

/** A provisioned stream of one shard, as CreateStream writes it, with changes. */
export function newStream(changes: Partial<Stream>): Stream {
  return {
    name: newId().replace(/^-/, '_'),
    id: newId(),
    revision: 1,
    status: 'CREATING',
    mode: 'PROVISIONED',
    createdMs: Math.floor(Date.now() / 1000) * 1000,
    retentionHours: 24,
    maxRecordKiB: 1024,
    openShardCount: 1,
    nextShardIndex: 1,
    activated: false,
    shardLevelMetrics: [],
    keyId: null,
    warmMiBps: null,
    warmTargetMiBps: null,
    mayHavePolicy: false,
    calledMs: {},
    ...changes,
  };
}
