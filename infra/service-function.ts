import { type Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeTracing } from './acknowledgements.ts';
import type { BodyBucket } from './bodies.ts';
import type { FunctionEntry } from './function-bundle.ts';
import { functionCode } from './function-code.ts';
import { logGroupProps } from './log-groups.ts';
import type { StreamTables } from './tables.ts';

export interface ServiceFunctionProps {
  /** The name of its file in functions/. */
  readonly entry: FunctionEntry;
  readonly tables: StreamTables;
  /** Undefined: large bodies are in the tables. */
  readonly bodies: BodyBucket | undefined;
  readonly tracing: boolean;
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
      tracing: props.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      // Every line is JSON. The platform writes three lines for each request at the level INFO. At WARN it writes those of requests that
      // timed out or failed. Metrics in the embedded format have the level INFO: the application must keep it.
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      environment: {
        ACCOUNT_ID: Stack.of(scope).account,
        NODE_OPTIONS: '--enable-source-maps',
        ...props.tables.environment,
        ...props.bodies?.environment,
        ...props.environment,
      },
    });
    props.tables.grantUse(this);
    props.bodies?.grantUse(role);
    props.tables.grantKey(role);
    if (props.tracing) {
      acknowledgeTracing(role);
    }
  }
}
