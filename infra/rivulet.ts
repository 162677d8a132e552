import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Limits } from '../lib/model/limits.ts';
import { BodyBucket } from './bodies.ts';
import { Dispatcher } from './dispatcher.ts';
import { FunctionUrlDoor, HttpApiDoor } from './front-door.ts';
import { Lifecycle } from './lifecycle.ts';
import { Monitoring } from './monitoring.ts';
import type { RivuletProps } from './props.ts';
import { StreamTables } from './tables.ts';

const DEFAULT_LOG_RETENTION_DAYS = 30;
const DEFAULT_REQUESTS_PER_SECOND = 1_000;

/**
 * A complete Kinesis-compatible stream API: front door, dispatcher, tables, lifecycle state machine, the secret with
 * its access keys, dashboard and alarms. Nobody may call it until an access key is added: `rivulet keys`.
 */
export class Rivulet extends Construct {
  /** The endpoint URL for Kinesis clients. */
  readonly endpoint: string;
  /** What the DNS name of a custom domain has to point to. Undefined without one. */
  readonly domainTarget: string | undefined;
  /** The function behind the front door, and the bucket of bodies, if there is one: by their names. */
  readonly dispatcherName: string;
  readonly bodiesBucket: string | undefined;
  /** Holds the access keys and their policies. */
  readonly credentials: Secret;
  readonly tables: StreamTables;
  readonly monitoring: Monitoring;

  constructor(scope: Construct, id: string, props: RivuletProps = {}) {
    super(scope, id);
    const sandbox = props.sandbox ?? false;
    const logRetentionDays = props.logRetentionDays ?? DEFAULT_LOG_RETENTION_DAYS;
    const tracing = props.tracing ?? false;
    const encryptionKey =
      props.kmsKeyArn === undefined ? undefined : Key.fromKeyArn(this, 'EncryptionKey', props.kmsKeyArn);
    this.tables = new StreamTables(this, 'Tables', {
      sandbox,
      capacity: props.tableCapacity ?? { mode: 'on-demand' },
      adopted: props.adoptTables,
      encryptionKey,
    });
    const bodies =
      props.bodies === undefined || props.bodies.in === 'dynamodb'
        ? undefined
        : new BodyBucket(this, 'Bodies', { bodies: props.bodies, sandbox, encryptionKey, logRetentionDays });
    this.credentials = this.#credentials(sandbox, encryptionKey);
    const limits = limitsOf(props);
    const lifecycle = new Lifecycle(this, 'Lifecycle', {
      tables: this.tables,
      bodies,
      tracing,
      environment: { LIMITS: JSON.stringify(withoutThrottling(limits)) },
      logRetentionDays,
    });
    const proxySecret = props.cloudFront === true ? this.#proxySecret(props, encryptionKey) : undefined;
    const dispatcher = new Dispatcher(this, 'Dispatcher', {
      ...props,
      tables: this.tables,
      bodies,
      stateMachine: lifecycle.stateMachine,
      credentials: this.credentials,
      proxySecret,
      logRetentionDays,
      limits,
      hostNames: hostNames(props),
    });
    this.dispatcherName = dispatcher.function.functionName;
    this.bodiesBucket = bodies?.bucketName;
    const door = this.#door(dispatcher.function, proxySecret, props);
    this.endpoint = door.endpoint;
    this.domainTarget = door.domainTarget;
    this.monitoring = new Monitoring(this, 'Monitoring', {
      ...props,
      dispatcher: dispatcher.function,
      streaming: props.frontDoor === 'function-url',
      stateMachine: lifecycle.stateMachine,
      tables: this.tables,
    });
  }

  #door(
    dispatcher: IFunction,
    proxySecret: ISecret | undefined,
    props: RivuletProps,
  ): Pick<HttpApiDoor, 'endpoint' | 'domainTarget'> {
    const { customDomain, webAclArn } = props;
    if (props.frontDoor === 'function-url') {
      if (proxySecret === undefined && (customDomain ?? webAclArn) !== undefined) {
        throw new Error('with a function URL, a custom domain or a web ACL needs CloudFront: set cloudFront to true');
      }
      return new FunctionUrlDoor(
        this,
        'Url',
        dispatcher,
        proxySecret && { secret: proxySecret, customDomain, webAclArn },
      );
    }
    if (webAclArn !== undefined) {
      throw new Error('AWS WAF knows no HTTP APIs: webAclArn needs frontDoor function-url and cloudFront');
    }
    return new HttpApiDoor(this, 'Http', {
      dispatcher,
      customDomain,
      requestsPerSecond: props.requestsPerSecond ?? DEFAULT_REQUESTS_PER_SECOND,
      // The gateway's lines cannot be chosen by their outcome.
      accessLogDays: props.observe === 'all' ? (props.logRetentionDays ?? DEFAULT_LOG_RETENTION_DAYS) : undefined,
    });
  }

  /** The secret starts without any key. Only `rivulet keys` changes its text, never a deployment. */
  #credentials(sandbox: boolean, encryptionKey: IKey | undefined): Secret {
    const secret = new Secret(this, 'Credentials', {
      description: 'Access keys of Rivulet and their policies',
      generateSecretString: { secretStringTemplate: '{"credentials":[]}', generateStringKey: 'unused' },
      ...(encryptionKey && { encryptionKey }),
      removalPolicy: sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Each access key is rotated by its owner with `rivulet keys rotate`, with a time of grace.',
    });
    return secret;
  }

  /** @throws Error if the front door is an HTTP API, which supports HTTP/2 itself */
  #proxySecret({ frontDoor }: RivuletProps, encryptionKey: IKey | undefined): Secret {
    if (frontDoor !== 'function-url') {
      throw new Error('cloudFront stands in front of the function URL only: set frontDoor to function-url');
    }
    const secret = new Secret(this, 'ProxySecret', {
      description: 'What CloudFront proves itself with to the dispatcher',
      generateSecretString: { excludePunctuation: true, passwordLength: 40 },
      ...(encryptionKey && { encryptionKey }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'CloudFront and the dispatcher alone know it; by itself it lets nobody in, an access key does.',
    });
    return secret;
  }
}

/** The limits that are numbers. The other one is a variable of its own, which only the dispatcher needs. */
const withoutThrottling = ({ throttling: _throttling, ...numbers }: Partial<Limits>) => numbers;

/** Limits that both functions know. */
const limitsOf = ({ limits, maxOnDemandShards }: RivuletProps): Partial<Limits> => ({
  ...(maxOnDemandShards !== undefined && { onDemandMaxShards: maxOnDemandShards }),
  ...limits,
});

const hostNames = ({ hostNames: others = [], customDomain }: RivuletProps): string[] => [
  ...others,
  ...(customDomain ? [customDomain.name] : []),
];
