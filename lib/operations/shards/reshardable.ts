import type { Deps } from '../../deps.ts';
import { invalidArgument, KinesisFault, type StreamReference, shardNotFound } from '../../faults.ts';
import { type Shard, shardId } from '../../model/shard.ts';
import type { Stream } from '../../model/stream.ts';
import { listShards } from '../../store/shard-item.ts';

/** @throws KinesisFault ValidationException for an on-demand stream, which scales by itself */
export function requireProvisioned(stream: Stream, { streamName, accountId }: StreamReference): void {
  if (stream.mode === 'ON_DEMAND') {
    throw new KinesisFault(
      'ValidationException',
      `Request is invalid. Stream ${streamName} under account ${accountId} is in On-Demand mode.`,
    );
  }
}

/**
 * The shards that a request wants to split or merge. First each has to exist, then each has to be open.
 * @throws KinesisFault ResourceNotFoundException, InvalidArgumentException
 */
export async function reshardableShards<const I extends readonly number[]>(
  indexes: I,
  stream: Stream,
  reference: StreamReference,
  deps: Deps,
): Promise<{ readonly [K in keyof I]: Shard }> {
  const all = await listShards(deps.tables, stream.id);
  const shards = indexes.map((index) => {
    const shard = all.find((candidate) => candidate.index === index);
    if (shard === undefined) {
      throw shardNotFound(reference, shardId(index));
    }
    return shard;
  });
  const closed = shards.find((shard) => shard.state === 'CLOSED');
  if (closed !== undefined) {
    throw invalidArgument(
      `Shard ${shardId(closed.index)} in stream ${reference.streamName} under account ${reference.accountId} ` +
        'has already been merged or split, and thus is not eligible for merging or splitting.',
    );
  }
  return shards as { readonly [K in keyof I]: Shard };
}
