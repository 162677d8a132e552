import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealShard } from '../../lib/log/seal.ts';
import { FIRST_POSITION } from '../../lib/model/position.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { type CallFault, faultyTables } from '../support/faulty-tables.ts';
import { random } from '../support/random.ts';
import { newId, TestLog, texts } from '../support/shard-log.ts';

const WRITERS = 6;
const APPENDS = 20;
const SEEDS = (process.env.FAULT_SEEDS ?? '1,2,3').split(',').map(Number);

/** Delays calls, and sometimes loses requests and responses. */
function faults(next: () => number): () => Promise<CallFault | 'pass'> {
  return async () => {
    const [kind, delay] = [next(), next()];
    await sleep(delay * 15);
    if (kind < 0.08) {
      return 'answer-lost';
    }
    return kind < 0.16 ? 'request-lost' : 'pass';
  };
}

/** Which of the writers guess positions. */
const GUESSERS: readonly (readonly [name: string, guesses: (writer: number) => boolean])[] = [
  ['guess', () => true],
  ['reserve', () => false],
  ['guess or reserve', (writer) => writer % 2 === 0],
];

describe.each(storeChoices())('a shard log under faults on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  const runs = SEEDS.flatMap((seed) => GUESSERS.map(([name, guesses]) => ({ seed, name, guesses })));

  it.each(runs)('loses, doubles and reorders nothing where writers $name: seed $seed', async ({ seed, guesses }) => {
    const log = await TestLog.open(store.tables);
    const next = random(seed);
    const acknowledged = new Map<string, number>();
    const attempted = new Set<string>();

    const writers = Array.from({ length: WRITERS }, async (_, w) => {
      const writer = log.writer({}, faultyTables(store.endpoint, faults(next)), { guessing: guesses(w) });
      for (let i = 0; i < APPENDS; i++) {
        const text = `${w}.${i}`;
        attempted.add(text);
        try {
          const outcome = await writer.append(text);
          if (outcome.kind === 'appended') {
            acknowledged.set(text, outcome.position);
          }
        } catch {
          // Unclear: the record may have been written. The producer does not send it again, so it is there at most
          // once.
        }
      }
    });
    const done = Promise.all(writers).then(() => sealShard(store.tables, log.shard, { now: log.now, writer: newId() }));
    const read = await Promise.all([1, 2].map(() => tail(log, faults(next))));
    await done;

    // The count depends on how many calls timed out.
    expect(acknowledged.size).toBeGreaterThan(0);
    for (const seen of read) {
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining([...acknowledged.keys()]));
      expect([...attempted]).toEqual(expect.arrayContaining(seen));
      const positions = seen.flatMap((text) => acknowledged.get(text) ?? []);
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
    }
    expect(read[0]).toEqual(read[1]);
  });

  /** Reads until the seal, with faults of its own. */
  async function tail(log: TestLog, plan: () => Promise<CallFault | 'pass'>): Promise<string[]> {
    const reader = new TestLog(faultyTables(store.endpoint, plan), log.shard);
    const seen: string[] = [];
    let from = { position: FIRST_POSITION, offset: 0 };
    for (let ended = false; !ended; ) {
      try {
        const result = await reader.read(from, 7);
        seen.push(...texts(result));
        from = result.next;
        ended = result.ended;
      } catch {
        // The read returned nothing. The consumer reads again from the same place.
      }
      await sleep(5);
    }
    return seen;
  }
});
