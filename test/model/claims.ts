import type { Mutations } from './scope.ts';
import type { Claim, State, Tail } from './state.ts';

type Claiming = readonly [name: string, claim: Claim, tail: Tail];

/** Every way to claim a position in a state. */
export function* claims(state: State, mutations: Mutations): Generator<Claiming> {
  yield* guesses(state, mutations);
  const { tail, cells, now } = state;
  if (!tail.open) {
    return;
  }
  yield* claimsOfTail(state, mutations);
  if (tail.claims === 'guess' && !cells[tail.next - 1]) {
    const head = { position: tail.next - 1, claimed: now, before: tail.reserved, link: true };
    yield [`takes the head ${head.position}`, head, tail];
  }
}

/** RESERVE, and the changes between reserving and guessing. */
function* claimsOfTail({ tail, cells, now }: State, mutations: Mutations): Generator<Claiming> {
  const { next } = tail;
  const reserved = Math.max(now, tail.reserved);
  const claim = { position: next, claimed: now, before: tail.reserved, link: false };
  if (tail.claims === 'reserve' || mutations.reserveBesideChain) {
    yield [`reserves ${next}`, claim, { ...tail, next: next + 1, reserved }];
  }
  if (tail.claims === 'reserve') {
    yield [
      `reserves the head ${next}`,
      { ...claim, link: true },
      { ...tail, claims: 'guess', next: next + 1, reserved },
    ];
    return;
  }
  for (const [below, cell] of cells.entries()) {
    const position = below + 1;
    if (cell?.kind === 'data' && next <= position) {
      const above = { position, claimed: now, before: Math.max(cell.before, cell.claimed), link: cell.link };
      yield cell.link
        ? [`renews the chain at ${position}`, above, { ...tail, next: position + 1, reserved }]
        : [
            `reserves ${position} above the last link`,
            above,
            { ...tail, claims: 'reserve', next: position + 1, reserved },
          ];
    }
  }
}

/** GUESS: the position right above a link, as another link or as the last one. */
function* guesses({ tail, cells, now }: State, mutations: Mutations): Generator<Claiming> {
  for (const [below, cell] of cells.entries()) {
    const isLink = cell?.kind === 'data' && (cell.link || mutations.guessAboveReserved);
    if (cell && (isLink || (mutations.guessAboveSeal && cell.kind === 'seal'))) {
      const position = below + (mutations.guessElsewhere ? 2 : 1);
      const claim = { position, claimed: now, before: Math.max(cell.before, cell.claimed) };
      yield [`guesses ${position}`, { ...claim, link: true }, tail];
      yield [`guesses ${position} as the last link`, { ...claim, link: false }, tail];
    }
  }
}
