import { describe, expect, it } from 'vitest';
import { explore, type Mutations, type Scope } from './log-model.ts';

/** Small enough for every run of the tests; `npm run model` explores more. */
const SMALL: Scope = { writers: 2, readers: 1, seals: true, crashes: 1, until: 2, claims: 2 };

describe('the model of the shard log', () => {
  it('keeps its promises in every reachable state', () => {
    const { states, violation } = explore(SMALL);

    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(10_000);
  });

  it('keeps its promises with three writers and no sealer', () => {
    expect(explore({ ...SMALL, writers: 3, seals: false, claims: 1 }).violation).toBeUndefined();
  });

  it.each<[string, Mutations, string]>([
    ['the write-once condition is dropped', { overwrite: true }, 'is lost'],
    ['a fill has no condition', { fillUnconditionally: true }, 'is lost'],
    ['a writer acknowledges after its deadline', { acknowledgeLate: true }, 'passed the acknowledged record'],
    [
      'a reader skips without filling the first position',
      { skipWithoutFilling: true },
      'passed the acknowledged record',
    ],
    ['a reader skips young gaps', { skipByCount: true }, 'passed the acknowledged record'],
    ['a writer guesses elsewhere than above the newest batch', { guessAnywhere: true }, 'beyond the seal'],
    ['a writer guesses above a seal', { guessAboveSeal: true }, 'beyond the seal'],
    ['the seal is put below a reservation', { sealBelowReservations: true }, 'beyond the seal'],
    ['the tail stays open', { sealWithoutClosing: true }, 'beyond the seal'],
  ])('breaks them when %s', (_what, mutations, what) => {
    const { violation } = explore({
      ...SMALL,
      writers: 3,
      claims: 1,
      seals: what.includes('seal') || what === '',
      mutations,
    });

    expect(violation?.what).toContain(what);
    expect(violation?.story.length).toBeGreaterThan(2);
  });
});
