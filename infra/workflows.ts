import path from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ServiceFunction } from './service-function.ts';
import type { StreamTables } from './tables.ts';

/** One step writes some hundred items; the state machine calls again for the rest. */
const STEP_TIMEOUT = Duration.seconds(60);

/** The state machine that finishes what control-plane operations began, and the function that takes its steps. */
export class Lifecycle extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { tables }: { readonly tables: StreamTables }) {
    super(scope, id);
    const step = new ServiceFunction(this, 'Step', {
      entry: 'workflow-step.ts',
      tables,
      timeout: STEP_TIMEOUT,
      memorySize: 512,
    });
    tables.grantMaintenance(step);
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      definitionBody: DefinitionBody.fromFile(path.join(import.meta.dirname, 'lifecycle.asl.json')),
      definitionSubstitutions: { WorkflowStepFunction: step.functionArn },
      logs: {
        destination: new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_MONTH }),
        level: LogLevel.ERROR,
      },
    });
    step.grantInvoke(this.stateMachine);
  }
}
