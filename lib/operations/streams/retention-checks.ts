import { invalidArgument } from '../../faults.ts';
import type { Limits } from '../../model/limits.ts';
import { StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { integer, required, structure } from '../../schema/structure.ts';

/** The input of both operations. */
export const retentionInput = structure({
  RetentionPeriodHours: required(integer({})),
  StreamName: StreamName,
  StreamARN: StreamArn,
  StreamId: StreamId,
});

/** @throws KinesisFault InvalidArgumentException unless Kinesis could keep records for so long */
export function checkRetention(hours: number, { retentionHours, maxRetentionHours }: Limits): void {
  if (hours < retentionHours) {
    throw invalidArgument(
      `Minimum allowed retention period is ${retentionHours} hours. ` +
        `Requested retention period (${hours} hours) is too short.`,
    );
  }
  if (hours > maxRetentionHours) {
    throw invalidArgument(
      `Maximum allowed retention period is ${maxRetentionHours} hours. ` +
        `Requested retention period (${hours} hours) is too long.`,
    );
  }
}
