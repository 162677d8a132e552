import path from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeNoTracing, acknowledgeTracing } from './acknowledgements.ts';
import type { BodyBucket } from './bodies.ts';
import { logGroupProps } from './log-groups.ts';
import { ServiceFunction } from './service-function.ts';
import type { StreamTables } from './tables.ts';

/** One step writes a few hundred items. The state machine calls the function again for the rest. */
const STEP_TIMEOUT = Duration.seconds(60);

export interface LifecycleProps {
  readonly tables: StreamTables;
  readonly bodies: BodyBucket | undefined;
  readonly tracing: boolean;
  readonly environment: Record<string, string>;
  readonly logRetentionDays: number;
}

/** The state machine that completes transitions, and the function that does its steps (docs/glossary.md). */
export class Lifecycle extends Construct {
  readonly stateMachine: StateMachine;

  constructor(
    scope: Construct,
    id: string,
    { tables, bodies, tracing, environment, logRetentionDays }: LifecycleProps,
  ) {
    super(scope, id);
    const step = new ServiceFunction(this, 'Step', {
      entry: 'workflow-step',
      tables,
      bodies,
      tracing,
      environment,
      timeout: STEP_TIMEOUT,
      memorySize: 512,
      logRetentionDays,
    });
    tables.grantMaintenance(step);
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      definitionBody: DefinitionBody.fromFile(path.join(import.meta.dirname, 'lifecycle.asl.json')),
      definitionSubstitutions: { WorkflowStepFunction: step.functionArn },
      tracingEnabled: tracing,
      // Full logging is safe: the input and output are only names and ids.
      logs: { destination: new LogGroup(this, 'Logs', logGroupProps(logRetentionDays)), level: LogLevel.ALL },
    });
    // Not grantInvoke(): it would also allow the versions of the function, and the function has no versions.
    this.stateMachine.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [step.functionArn] }),
    );
    // Its log deliveries have no resource to name either.
    acknowledgeTracing(this.stateMachine.role);
    if (!tracing) {
      acknowledgeNoTracing(this.stateMachine);
    }
  }
}
