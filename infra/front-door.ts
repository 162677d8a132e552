import { Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { DomainName, HttpApi, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
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
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { type FunctionUrl, FunctionUrlAuthType, type IFunction, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PROXY_HEADERS } from '../lib/authentication/proxied-request.ts';
import { logGroupProps } from './log-groups.ts';
import type { CustomDomain } from './props.ts';

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
  readonly customDomain: CustomDomain | undefined;
  readonly requestsPerSecond: number;
  /** How long the access log is kept, days. Undefined: there is none. */
  readonly accessLogDays: number | undefined;
}

/** An HTTP API with all routes to the dispatcher, and with a limit of requests a second. */
export class HttpApiDoor extends Construct {
  readonly endpoint: string;
  readonly domainTarget: string | undefined;

  constructor(scope: Construct, id: string, props: HttpApiDoorProps) {
    super(scope, id);
    const domain = props.customDomain && this.#domain(props.customDomain);
    const api = new HttpApi(this, 'Api', {
      defaultIntegration: new HttpLambdaIntegration('Dispatcher', props.dispatcher),
      createDefaultStage: false,
    });
    api.addStage('Stage', {
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: props.requestsPerSecond, burstLimit: props.requestsPerSecond * 2 },
      ...(domain && { domainMapping: { domainName: domain } }),
      ...(props.accessLogDays !== undefined && {
        accessLogSettings: {
          destination: new LogGroupLogDestination(new LogGroup(this, 'AccessLogs', logGroupProps(props.accessLogDays))),
          format: AccessLogFormat.custom(ACCESS_LOG_LINE),
        },
      }),
    });
    const stage = api.node.findChild('Stage');
    if (props.accessLogDays === undefined) {
      Validations.of(stage).acknowledge({ id: 'AwsSolutions-APIG1', reason: NO_ACCESS_LOG });
    }
    for (const route of api.node.findAll().filter(({ node }) => node.id === 'DefaultRoute')) {
      Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason: OWN_AUTHORIZATION });
    }
    this.endpoint = props.customDomain ? `https://${props.customDomain.name}` : api.apiEndpoint;
    this.domainTarget = domain?.regionalDomainName;
  }

  #domain({ name, certificateArn }: CustomDomain): DomainName {
    return new DomainName(this, 'Domain', {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
    });
  }
}

const NO_ACCESS_LOG =
  'The dispatcher logs what fails. The gateway’s own lines cannot be chosen by their outcome, and cost more than small streams do.';

/** CloudFront in front of the function URL. */
export interface ProxyProps {
  /** With it, CloudFront authenticates to the dispatcher. */
  readonly secret: ISecret;
  readonly customDomain: CustomDomain | undefined;
  readonly webAclArn: string | undefined;
}

/**
 * A function URL: no charge for each request, and no limit but the dispatcher's concurrency. It can stream
 * responses, which SubscribeToShard needs.
 */
export class FunctionUrlDoor extends Construct {
  readonly endpoint: string;
  readonly domainTarget: string | undefined;

  /** @param proxy undefined: no CloudFront */
  constructor(scope: Construct, id: string, dispatcher: IFunction, proxy: ProxyProps | undefined) {
    super(scope, id);
    const url = dispatcher.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    });
    const distribution = proxy && this.#proxy(url, proxy);
    this.endpoint =
      distribution === undefined ? url.url : `https://${proxy?.customDomain?.name ?? distribution.domainName}`;
    this.domainTarget = proxy?.customDomain && distribution?.domainName;
  }

  /**
   * CloudFront, for clients that require HTTP/2. Clients sign for its host name, which it cannot send as the host. So
   * it sends this name in another header, together with a secret that nobody else knows.
   */
  #proxy(url: FunctionUrl, { secret, customDomain, webAclArn }: ProxyProps): Distribution {
    const distribution = new Distribution(this, 'Proxy', {
      httpVersion: HttpVersion.HTTP2_AND_3,
      ...(webAclArn !== undefined && { webAclId: webAclArn }),
      ...(customDomain && {
        domainNames: [customDomain.name],
        certificate: Certificate.fromCertificateArn(this, 'Certificate', customDomain.certificateArn),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
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
