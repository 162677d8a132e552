import type { Traffic } from '../../wire.ts';
import { ask } from '../api.ts';
import { useSession } from '../session.ts';
import { useAsked } from '../use.ts';

const EVERY_MS = 2_000;

/**
 * The shards of a stream that have traffic, by a local server's counters. Nobody else counts by shard: there, nothing is asked, because
 * CloudWatch would bill it.
 * @returns undefined: nobody counts, or it is not known yet
 */
export function useShardTraffic(stream: string): Traffic['shards'] | undefined {
  const { about } = useSession();
  const isCounted = about.kind === 'local';
  const traffic = useAsked(
    `traffic ${stream}`,
    async (signal) => (isCounted ? ask<Traffic>('traffic', { stream }, signal) : undefined),
    isCounted ? EVERY_MS : undefined,
  ).value;
  return traffic?.source === 'process' ? traffic.shards : undefined;
}
