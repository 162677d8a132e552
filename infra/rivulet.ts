import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
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
  /** Holds the access keys and their policies. */
  readonly credentials: Secret;
  readonly tables: StreamTables;
  readonly monitoring: Monitoring;

  constructor(scope: Construct, id: string, props: RivuletProps = {}) {
    super(scope, id);
    const sandbox = props.sandbox ?? false;
    const logRetentionDays = props.logRetentionDays ?? DEFAULT_LOG_RETENTION_DAYS;
    this.tables = new StreamTables(this, 'Tables', { sandbox, capacity: props.tableCapacity ?? { mode: 'on-demand' } });
    this.credentials = this.#credentials(sandbox);
    const lifecycle = new Lifecycle(this, 'Lifecycle', { tables: this.tables, logRetentionDays });
    const proxySecret = props.cloudFront === true ? this.#proxySecret(props) : undefined;
    const dispatcher = new Dispatcher(this, 'Dispatcher', {
      tables: this.tables,
      stateMachine: lifecycle.stateMachine,
      credentials: this.credentials,
      proxySecret,
      logRetentionDays,
      ...props,
    });
    const door =
      props.frontDoor === 'function-url'
        ? new FunctionUrlDoor(this, 'Url', dispatcher.function, proxySecret)
        : new HttpApiDoor(this, 'Http', {
            dispatcher: dispatcher.function,
            requestsPerSecond: props.requestsPerSecond ?? DEFAULT_REQUESTS_PER_SECOND,
            logRetentionDays,
          });
    this.endpoint = door.endpoint;
    this.monitoring = new Monitoring(this, 'Monitoring', {
      dispatcher: dispatcher.function,
      streaming: props.frontDoor === 'function-url',
      stateMachine: lifecycle.stateMachine,
      tables: this.tables,
      alarmEmail: props.alarmEmail,
    });
  }

  /** The secret starts without any key. Only `rivulet keys` changes its text, never a deployment. */
  #credentials(sandbox: boolean): Secret {
    const secret = new Secret(this, 'Credentials', {
      description: 'Access keys of Rivulet and their policies',
      generateSecretString: { secretStringTemplate: '{"credentials":[]}', generateStringKey: 'unused' },
      removalPolicy: sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Each access key is rotated by its owner with `rivulet keys rotate`, with a time of grace.',
    });
    return secret;
  }

  /** @throws Error if the front door is an HTTP API, which supports HTTP/2 itself */
  #proxySecret({ frontDoor }: RivuletProps): Secret {
    if (frontDoor !== 'function-url') {
      throw new Error('cloudFront stands in front of the function URL only: set frontDoor to function-url');
    }
    const secret = new Secret(this, 'ProxySecret', {
      description: 'What CloudFront proves itself with to the dispatcher',
      generateSecretString: { excludePunctuation: true, passwordLength: 40 },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'CloudFront and the dispatcher alone know it; by itself it lets nobody in, an access key does.',
    });
    return secret;
  }
}
