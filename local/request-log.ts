import { styleText } from 'node:util';
import type { CallLine } from '../functions/middleware/call-line.ts';
import type { CallLog } from '../functions/middleware/log-calls.ts';

/** What a server writes about its requests. */
export type RequestLogging = 'requests' | 'faults' | 'off';

/** Where lines go. */
export interface LineOutput {
  /** Whether people read it: then lines are for them, else they are JSON. */
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Writes a line for each request, or for each that failed. @returns undefined if nothing is to be written */
export const requestLog = (of: RequestLogging, output: LineOutput = process.stdout): CallLog | undefined =>
  of === 'off'
    ? undefined
    : {
        of,
        write(line) {
          const time = new Date().toISOString();
          output.write(output.isTTY ? `${forPeople(line, time)}\n` : `${JSON.stringify({ time, ...line })}\n`);
        },
      };

function forPeople(
  { operation, stream = '', records, failedRecords, fault, latencyMs }: CallLine,
  time: string,
): string {
  const outcome = [
    records !== undefined && `${records} ${records === 1 ? 'record' : 'records'}`,
    failedRecords !== undefined && styleText('yellow', `${failedRecords} not stored`),
    fault !== undefined && styleText('red', fault),
    styleText('dim', `${latencyMs} ms`),
  ].filter((part) => part !== false);
  const clock = styleText('dim', time.slice(11, 23));
  return [clock, operation.padEnd(20), stream.padEnd(16), outcome.join('  ')].filter(Boolean).join('  ');
}
