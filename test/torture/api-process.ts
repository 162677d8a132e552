import type { LifecycleTask } from '../../lib/workflows/task.ts';
import { startRivulet } from '../../local/rivulet.ts';
import { aheadAt, type ClockTurn } from './clock-schedule.ts';

/** What an API process is told at its start. */
export interface ApiTask {
  readonly port: number;
  /** When the round began, epoch ms. */
  readonly startedMs: number;
  /** How its clock goes wrong from then on. */
  readonly turns: readonly ClockTurn[];
}

/** An API process of the torture test: the local server with a clock that is wrong. */
const { port, startedMs, turns }: ApiTask = JSON.parse(process.argv[2] as string);

const { executions } = await startRivulet({
  environment: process.env,
  port,
  host: '127.0.0.1',
  now: () => {
    const nowMs = Date.now();
    return nowMs + aheadAt(turns, nowMs - startedMs);
  },
});
process.on('message', ({ name, task }: { readonly name: string; readonly task: LifecycleTask }) => {
  executions.start(name, task);
});
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
