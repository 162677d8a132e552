import { describe, expect, it } from 'vitest';
import { explore, type Mutations, type Scope } from './log-model.ts';

/** Small enough for every run of the tests; `npm run model` explores more. */
const SMALL: Scope = { writers: 2, readers: 1, seals: true, crashes: 1, until: 2, claims: 2 };

const THREE: Scope = { ...SMALL, writers: 3, claims: 1, seals: false };

/** The order of what writers put, whatever readers and time do. */
const ORDER: Scope = { writers: 4, readers: 0, seals: false, crashes: 0, until: 0, claims: 1 };
const SEALED: Scope = { ...ORDER, writers: 3, seals: true };

describe('the model of the shard log', () => {
  it('keeps its promises in every reachable state', () => {
    const { states, violation } = explore(SMALL);

    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(10_000);
  });

  it('keeps its promises with three writers and no sealer', () => {
    expect(explore(THREE).violation).toBeUndefined();
  });

  it('keeps its promises with four writers, of whom some guess by what they saw long ago', () => {
    expect(explore(ORDER).violation).toBeUndefined();
  });

  it.each<[string, Mutations, Scope, string]>([
    ['the write-once condition is dropped', { overwrite: true }, THREE, 'is lost'],
    ['a fill has no condition', { fillUnconditionally: true }, THREE, 'is lost'],
    ['a writer acknowledges after its deadline', { acknowledgeLate: true }, THREE, 'passed the acknowledged record'],
    [
      'a reader skips without filling the first position',
      { skipWithoutFilling: true },
      SMALL,
      'passed the acknowledged record',
    ],
    ['a reader skips young gaps', { skipByCount: true }, THREE, 'passed the acknowledged record'],
    ['a writer guesses elsewhere than right above a link', { guessElsewhere: true }, ORDER, 'stands before one'],
    ['a writer guesses above what was reserved', { guessAboveReserved: true }, ORDER, 'stands before one'],
    ['positions are reserved while a chain grows', { reserveBesideChain: true }, ORDER, 'stands before one'],
    ['a writer guesses above a seal', { guessAboveSeal: true }, SEALED, 'beyond the seal'],
    ['the seal is put below a reservation', { sealBelowReservations: true }, SEALED, 'beyond the seal'],
    ['the tail stays open', { sealWithoutClosing: true }, SEALED, 'beyond the seal'],
    ['a chain below the seal is not broken', { sealWithoutBreaking: true }, SEALED, 'stands before one'],
    ['a reader skips below a seal that was put ahead', { skipBelowAheadSeal: true }, SMALL, 'passed the acknowledged'],
  ])('breaks them when %s', (_what, mutations, scope, what) => {
    const { violation } = explore({ ...scope, mutations });

    expect(violation?.what).toContain(what);
    expect(violation?.story.length).toBeGreaterThan(2);
  });
});
