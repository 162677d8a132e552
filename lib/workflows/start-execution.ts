import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Configuration } from '../configuration.ts';
import type { Workflows } from '../deps.ts';
import type { LifecycleTask } from './task.ts';

/** A run that is started again gets an execution of its own, one a minute: a name can be used only once. */
const RESTART_MS = 60_000;

/** Workflows as Step Functions runs them. */
export function stepFunctionsWorkflows(configuration: Configuration, now: () => number = Date.now): Workflows {
  const { account, stepFunctionsEndpoint, stateMachineArn } = configuration;
  const client = new SFNClient({
    region: account.region,
    ...(stepFunctionsEndpoint !== undefined && { endpoint: stepFunctionsEndpoint }),
  });
  return {
    async start(stream, run) {
      const task: LifecycleTask = {
        streamName: stream.name,
        streamId: stream.id,
        runId: run.id,
        notBefore: new Date(run.notBeforeMs).toISOString(),
      };
      const restarts = Math.floor(Math.max(0, now() - run.notBeforeMs) / RESTART_MS);
      const start = new StartExecutionCommand({
        stateMachineArn,
        name: `${run.id}-${restarts}`,
        input: JSON.stringify(task),
      });
      try {
        await client.send(start);
      } catch (error) {
        // The same execution has been started before: nothing is missing.
        if (!(error instanceof ExecutionAlreadyExists)) {
          throw error;
        }
      }
    },
  };
}
