import type { StartInput } from './messages.ts';

/** Where reading starts, as the address says it. Relative times are what most look for. */
export const STARTS = [
  ['10m', 'last 10 minutes'],
  ['LATEST', 'new records only'],
  ['1m', 'last minute'],
  ['1h', 'last hour'],
  ['TRIM_HORIZON', 'the oldest record'],
  ['time', 'a time'],
  ['at', 'a sequence number'],
  ['after', 'after a sequence number'],
] as const;

/** A time that a field has, as an address has it: with its zone, because others may open it elsewhere. */
export function timeOf(field: string): string {
  const ms = Date.parse(field);
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
}

/** A time of an address, as a field has it: in the zone of this browser, and without it. */
export function localTime(value: string): string {
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) {
    return '';
  }
  const time = new Date(ms);
  const digits = (part: number, count = 2) => `${part}`.padStart(count, '0');
  const date = [digits(time.getFullYear(), 4), digits(time.getMonth() + 1), digits(time.getDate())].join('-');
  // As browsers write it.
  const seconds = time.getSeconds() === 0 ? [] : [time.getSeconds()];
  return `${date}T${[time.getHours(), time.getMinutes(), ...seconds].map((part) => digits(part)).join(':')}`;
}

const RELATIVE_MS: Readonly<Record<string, number>> = { '1m': 60_000, '10m': 600_000, '1h': 3_600_000 };

/** @returns undefined while a value is missing, or is none */
export function startInput(name: string, value: string, nowMs: number = Date.now()): StartInput | undefined {
  const relative = RELATIVE_MS[name];
  if (relative !== undefined) {
    return { type: 'AT_TIMESTAMP', timestampMs: nowMs - relative };
  }
  switch (name) {
    case 'LATEST':
    case 'TRIM_HORIZON':
      return { type: name };
    case 'time': {
      const timestampMs = Date.parse(value);
      return Number.isNaN(timestampMs) ? undefined : { type: 'AT_TIMESTAMP', timestampMs };
    }
    case 'at':
    case 'after':
      return /^\d{1,128}$/.test(value)
        ? { type: name === 'at' ? 'AT_SEQUENCE_NUMBER' : 'AFTER_SEQUENCE_NUMBER', sequenceNumber: value }
        : undefined;
    default:
      return undefined;
  }
}
