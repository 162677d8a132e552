import type { Deps } from '../deps.ts';
import { KinesisFault, rateExceededForStream, type StreamReference } from '../faults.ts';

/** Dry runs of a stream in a second, for all operations together. The limits of its shards do not count them. */
const DRY_RUNS_PER_SECOND = 1;

/**
 * Ends a dry run. It ends with a fault, because nothing was done. Called after every check of a real
 * call, and before anything is read, written or counted.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
 * @throws KinesisFault DryRunOperationException, or ThrottlingException when throttling is on and there were too many; never
 * returns for a dry run
 */
export function endDryRun(
  { DryRun }: { readonly DryRun?: boolean | undefined },
  stream: StreamReference,
  deps: Deps,
): void {
  if (DryRun !== true) {
    return;
  }
  if (deps.limits.throttling && !deps.rates.admit(`dry run ${stream.streamName}`, DRY_RUNS_PER_SECOND)) {
    throw new KinesisFault('ThrottlingException', rateExceededForStream(stream).sentence);
  }
  // KMS uses these words for dry runs. Kinesis' own are not known.
  throw new KinesisFault('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
}
