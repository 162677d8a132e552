import { Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import {
  AllowedMethods,
  CachePolicy,
  Function as CloudFrontFunction,
  Distribution,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginRequestPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { type FunctionUrl, FunctionUrlAuthType, type IFunction, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PROXY_HEADERS } from '../lib/authentication/proxied-request.ts';
import { logGroupProps } from './log-groups.ts';

/** The function authenticates callers, because gateways do not know Rivulet's access keys (docs/decisions/0001). */
const OWN_AUTHORIZATION =
  'The dispatcher verifies each request’s Signature Version 4 against the access keys of the secret.';

/** What the gateway itself knows about a request. It shows why a request failed that never reached the dispatcher. */
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

/** An HTTP API with all routes to the dispatcher, and with a limit of requests a second. */
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

/**
 * A function URL: no charge for each request, and no limit but the dispatcher's concurrency. It can stream
 * responses, which SubscribeToShard needs.
 */
export class FunctionUrlDoor extends Construct {
  readonly endpoint: string;

  /** @param proxySecret the secret with which CloudFront authenticates to the dispatcher; undefined: no CloudFront */
  constructor(scope: Construct, id: string, dispatcher: IFunction, proxySecret: ISecret | undefined) {
    super(scope, id);
    const url = dispatcher.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    });
    this.endpoint = proxySecret === undefined ? url.url : `https://${this.#proxy(url, proxySecret).domainName}`;
  }

  /**
   * CloudFront, for clients that require HTTP/2. Clients sign for its host name, which it cannot send as the host. So
   * it sends this name in another header, together with a secret that nobody else knows.
   */
  #proxy(url: FunctionUrl, secret: ISecret): Distribution {
    const distribution = new Distribution(this, 'Proxy', {
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: new FunctionUrlOrigin(url, {
          customHeaders: { [PROXY_HEADERS.secret]: secret.secretValue.unsafeUnwrap() },
        }),
        allowedMethods: AllowedMethods.ALLOW_ALL,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        functionAssociations: [
          {
            eventType: FunctionEventType.VIEWER_REQUEST,
            function: new CloudFrontFunction(this, 'TellViewer', {
              runtime: FunctionRuntime.JS_2_0,
              code: FunctionCode.fromInline(TELL_VIEWER),
            }),
          },
        ],
      },
    });
    for (const [id, reason] of Object.entries(PROXY_RULES)) {
      Validations.of(distribution).acknowledge({ id: `AwsSolutions-${id}`, reason });
    }
    return distribution;
  }
}

/** Runs in CloudFront for each request. It overwrites these headers if a client sends them. */
const TELL_VIEWER = `function handler(event) {
  const request = event.request;
  request.headers['${PROXY_HEADERS.viewerHost}'] = { value: request.headers.host.value };
  request.headers['${PROXY_HEADERS.viewerIp}'] = { value: event.viewer.ip };
  return request;
}`;

const PROXY_RULES = {
  CFR1: 'Streams are for whoever has an access key, wherever that is; a policy may restrict source addresses.',
  CFR2: 'Every request has to be signed; a firewall would be paid by the month.',
  CFR3: 'Each request is a line of the dispatcher’s own log.',
  CFR4: 'CloudFront’s own domain name has CloudFront’s certificate; TLS 1.2 needs a domain of the owner’s.',
};
