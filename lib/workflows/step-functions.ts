import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Configuration } from '../configuration.ts';
import type { Workflows } from '../deps.ts';
import { executionOf } from './execution.ts';

/** Workflows that AWS Step Functions runs. */
export function stepFunctionsWorkflows(configuration: Configuration): Workflows {
  const { account, stepFunctionsEndpoint, stateMachineArn } = configuration;
  const client = new SFNClient({
    region: account.region,
    ...(stepFunctionsEndpoint !== undefined && { endpoint: stepFunctionsEndpoint }),
  });
  return {
    async start(stream, run) {
      const { name, task } = executionOf(stream, run, Date.now());
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(task) }));
      } catch (error) {
        // The same execution was started before. There is nothing to do.
        if (!(error instanceof ExecutionAlreadyExists)) {
          throw error;
        }
      }
    },
  };
}
