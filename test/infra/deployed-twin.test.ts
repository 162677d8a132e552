import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checks } from '../../cli/verify/checks.ts';
import type { ApiHandler } from '../../functions/dispatcher.ts';
import type { WorkflowStepHandler } from '../../functions/workflow.ts';
import lifecycle from '../../infra/lifecycle.asl.json' with { type: 'json' };
import { RivuletStack } from '../../infra/stack.ts';
import { addCredential } from '../../lib/authentication/credential-changes.ts';
import { readConfiguration } from '../../lib/configuration.ts';
import { createTables } from '../../local/external-tables.ts';
import { gateway } from '../../local/gateway.ts';
import { HttpServer } from '../../local/http-server.ts';
import { INTAKE_LIMITS, Intake } from '../../local/intake.ts';
import functionUrlEvent from '../fixtures/function-url-event.json' with { type: 'json' };
import httpApiEvent from '../fixtures/http-api-event.json' with { type: 'json' };
import { bytesOf, loadedAtStart } from '../support/bundle-files.ts';
import { availableEngines, type Engine, startEngine } from '../support/dynamodb-engines.ts';
import { S3Server } from '../support/s3-server.ts';
import { SecretsManager } from '../support/secrets-manager.ts';
import { startStepFunctions } from '../support/step-functions-server.ts';
import { LAMBDA_RUNTIME, type StreamingHandler, startFunctionUrl } from '../support/streaming-function.ts';

const POLICY = { Statement: [{ Effect: 'Allow' as const, Action: 'kinesis:*', Resource: '*' }] };
const { document, created: key } = addCredential({ credentials: [] }, { name: 'twin', policy: POLICY });

const CREDENTIALS_SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:credentials';

/** The largest size of what a cold start loads of a minified bundle, bytes. Every hundred KB take some ms. */
const BUNDLE_BUDGETS: Readonly<Record<string, number>> = { Dispatcher: 510_000, Step: 360_000 };

/** How each front door passes a request on. The door decides whether JSON comes as text or as base64. */
const DOORS = [
  {
    door: 'HTTP API, JSON as text',
    event: httpApiEvent,
    base64: (type: string) => !type.includes('json'),
    streams: false,
  },
  { door: 'HTTP API, JSON as base64', event: httpApiEvent, base64: () => true, streams: false },
  { door: 'function URL', event: functionUrlEvent, base64: () => true, streams: true },
] as const;

/**
 * The stack as it is synthesized. Its bundles are loaded as Lambda loads them, with its variables, behind each front
 * door.
 */
