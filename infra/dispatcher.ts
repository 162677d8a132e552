import { Duration } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Limits } from '../lib/model/limits.ts';
import type { BodyBucket } from './bodies.ts';
import { ServiceFunction } from './service-function.ts';
import type { StreamTables } from './tables.ts';

/** Above the log's acknowledgement deadline of ten seconds, below the gateway's thirty. */
const REQUEST_TIMEOUT = Duration.seconds(29);

/** Above the five minutes of a subscription. */
const STREAM_TIMEOUT = Duration.seconds(330);

/** `npm run bench:memory`: a put takes 1.5 ms longer than with 1,024 MiB, and costs a sixth less; a subscription costs half. */
const DEFAULT_MEMORY_MIB = 512;
const DEFAULT_CONCURRENCY = 50;

/**
 * Lambda returns at most 6,291,556 bytes. The rest of these bytes is for headers, the next iterator and the children
 * of a shard. A streaming response may have 200 MB: more than Kinesis returns. A subscription ends before that, at the end of an event.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const ANSWER_LIMITS: Partial<Limits> = { answerBytes: 6_200_000 };
const STREAMED_LIMITS: Partial<Limits> = { subscriptionBytes: 180_000_000 };

/**
 * A subscription occupies an execution for five minutes. So one consumer may occupy at most half of the executions
 * (but at least one), and leaves the rest to others.
 */
const subscriptionLimits = (concurrency: number): Partial<Limits> =>
  concurrency > 0 ? { subscriptionsPerConsumer: Math.max(1, Math.floor(concurrency / 2)) } : {};

export interface DispatcherProps {
  readonly tables: StreamTables;
  readonly bodies: BodyBucket | undefined;
  readonly tracing?: boolean;
  readonly stateMachine: StateMachine;
  readonly credentials: ISecret;
  /** The secret with which CloudFront authenticates itself. Undefined: no CloudFront. */
  readonly proxySecret: ISecret | undefined;
  readonly logRetentionDays: number;
  /** Only a function URL can stream responses. */
  readonly frontDoor?: 'http' | 'function-url';
  readonly limits?: Partial<Limits>;
  readonly memorySize?: number;
  readonly reservedConcurrency?: number;
  readonly hostNames?: readonly string[];
  readonly observe?: string;
  readonly streamMetrics?: readonly string[];
}

/** The function behind the front door, which handles every request. */
export class Dispatcher extends Construct {
  readonly function: ServiceFunction;

  constructor(scope: Construct, id: string, props: DispatcherProps) {
    super(scope, id);
    const streaming = props.frontDoor === 'function-url';
    const concurrency = props.reservedConcurrency ?? DEFAULT_CONCURRENCY;
    const { throttling = true, ...limits } = {
      ...(streaming ? STREAMED_LIMITS : ANSWER_LIMITS),
      ...subscriptionLimits(concurrency),
      ...props.limits,
    };
    this.function = new ServiceFunction(this, 'Function', {
      entry: streaming ? 'api-streaming' : 'api',
      tables: props.tables,
      bodies: props.bodies,
      tracing: props.tracing ?? false,
      timeout: streaming ? STREAM_TIMEOUT : REQUEST_TIMEOUT,
      memorySize: props.memorySize ?? DEFAULT_MEMORY_MIB,
      logRetentionDays: props.logRetentionDays,
      ...(concurrency > 0 && { reservedConcurrentExecutions: concurrency }),
      environment: {
        STATE_MACHINE_ARN: props.stateMachine.stateMachineArn,
        CREDENTIALS_SECRET: props.credentials.secretArn,
        THROTTLING: throttling ? 'on' : 'off',
        STREAMING: streaming ? 'on' : 'off',
        LIMITS: JSON.stringify(limits),
        OBSERVE: props.observe ?? 'faults',
        ...(props.streamMetrics && { STREAM_METRICS: props.streamMetrics.join(',') }),
        ...(props.proxySecret && { PROXY_SECRET: props.proxySecret.secretArn }),
        ...(props.hostNames?.length && { HOST_NAMES: props.hostNames.join(',') }),
      },
    });
    props.stateMachine.grantStartExecution(this.function);
    props.credentials.grantRead(this.function);
    props.proxySecret?.grantRead(this.function);
  }
}
