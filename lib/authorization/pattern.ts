/** How many states one word of a set of states holds, one in each bit. */
const WORD = 32;

/**
 * Whether a text matches an IAM pattern: `*` matches any characters, `?` matches one character. All ways of matching
 * are followed at the same time, 32 positions of the pattern in one step. So no pattern and no text causes
 * backtracking.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const wild = pattern.search(/[*?]/);
  if (wild === -1) {
    return pattern === text;
  }
  // Most patterns are a name and a star: the name is compared first.
  return text.startsWith(pattern.slice(0, wild)) && matchesWild(pattern.slice(wild), text.slice(wild));
}

function matchesWild(pattern: string, text: string): boolean {
  if (pattern === '*') {
    return true;
  }
  const { signs, stays } = compile(pattern);
  const words = stays.length;
  const accepting = new Map<string, Uint32Array>();
  let states = new Uint32Array(words);
  states[0] = 1;
  for (const sign of text.split('')) {
    const moves = accepting.get(sign) ?? positionsOf(sign, signs, words);
    accepting.set(sign, moves);
    states = step(states, moves, stays);
  }
  return has(states, signs.length);
}

/**
 * The characters of a pattern without its stars, and the positions at which a star matches any number of
 * characters.
 */
function compile(pattern: string): { readonly signs: readonly string[]; readonly stays: Uint32Array } {
  const signs = pattern.split('').filter((sign) => sign !== '*');
  const stays = new Uint32Array(Math.floor(signs.length / WORD) + 1);
  let position = 0;
  for (const sign of pattern.split('')) {
    if (sign === '*') {
      add(stays, position);
    } else {
      position += 1;
    }
  }
  return { signs, stays };
}

/** The positions of the pattern that accept a character of the text. */
function positionsOf(character: string, signs: readonly string[], words: number): Uint32Array {
  const positions = new Uint32Array(words);
  signs.forEach((sign, position) => {
    if (sign === '?' || sign === character) {
      add(positions, position);
    }
  });
  return positions;
}

/** The states after one character: one further where the character matches, unchanged where a star is. */
function step(states: Uint32Array, moves: Uint32Array, stays: Uint32Array): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(states.length);
  let carry = 0;
  for (let word = 0; word < states.length; word++) {
    const state = states[word] as number;
    const moving = state & (moves[word] as number);
    next[word] = (moving << 1) | carry | (state & (stays[word] as number));
    carry = moving >>> (WORD - 1);
  }
  return next;
}

function add(set: Uint32Array, position: number): void {
  const word = Math.floor(position / WORD);
  set[word] = (set[word] as number) | (1 << (position % WORD));
}

const has = (set: Uint32Array, position: number): boolean =>
  (((set[Math.floor(position / WORD)] as number) >>> (position % WORD)) & 1) === 1;
