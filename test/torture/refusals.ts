import type { RefusalEvent } from './history.ts';

export type Refusal = Pick<RefusalEvent, 'status' | 'error' | 'message'>;

/** What a response to PutRecords says about one record; null if the server is wrong. */
type Entry = {
  readonly SequenceNumber?: string;
  readonly ErrorCode?: string;
  readonly ErrorMessage?: string;
} | null;

interface PutRecordsAnswer {
  readonly FailedRecordCount: number;
  readonly Records: readonly Entry[];
}

/** Used instead of the name of an error, for what no response may contain. */
export const NO_RESULT = 'neither a sequence number nor an error';
export const WRONG_COUNT = 'another FailedRecordCount than failed records';

/** The errors in a response: its own, or those of its records, each kind once. */
export function refusalsOf(
  action: string,
  { status, body }: { readonly status: number; readonly body: unknown },
): Refusal[] {
  if (status !== 200) {
    const fault = (body ?? {}) as { readonly __type?: string; readonly message?: string; readonly Message?: string };
    return [{ status, error: fault.__type ?? '', message: fault.message ?? fault.Message ?? '' }];
  }
  return action === 'PutRecords' ? refusedRecords(body as PutRecordsAnswer) : [];
}

function refusedRecords({ FailedRecordCount, Records }: PutRecordsAnswer): Refusal[] {
  const failed = Records.filter((entry) => entry?.SequenceNumber === undefined);
  const kinds = Map.groupBy(failed, (entry) => entry?.ErrorCode ?? NO_RESULT);
  const refusals = [...kinds].map(([error, [entry]]) => ({ status: 200, error, message: entry?.ErrorMessage ?? '' }));
  const message = `${FailedRecordCount} of ${failed.length}`;
  return FailedRecordCount === failed.length ? refusals : [...refusals, { status: 200, error: WRONG_COUNT, message }];
}

/** The number of refusals, by action and error. */
export function countedRefusals(refusals: readonly RefusalEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { action, error, status } of refusals) {
    const name = `${action} ${error || status}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
