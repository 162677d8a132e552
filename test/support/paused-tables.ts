import { setImmediate as nextTurn } from 'node:timers/promises';
import { interceptCalls } from '../../lib/store/table-client.ts';
import type { Tables } from '../../lib/store/tables.ts';
import { between, random } from './random.ts';

/** The longest pause, in turns of the event loop. Other clients make several calls in that time. */
const MAX_TURNS = 3;

/**
 * Tables whose calls pause before and after they take effect. A seed decides for how many turns of the event loop. An
 * engine that responds within one turn shows no interleavings by itself. With pauses, it shows those of engines behind
 * a network, and more.
 */
export function pausedTables(tables: Tables, seed: number): Tables {
  const next = random(seed);
  const pause = async () => {
    for (let turns = between(next, 0, MAX_TURNS); turns > 0; turns--) {
      await nextTurn();
    }
  };
  const client = interceptCalls(tables.client, async (_name, input, call) => {
    await pause();
    try {
      return await call(input);
    } finally {
      await pause();
    }
  });
  return { ...tables, client };
}
