import { describe, expect, it } from 'vitest';
import { exploreLog } from './log-model.ts';
import type { Mutations, Scope } from './scope.ts';

/**
 * All roles at once. All scopes here are small enough for every run of the tests. `npm run model` explores larger
 * ones.
 */
const SMALL: Scope = { writers: 2, readers: 1, sealers: 1, until: 2, claims: 2 };

/** Enough writers for two positions of one gap to have different fates, without a seal. */
const THREE: Scope = { ...SMALL, writers: 3, claims: 1, sealers: 0 };

/** Only the order of what writers put: there is no reader, and no time passes. */
const ORDER: Scope = { writers: 4, readers: 0, sealers: 0, until: 0, claims: 1 };
const SEALED: Scope = { ...ORDER, writers: 3, sealers: 1 };

/** Two sealers at once, while two writers continue as long as they can. */
const SEALERS: Scope = { writers: 2, readers: 0, sealers: 2, until: 1, claims: 2 };

/** Two sealers at once, and a reader that fills and skips what the sealers would break. */
const READ_WHILE_SEALED: Scope = { writers: 1, readers: 1, sealers: 2, until: 2, claims: 2 };

/** Bodies in chunks. A reader's fills and the other writer make a writer claim again, with another body. */
const CHUNKS: Scope = { writers: 2, readers: 1, sealers: 0, until: 2, claims: 3, chunks: true };

describe('the model of the shard log', () => {
  it.each<[string, Scope]>([
    ['two writers, a reader and a sealer', SMALL],
    ['three writers and a reader', THREE],
    ['four writers, of whom some guess by what they saw long ago', { ...ORDER, claims: 2 }],
    ['two sealers and two writers', SEALERS],
    ['two sealers, a writer and a reader', READ_WHILE_SEALED],
    ['two writers, of whose chunks one lands late, and a reader', CHUNKS],
  ])('keeps its promises in every reachable state of %s', (_what, scope) => {
    const { states, violation } = exploreLog(scope);

    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(10_000);
  });

  it.each<[string, Mutations, Scope, string]>([
    ['the write-once condition is dropped', { overwrite: true }, THREE, 'is lost'],
    ['a fill has no condition', { fillUnconditionally: true }, THREE, 'is lost'],
    ['a writer acknowledges after its deadline', { acknowledgeLate: true }, THREE, 'passed the acknowledged record'],
    [
      'a reader skips without filling the first position',
      { skipWithoutFilling: true },
      { ...SMALL, claims: 1 },
      'passed the acknowledged record',
    ],
    ['a reader skips young gaps', { skipByCount: true }, THREE, 'passed the acknowledged record'],
    [
      'a reader judges what it saw by a clock that it takes later',
      { clockAfterLook: true },
      THREE,
      'passed the acknowledged record',
    ],
    ['a writer guesses elsewhere than right above a link', { guessElsewhere: true }, ORDER, 'stands before one'],
    ['a writer guesses above what was reserved', { guessAboveReserved: true }, ORDER, 'stands before one'],
    ['positions are reserved while a chain grows', { reserveBesideChain: true }, ORDER, 'stands before one'],
    ['a writer guesses above a seal', { guessAboveSeal: true }, SEALED, 'beyond the seal'],
    ['the seal is put below a reservation', { sealBelowReservations: true }, SEALED, 'beyond the seal'],
    ['the tail stays open', { sealWithoutClosing: true }, SEALED, 'beyond the seal'],
    ['a chain below the seal is not broken', { sealWithoutBreaking: true }, SEALED, 'stands before one'],
    ['a reader skips below a seal that was put ahead', { skipBelowAheadSeal: true }, SMALL, 'passed the acknowledged'],
    ['each sealer puts a seal where it likes', { sealWithoutChoice: true }, SEALERS, 'two seals'],
    [
      'the closing time is decided while a chain grows',
      { closeBeforeBreak: true },
      SEALERS,
      "arrived after its shard's end",
    ],
    [
      'the second sealer decides the closing time anew',
      { closeTwice: true },
      READ_WHILE_SEALED,
      'the closing time has changed',
    ],
    ['the bodies of all claims have one token', { oneTokenForAllBodies: true }, CHUNKS, 'is damaged'],
  ])('breaks them when %s', (_what, mutations, scope, what) => {
    const { violation } = exploreLog({ ...scope, mutations });

    expect(violation?.what).toContain(what);
    expect(violation?.story.length).toBeGreaterThan(2);
  });
});
