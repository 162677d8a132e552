import type { Workflows } from '../lib/deps.ts';
import { listStreams } from '../lib/store/stream-item.ts';
import type { Tables } from '../lib/store/tables.ts';

const PAGE = 1_000;

/** Starts the workflow runs again that the last process left unfinished: executions live in memory here. */
export async function restartRuns(workflows: Workflows, tables: Tables): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const { streams, more } = await listStreams(tables, { after, limit: PAGE });
    for (const stream of streams) {
      for (const run of [stream.transition, stream.expiryRewrite]) {
        if (run !== undefined) {
          await workflows.start(stream, run);
        }
      }
    }
    if (!more) {
      return;
    }
    after = streams.at(-1)?.name;
  }
}
