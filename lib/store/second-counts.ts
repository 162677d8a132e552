/** The records and bytes that a shard accepted in one second. */
export interface SecondCounts {
  /** Epoch seconds, by the clock of the writer that began the second. */
  readonly countedSecond: number;
  readonly secondRecords: number;
  readonly secondBytes: number;
}

/** How a reservation counts its records. */
export type AdmissionRequest =
  | (CountedRecords & { readonly form: 'same second'; readonly atMostRecords: number; readonly atMostBytes: number })
  | (CountedRecords & { readonly form: 'new second'; readonly atMostBytes: number })
  /**
   * Replaces the counts that were seen, for one of two reasons. One large record exceeded its second; the excess is
   * carried into this second. Or a clock that is far ahead began a second in the future.
   */
  | (CountedRecords & { readonly form: 'replace'; readonly seen: SecondCounts; readonly carriedBytes: number })
  /** The counts come from the newest batch of a chain. The tail's counts are stale. */
  | { readonly form: 'known'; readonly counts: SecondCounts };

/** The records to count, and the second by the writer's clock, in epoch seconds. */
export interface CountedRecords {
  readonly second: number;
  readonly records: number;
  readonly bytes: number;
}

/** Parts of a DynamoDB update. */
export interface Expressions {
  readonly conditions: readonly string[];
  readonly sets: readonly string[];
  readonly values: Readonly<Record<string, number | string>>;
}

const RESTART_COUNTS = ['countedSecond = :second', 'secondRecords = :records', 'secondBytes = :bytes'];

/** The parts of an update that count records, and the conditions under which they may be counted. */
export function admissionExpressions(admission: AdmissionRequest): Expressions {
  if (admission.form === 'known') {
    const { countedSecond, secondRecords, secondBytes } = admission.counts;
    const values = { ':second': countedSecond, ':records': secondRecords, ':bytes': secondBytes };
    return { conditions: [], sets: RESTART_COUNTS, values };
  }
  const added = { ':second': admission.second, ':records': admission.records, ':bytes': admission.bytes };
  switch (admission.form) {
    case 'same second':
      return {
        conditions: ['countedSecond >= :second', 'secondRecords <= :atMostRecords', 'secondBytes <= :atMostBytes'],
        sets: ['secondRecords = secondRecords + :records', 'secondBytes = secondBytes + :bytes'],
        values: { ...added, ':atMostRecords': admission.atMostRecords, ':atMostBytes': admission.atMostBytes },
      };
    case 'new second':
      return {
        conditions: ['countedSecond < :second', 'secondBytes <= :atMostBytes'],
        sets: RESTART_COUNTS,
        values: { ...added, ':atMostBytes': admission.atMostBytes },
      };
    case 'replace':
      return {
        conditions: ['countedSecond = :seenSecond', 'secondBytes = :seenBytes'],
        sets: RESTART_COUNTS,
        values: {
          ...added,
          ':seenSecond': admission.seen.countedSecond,
          ':seenBytes': admission.seen.secondBytes,
          ':bytes': admission.carriedBytes + admission.bytes,
        },
      };
  }
}

/** The counts after the records are admitted. @param old the counts before */
export function countsAfter(admission: AdmissionRequest, old: SecondCounts): SecondCounts {
  switch (admission.form) {
    case 'known':
      return admission.counts;
    case 'same second':
      return {
        countedSecond: old.countedSecond,
        secondRecords: old.secondRecords + admission.records,
        secondBytes: old.secondBytes + admission.bytes,
      };
    case 'new second':
      return { countedSecond: admission.second, secondRecords: admission.records, secondBytes: admission.bytes };
    case 'replace':
      return {
        countedSecond: admission.second,
        secondRecords: admission.records,
        secondBytes: admission.carriedBytes + admission.bytes,
      };
  }
}
