import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Configuration } from '../configuration.ts';
import type { Workflows } from '../deps.ts';
import { executionOf } from './execution.ts';

/** Workflows as Step Functions runs them. */
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
        // The same execution has been started before: nothing is missing.
        if (!(error instanceof ExecutionAlreadyExists)) {
          throw error;
        }
      }
    },
  };
}
