import { setImmediate as nextTurn } from 'node:timers/promises';
import { interceptCalls } from '../../lib/store/table-client.ts';
import type { Tables } from '../../lib/store/tables.ts';
import { between, random } from './random.ts';

/** How many turns of the event loop a pause takes at most: others make several calls meanwhile. */
const MAX_TURNS = 3;

/**
 * Tables whose calls pause before and after they take effect, for turns of the event loop that a seed decides. An engine that
 * answers within one turn shows no interleavings by itself; so it shows those that engines behind a network show, and more.
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
