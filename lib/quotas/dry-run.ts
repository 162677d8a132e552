import type { Deps } from '../deps.ts';
import { KinesisFault, rateExceededForStream, type StreamReference } from '../faults.ts';

/** Dry runs of a stream in a second, of all operations together; apart from the limits of its shards. */
const DRY_RUNS_PER_SECOND = 1;

/**
 * Ends a call that was only to be checked: with a fault, since nothing is answered that was not done. Called when all that a
 * real call checks has been checked, and before anything is read, written or counted.
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
  // The words are those of KMS' dry runs: nobody has shown Kinesis' own.
  throw new KinesisFault('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
}
