import type { Deps } from '../deps.ts';
import { rateExceededForAccount, rateExceededForStream, readRateExceeded, type StreamReference } from '../faults.ts';
import { shardId } from '../model/shard.ts';
import { namedStream } from '../resources/addressed-stream.ts';

/** How many calls a second an operation takes, of the whole account or for each stream. */
export interface CallRate {
  readonly callsPerSecond: number;
  readonly per: 'account' | 'stream';
}

/**
 * Counts a call of an operation towards its rate.
 * @throws KinesisFault LimitExceededException when throttling is on and the second's calls are used up
 */
export function enforceCallRate(
  { name, rate }: { readonly name: string; readonly rate?: CallRate },
  input: object,
  deps: Deps,
): void {
  if (!deps.limits.throttling || rate === undefined) {
    return;
  }
  const streamName = namedStream(input);
  const key = rate.per === 'stream' ? `${name} ${streamName}` : name;
  if (!deps.rates.admit(key, rate.callsPerSecond)) {
    const { accountId } = deps.account;
    throw streamName === undefined
      ? rateExceededForAccount(accountId)
      : rateExceededForStream({ streamName, accountId });
  }
}

/** A shard that is read, and how it is read: calls of each kind are counted by themselves. */
export interface ShardRead {
  readonly call: 'GetRecords' | 'GetShardIterator';
  readonly reference: StreamReference;
  readonly shardIndex: number;
}

/** @throws KinesisFault ProvisionedThroughputExceededException when the shard's reads of this second are used up */
export function enforceReadRate({ call, reference, shardIndex }: ShardRead, deps: Deps): void {
  const { throttling, shardReadsPerSecond } = deps.limits;
  if (throttling && !deps.rates.admit(readKey(call, reference, shardIndex), shardReadsPerSecond)) {
    throw readRateExceeded(reference, shardId(shardIndex));
  }
}

/** Notes what a GetRecords has answered: more than a shard gives in a second blocks its reads for some. */
export function spendReadBytes({ call, reference, shardIndex }: ShardRead, bytes: number, deps: Deps): void {
  const { throttling, shardReadBytesPerSecond } = deps.limits;
  if (throttling) {
    deps.rates.spend(readKey(call, reference, shardIndex), bytes, shardReadBytesPerSecond);
  }
}

const readKey = (call: string, { streamName }: StreamReference, shardIndex: number): string =>
  `${call} ${streamName} ${shardIndex}`;
