/** Milliseconds of each unit of a duration. */
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration.
 * @param duration such as `500ms`, `1.5s`, `10m`, `25h` or `7d`, or a number of ms
 * @returns ms
 * @throws Error for a text that is no duration, and for a negative one
 */
export function durationMs(duration: string | number): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(`${duration}`) ?? [];
  const ms = typeof duration === 'number' ? duration : Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isFinite(ms) || ms < 0) {
    throw new Error(`'${duration}' is no duration such as 500ms, 30s, 10m, 25h or 7d`);
  }
  return ms;
}
