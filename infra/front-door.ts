import { Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { logGroupProps } from './log-groups.ts';

/** The function finds out who calls, since gateways know nothing of Rivulet's access keys (docs/decisions/0001). */
const OWN_AUTHORIZATION =
  'The dispatcher verifies each request’s Signature Version 4 against the access keys of the secret.';

/** What the gateway itself knows of a request: why it failed where the dispatcher was never asked. */
const ACCESS_LOG_LINE = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  error: '$context.integrationErrorMessage',
});

export interface HttpApiDoorProps {
  readonly dispatcher: IFunction;
  readonly requestsPerSecond: number;
  readonly logRetentionDays: number;
}

/** An HTTP API whose every route leads to the dispatcher, with a limit to the requests that it lets through. */
export class HttpApiDoor extends Construct {
  readonly endpoint: string;

  constructor(scope: Construct, id: string, props: HttpApiDoorProps) {
    super(scope, id);
    const api = new HttpApi(this, 'Api', {
      defaultIntegration: new HttpLambdaIntegration('Dispatcher', props.dispatcher),
      createDefaultStage: false,
    });
    api.addStage('Stage', {
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: props.requestsPerSecond, burstLimit: props.requestsPerSecond * 2 },
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLogs', logGroupProps(props.logRetentionDays)),
        ),
        format: AccessLogFormat.custom(ACCESS_LOG_LINE),
      },
    });
    for (const route of api.node.findAll().filter(({ node }) => node.id === 'DefaultRoute')) {
      Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason: OWN_AUTHORIZATION });
    }
    this.endpoint = api.apiEndpoint;
  }
}

/** A function URL: without a charge per request, and without a limit to them but the dispatcher's concurrency. */
export class FunctionUrlDoor extends Construct {
  readonly endpoint: string;

  constructor(scope: Construct, id: string, dispatcher: IFunction) {
    super(scope, id);
    const url = dispatcher.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    this.endpoint = url.url;
  }
}
