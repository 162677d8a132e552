import { usage } from '../client/failure.ts';
import { durationMs } from '../local/duration.ts';

/** Reads a whole number of an option. @throws Failure that names the option and its bounds */
export function wholeNumber(option: string, text: string, min = 1, max = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw usage(`${option} must be a whole number from ${min} to ${max.toLocaleString('en-US')}, not '${text}'`);
  }
  return number;
}

/** Reads a number above 0 of an option. @throws Failure that names the option */
export function positiveNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) {
    throw usage(`${option} must be a number above 0, not '${text}'`);
  }
  return number;
}

/** Reads a duration of an option, ms. @throws Failure that names the option */
export function duration(option: string, text: string): number {
  try {
    return durationMs(text);
  } catch (error) {
    throw usage(`${option}: ${(error as Error).message}`);
  }
}
