import type { Deps } from '../deps.ts';
import { rateExceededForAccount, rateExceededForStream, readRateExceeded, type StreamReference } from '../faults.ts';
import { shardId } from '../model/shard.ts';
import { namedStream } from '../resources/addressed-stream.ts';

/** How many calls a second an operation accepts, for the account or for each stream. */
export interface CallRate {
  readonly callsPerSecond: number;
  readonly per: 'account' | 'stream';
}

/**
 * Counts a call against the rate of its operation.
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

/** A read of a shard. Calls of each kind have a count of their own. */
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

/** Counts the bytes that GetRecords has returned. More than a shard's bytes a second block its reads for some seconds. */
export function spendReadBytes({ call, reference, shardIndex }: ShardRead, bytes: number, deps: Deps): void {
  const { throttling, shardReadBytesPerSecond } = deps.limits;
  if (throttling) {
    deps.rates.spend(readKey(call, reference, shardIndex), bytes, shardReadBytesPerSecond);
  }
}

const readKey = (call: string, { streamName }: StreamReference, shardIndex: number): string =>
  `${call} ${streamName} ${shardIndex}`;
