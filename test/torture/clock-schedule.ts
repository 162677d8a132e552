import { between, pick, type Random } from '../support/random.ts';
import type { RoundTerms } from './round-terms.ts';

/** A turn: from a moment on, a clock is ahead by some time, and runs at its own rate. */
export interface ClockTurn {
  /** Since the round began, ms. */
  readonly fromMs: number;
  /** How far the clock is ahead at that moment, ms; less than 0: behind. */
  readonly aheadMs: number;
  /** 1: as fast as real time. */
  readonly rate: number;
}

const MIN_RATE = 0.5;
const MAX_RATE = 1.5;

/** The shortest jump, ms. */
const MIN_JUMP_MS = 300;

/** How long a clock is right, except for its constant error, and how long it is wrong, ms. */
const STEADY_MS = [2_000, 12_000] as const;
const WRONG_MS = [1_000, 10_000] as const;

/**
 * The turns of one clock. It jumps ahead or back, or runs slow or fast, for some seconds. Then it is right again.
 * @param steadyMs how far it is ahead when it is right
 * @param untilMs when it stops turning, since the round began
 */
export function clockTurns(next: Random, steadyMs: number, terms: RoundTerms, untilMs: number): ClockTurn[] {
  const turns: ClockTurn[] = [{ fromMs: 0, aheadMs: steadyMs, rate: 1 }];
  for (let fromMs = between(next, ...STEADY_MS); terms.turningClocks && fromMs < untilMs; ) {
    const wrongMs = between(next, ...WRONG_MS);
    turns.push({ fromMs, ...wrongTurn(next, steadyMs, terms) });
    const backMs = Math.min(untilMs, fromMs + wrongMs);
    turns.push({ fromMs: backMs, aheadMs: steadyMs, rate: 1 });
    fromMs = backMs + between(next, ...STEADY_MS);
  }
  return turns;
}

function wrongTurn(
  next: Random,
  steadyMs: number,
  { behindMs, aheadMs }: RoundTerms,
): Pick<ClockTurn, 'aheadMs' | 'rate'> {
  // Most jumps are short: it is harder to notice a clock that is nearly right.
  const part = next() ** 2;
  switch (pick(next, ['ahead', 'back', 'rate'] as const)) {
    case 'ahead':
      return { aheadMs: Math.floor(MIN_JUMP_MS + part * (aheadMs - MIN_JUMP_MS)), rate: 1 };
    case 'back':
      return { aheadMs: -Math.floor(MIN_JUMP_MS + part * (behindMs - MIN_JUMP_MS)), rate: 1 };
    case 'rate':
      return { aheadMs: steadyMs, rate: MIN_RATE + next() * (MAX_RATE - MIN_RATE) };
  }
}

/** How far a clock is ahead at a time since the round began, ms. */
export function aheadAt(turns: readonly ClockTurn[], elapsedMs: number): number {
  const turn = turns.findLast(({ fromMs }) => fromMs <= elapsedMs) ?? turns[0];
  return turn === undefined ? 0 : Math.round(turn.aheadMs + (turn.rate - 1) * (elapsedMs - turn.fromMs));
}

/** The number of turns of each kind. */
export function countedTurns(clocks: readonly (readonly ClockTurn[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  // Every second turn sets the clock right again.
  for (const { aheadMs, rate } of clocks.flatMap((turns) => turns.filter((_, i) => i % 2 === 1))) {
    const kind = rate === 1 ? (aheadMs > 0 ? 'jumps ahead' : 'jumps back') : rate > 1 ? 'runs fast' : 'runs slow';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