describe('the deployed stack', () => {
  const before = { ...process.env };
  const endings: (() => unknown)[] = [];
  let outdir: string;
  let template: Template;
  let handler: ApiHandler;
  let streamingHandler: StreamingHandler;
  let objects: () => string[];

  beforeAll(async () => {
    outdir = await mkdtemp(path.join(tmpdir(), 'rivulet-cdk-'));
    const app = new App({ outdir, context: { 'aws:cdk:enable-asset-metadata': true } });
    const stacks = [
      new RivuletStack(app, 'Rivulet'),
      new RivuletStack(app, 'Streaming', {
        frontDoor: 'function-url',
        bodies: { in: 's3' },
        observe: 'all',
        tracing: true,
      }),
    ] as const;
    template = Template.fromStack(stacks[0]);
    const streaming = Template.fromStack(stacks[1]);
    app.synth();
    const engine: Engine = await startEngine(availableEngines()[0] ?? 'dynalite', undefined);
    const s3 = await S3Server.start();
    const secrets = await SecretsManager.start({ [CREDENTIALS_SECRET]: JSON.stringify(document) });
    Object.assign(process.env, {
      // The only key that the S3-compatible server knows.
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'twin',
      ...variables(template),
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
      // Other tests check the log lines of requests.
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      THROTTLING: 'off',
    });
    await createTables(readConfiguration(process.env));
    const ofBodies = pick(variables(streaming), ['BODIES_BUCKET', 'BODIES_ABOVE']);
    Object.assign(process.env, ofBodies);
    const step: WorkflowStepHandler = (await bundle('Step', streaming)).handler;
    for (const name of Object.keys(ofBodies)) {
      delete process.env[name];
    }
    const onFailure = (error: unknown) => console.error(error);
    const stepFunctions = await startStepFunctions(lifecycle, { step, onFailure });
    process.env.AWS_ENDPOINT_URL_SFN = stepFunctions.endpoint;
    handler = (await bundle('Dispatcher')).handler;
    Object.assign(globalThis, { awslambda: LAMBDA_RUNTIME });
    Object.assign(process.env, pick(variables(streaming), ['STREAMING', 'LIMITS', 'OBSERVE']), ofBodies);
    streamingHandler = (await bundle('Dispatcher', streaming)).handler;
    objects = () => s3.keys;
    endings.push(
      () => s3.close(),
      stepFunctions.close,
      () => secrets.close(),
      engine.close,
    );
  });

  afterAll(async () => {
    for (const end of endings) {
      await end();
    }
    await rm(outdir, { recursive: true, force: true });
    process.env = before;
  });

  /** Every variable that the stack sets. The names of the stand-ins replace references to other resources. */
  function variables(of: Template): Record<string, string> {
    const standIns: Record<string, string> = {
      ACCOUNT_ID: '123456789012',
      STREAMS_TABLE: 'twin-streams',
      RECORDS_TABLE: 'twin-records',
      STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:123456789012:stateMachine:lifecycle',
      CREDENTIALS_SECRET,
      BODIES_BUCKET: 'bodies',
    };
    const set = Object.values(of.findResources('AWS::Lambda::Function')).flatMap((f) =>
      Object.entries(f.Properties.Environment.Variables as Record<string, unknown>),
    );
    return Object.fromEntries(
      set
        .filter(([name]) => name !== 'NODE_OPTIONS')
        .map(([name, value]) => {
          expect(typeof value === 'string' || name in standIns, `${name} has a stand-in`).toBe(true);
          return [name, typeof value === 'string' ? value : (standIns[name] as string)];
        }),
    );
  }

  /** The folder of a function's bundle. */
  function bundleFolder(name: string, of = template): string {
    const functions = Object.entries(of.findResources('AWS::Lambda::Function'));
    const [, resource] = functions.find(([id]) => id.includes(name)) ?? [];
    return path.join(outdir, resource?.Metadata['aws:asset:path']);
  }

  async function bundle(name: string, of = template) {
    const files = await readdir(bundleFolder(name, of));
    expect(files).toContain('index.mjs');
    expect(files).toContain('THIRD-PARTY-LICENSES.txt');
    return import(pathToFileURL(path.join(bundleFolder(name, of), 'index.mjs')).href);
  }

  it.each(Object.keys(BUNDLE_BUDGETS))('has a bundle with nothing of what only runs locally: %s', async (name) => {
    const texts = await Promise.all(loadedAtStart(bundleFolder(name)).map((file) => readFile(file, 'utf8')));

    expect(texts.join('')).not.toMatch(
      /node:sqlite|ASLValidator|aws-local-stepfunctions|rivulet\.db|SelectObjectContent/,
    );
  });

  it.each(Object.entries(BUNDLE_BUDGETS))('has a bundle within its budget: %s', async (name, budget) => {
    expect(bytesOf(loadedAtStart(bundleFolder(name)))).toBeLessThan(budget);
  });

  it('enforces the limits of Kinesis, and answers no more than Lambda lets through', () => {
    const { limits } = readConfiguration({ ...process.env, ...variables(template) });

    expect(limits).toMatchObject({ throttling: true, answerBytes: 6_200_000 });
  });

  describe.each(DOORS)('behind $door', ({ door, event, base64, streams }) => {
    const client = () =>
      new KinesisClient({
        endpoint: `https://${event.requestContext.domainName}`,
        region: 'us-east-1',
        credentials: key,
        maxAttempts: 1,
        requestHandler: new ToPort(server.port),
      });
    let server: { port: number; close(): Promise<void> };
    let stream: string;

    beforeAll(async () => {
      stream = `verify-${door.replace(/\W/g, '-')}`;
      if (streams) {
        server = await startFunctionUrl(
          () => streamingHandler,
          (request, body) => asDoor(request.headers as Record<string, string>, request.method ?? '', body),
        );
        return;
      }
      const behind: ApiHandler = (local, context) => {
        const body = Buffer.from(local.body ?? '', local.isBase64Encoded ? 'base64' : 'utf8');
        return handler(asDoor(local.headers, local.requestContext.http.method, body), context);
      };
      const listening = new HttpServer(gateway(behind, 16 * 1024 * 1024, new Intake(INTAKE_LIMITS)), () => {
        throw new Error('no TLS here');
      });
      server = { port: await listening.listen(0, '127.0.0.1'), close: () => listening.close() };
    });

    afterAll(() => server.close());

    /** The front door's own event, with what the client sent. */
    function asDoor(headers: APIGatewayProxyEventV2['headers'], method: string, bytes: Buffer): APIGatewayProxyEventV2 {
      const isBase64Encoded = base64(headers['content-type'] ?? '');
      return {
        ...event,
        rawPath: '/',
        rawQueryString: '',
        headers: { ...event.headers, ...headers, host: event.requestContext.domainName },
        requestContext: { ...event.requestContext, http: { ...event.requestContext.http, method } },
        body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'),
        isBase64Encoded,
      } as APIGatewayProxyEventV2;
    }

    it.each(checks)('$name', async ({ run }) => {
      await run({ client: client(), stream });
    });

    it(`reads what was put, ${streams ? 'ten MiB of it in one answer' : 'in answers that Lambda lets through'}`, async () => {
      const kinesis = client();
      const StreamName = `large-${door.replace(/\W/g, '-')}`;
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
      await waitUntilStreamExists({ client: kinesis, maxWaitTime: 300, minDelay: 0.1, maxDelay: 1 }, { StreamName });
      const sent = Array.from({ length: 10 }, () => randomBytes(1_000_000));
      for (const [number, Data] of sent.entries()) {
        await kinesis.send(new PutRecordCommand({ StreamName, PartitionKey: String(number), Data }));
      }
      const start = { StreamName, ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' } as const;
      let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(start));
      const read: Uint8Array[] = [];
      const counts: number[] = [];
      while (read.length < sent.length) {
        const page = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
        counts.push(page.Records?.length ?? 0);
        read.push(...(page.Records ?? []).map(({ Data }) => Data ?? new Uint8Array()));
        ShardIterator = page.NextShardIterator;
      }

      expect(read.map((data) => Buffer.from(data).equals(sent[read.indexOf(data)] as Buffer))).not.toContain(false);
      expect(Math.max(...counts)).toBe(streams ? 10 : 4);
      expect(objects().length).toBe(streams ? sent.length : 0);
    });

    it(streams ? 'pushes records to subscribers' : 'tells which setting lets it push records', async () => {
      const kinesis = client();
      const StreamName = `pushed-${door.replace(/\W/g, '-')}`;
      const ConsumerARN = await subscribable(kinesis, StreamName);
      const subscribing = kinesis.send(
        new SubscribeToShardCommand({
          ConsumerARN,
          ShardId: 'shardId-000000000000',
          StartingPosition: { Type: 'TRIM_HORIZON' },
        }),
      );
      if (!streams) {
        await expect(subscribing).rejects.toThrow('frontDoor=function-url');
        return;
      }
      await kinesis.send(
        new PutRecordCommand({ StreamName, PartitionKey: 'a', Data: Buffer.from('pushed through the bundle') }),
      );

      const texts: string[] = [];
      for await (const event of (await subscribing).EventStream ?? []) {
        texts.push(
          ...(event.SubscribeToShardEvent?.Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString()),
        );
        if (texts.length > 0) {
          break;
        }
      }
      expect(texts).toEqual(['pushed through the bundle']);
    });

    it('refuses who has no key', async () => {
      const stranger = new KinesisClient({
        endpoint: `https://${event.requestContext.domainName}`,
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKIDEXAMPLE00000', secretAccessKey: 'x' },
        requestHandler: new ToPort(server.port),
      });

      await expect(checks[0]?.run({ client: stranger, stream: 'strangers' })).rejects.toMatchObject({
        name: 'UnrecognizedClientException',
      });
    });
  });
});

const pick = (values: Record<string, string>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, values[name] ?? '']));

/** A stream with a consumer that is ready. @returns the consumer's ARN */
async function subscribable(kinesis: KinesisClient, StreamName: string): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await waitUntilStreamExists({ client: kinesis, maxWaitTime: 300, minDelay: 0.1, maxDelay: 1 }, { StreamName });
  const StreamARN = `arn:aws:kinesis:us-east-1:123456789012:stream/${StreamName}`;
  const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'twin' }));
  const ConsumerARN = Consumer?.ConsumerARN ?? '';
  for (;;) {
    const { ConsumerDescription } = await kinesis.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
    if (ConsumerDescription?.ConsumerStatus === 'ACTIVE') {
      return ConsumerARN;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Sends what was signed for the deployed host name to a local port. */
class ToPort extends NodeHttpHandler {
  readonly #port: number;

  constructor(port: number) {
    super();
    this.#port = port;
  }

  override handle(request: Parameters<NodeHttpHandler['handle']>[0]) {
    return super.handle(Object.assign(request, { protocol: 'http:', hostname: '127.0.0.1', port: this.#port }));
  }
}
