import { Duration } from 'aws-cdk-lib';
import { type CfnStage, HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Limits } from '../lib/model/limits.ts';
import { ServiceFunction } from './service-function.ts';
import type { StreamTables } from './tables.ts';

/** Above the log's acknowledgement deadline of ten seconds, below the gateway's thirty. */
const REQUEST_TIMEOUT = Duration.seconds(29);

/** Requests a second, and at once, that the gateway lets through: what a runaway client can cost is bounded. */
const RATE_LIMIT = 1_000;
const BURST_LIMIT = 2_000;

/**
 * Lambda answers at most 6 MB. So much data is 4.6 MB of base64; so many records add 1.2 MB of sequence numbers, times and
 * member names around it.
 */
const ANSWER_LIMITS: Partial<Limits> = { getRecordsBytes: 3_460_300, getRecordsCount: 5_000 };

export interface ApiProps {
  readonly tables: StreamTables;
  readonly stateMachine: StateMachine;
}

/** The front door: an HTTP API whose every route leads to the dispatcher. */
export class Api extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { tables, stateMachine }: ApiProps) {
    super(scope, id);
    const dispatcher = new ServiceFunction(this, 'Dispatcher', {
      entry: 'api.ts',
      tables,
      timeout: REQUEST_TIMEOUT,
      memorySize: 1024,
      environment: {
        STATE_MACHINE_ARN: stateMachine.stateMachineArn,
        THROTTLING: 'on',
        LIMITS: JSON.stringify(ANSWER_LIMITS),
      },
    });
    stateMachine.grantStartExecution(dispatcher);
    const api = new HttpApi(this, 'Http', {
      defaultIntegration: new HttpLambdaIntegration('Dispatcher', dispatcher),
      createDefaultStage: true,
    });
    const stage = api.defaultStage?.node.defaultChild as CfnStage;
    stage.defaultRouteSettings = { throttlingRateLimit: RATE_LIMIT, throttlingBurstLimit: BURST_LIMIT };
    this.url = api.apiEndpoint;
  }
}
