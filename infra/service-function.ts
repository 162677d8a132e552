import { type Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionEntry } from './function-bundle.ts';
import { functionCode } from './function-code.ts';
import { logGroupProps } from './log-groups.ts';
import type { StreamTables } from './tables.ts';
import { acknowledgeTracing } from './tracing.ts';

export interface ServiceFunctionProps {
  /** The name of its file in functions/. */
  readonly entry: FunctionEntry;
  readonly tables: StreamTables;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly logRetentionDays: number;
  readonly reservedConcurrentExecutions?: number;
  readonly environment?: Record<string, string>;
}

/** A Lambda function of functions/, as one minified ES module with a pinned SDK. It may use the tables. */
export class ServiceFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, logGroupProps(props.logRetentionDays));
    // A separate role instead of the managed policy of AWS: it may write only to this log group.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      role,
      logGroup,
      code: functionCode(props.entry),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memorySize,
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
      tracing: Tracing.ACTIVE,
      environment: {
        ACCOUNT_ID: Stack.of(scope).account,
        NODE_OPTIONS: '--enable-source-maps',
        ...props.tables.environment,
        ...props.environment,
      },
    });
    props.tables.grantUse(this);
    acknowledgeTracing(role);
  }
}
