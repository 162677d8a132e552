import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clock } from '../../local/clock.ts';
import { durationMs } from '../../local/duration.ts';

const START_MS = 1_700_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
});

afterEach(() => {
  vi.useRealTimers();
});

/** What has resolved so far. */
async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  promise.then(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

describe('a clock', () => {
  it("runs with the machine's clock, ahead by what it was turned", () => {
    const clock = new Clock();
    clock.advance('25h');
    vi.setSystemTime(START_MS + 1_000);

    expect(clock.now()).toBe(START_MS + 1_000 + 25 * 3_600_000);
  });

  it('stands still while it is held, and goes on from the same time', () => {
    const clock = new Clock();
    clock.hold();
    vi.setSystemTime(START_MS + 60_000);
    expect(clock.now()).toBe(START_MS);
    clock.advance(500);
    clock.run();
    expect(clock.now()).toBe(START_MS + 500);
    vi.setSystemTime(START_MS + 61_000);
    expect(clock.now()).toBe(START_MS + 1_500);
  });

  it('wakes what waits for a time when it is turned there, and not earlier', async () => {
    const clock = new Clock();
    clock.hold();
    const waiting = clock.until(START_MS + 10_000);
    clock.advance('9s');
    expect(await settled(waiting)).toBe(false);
    clock.advance('1s');
    expect(await settled(waiting)).toBe(true);
  });

  it('wakes what waits for a time when it runs there', async () => {
    const clock = new Clock();
    const waiting = clock.until(START_MS + 10_000);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(await settled(waiting)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await settled(waiting)).toBe(true);
  });

  it('waits longer than a timer of Node can', async () => {
    const clock = new Clock();
    const days = 365 * 86_400_000;
    const waiting = clock.until(START_MS + days);
    await vi.advanceTimersByTimeAsync(days - 1);
    expect(await settled(waiting)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await settled(waiting)).toBe(true);
  });
});

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['1.5s', 1_500],
    ['10m', 600_000],
    ['25h', 90_000_000],
    ['7d', 604_800_000],
    [42, 42],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '10', '-1s', '1 h', '1w', 'h', Number.NaN, -1, Number.POSITIVE_INFINITY])('%s is none', (text) => {
    expect(() => durationMs(text)).toThrow('is no duration');
  });
});
