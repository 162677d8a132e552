import type { Configuration } from '../lib/configuration.ts';
import { listStreams } from '../lib/store/stream-item.ts';
import type { Tables } from '../lib/store/tables.ts';
import { stepFunctionsWorkflows } from '../lib/workflows/start-execution.ts';

const PAGE = 1_000;

/** Starts the transitions again that the last process left unfinished: executions live in memory here. */
export async function restartTransitions(configuration: Configuration, tables: Tables): Promise<void> {
  const workflows = stepFunctionsWorkflows(configuration);
  let after: string | undefined;
  for (;;) {
    const { streams, more } = await listStreams(tables, { after, limit: PAGE });
    for (const stream of streams) {
      if (stream.transition !== undefined) {
        await workflows.start(stream, stream.transition);
      }
    }
    if (!more) {
      return;
    }
    after = streams.at(-1)?.name;
  }
}
