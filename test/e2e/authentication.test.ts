import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  CreateStreamCommand,
  DeleteResourcePolicyCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  PutResourcePolicyCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SecretsManager } from '../support/secrets-manager.ts';
import { SIGNED, TestApi } from '../support/test-api.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const STREAM_ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

let folder: string;
let file: string;
let api: TestApi;
let aheadMs = 0;
let admin: Key;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rivulet-keys-'));
  file = path.join(folder, 'credentials.json');
  admin = credentials('add', '--name', 'admin', '--full-access');
  api = await TestApi.start({
    environment: { CREDENTIALS_FILE: file, REGION: 'us-east-1' },
    now: () => Date.now() + aheadMs,
  });
  await client(admin).send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
  await active();
});

afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

/** Does the same as `rivulet keys`, on the file. */
function credentials(...parameters: string[]): Key {
  const printing = ([command = '', ...rest]: string[]) =>
    command === 'add' || command === 'rotate' ? [command, '--print', ...rest] : [command, ...rest];
  const printed = execFileSync(process.execPath, ['cli/main.js', 'keys', ...printing(parameters), '--file', file], {
    cwd: ROOT,
  }).toString();
  const [, accessKeyId = '', secretAccessKey = ''] =
    /AWS_ACCESS_KEY_ID=(\S+)\nexport AWS_SECRET_ACCESS_KEY=(\S+)/.exec(printed) ?? [];
  return { accessKeyId, secretAccessKey };
}

function client(key: Key, changes: object = {}): KinesisClient {
  return new KinesisClient({
    endpoint: api.endpoint,
    region: 'us-east-1',
    credentials: key,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
    ...changes,
  });
}

async function active(StreamName = 'orders'): Promise<void> {
  for (let status = ''; status !== 'ACTIVE'; ) {
    const answer = await client(admin).send(new DescribeStreamSummaryCommand({ StreamName }));
    status = answer.StreamDescriptionSummary?.StreamStatus ?? '';
  }
}

const put = (text = 'text') =>
  new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'key', Data: Buffer.from(text) });

const fault = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => new Error('no fault'),
    (e: Error) => e,
  );
  return `${error.name}: ${error.message}`;
};

describe('a locked server', () => {
  it('serves who signs with a key that it knows, over HTTP/2 too', async () => {
    expect((await client(admin).send(put())).ShardId).toBe('shardId-000000000000');
    const overHttp2 = new KinesisClient({ endpoint: api.endpoint, region: 'us-east-1', credentials: admin });
    expect((await overHttp2.send(put())).ShardId).toBe('shardId-000000000000');
    overHttp2.destroy();
  });

  it('refuses a well-formed signature of nobody', async () => {
    const { status, body } = await api.call('ListStreams', {});

    expect(status).toBe(400);
    expect(body).toEqual({
      __type: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    });
  });

  it.each([
    ['a small broken body learns about the body', '{"Records":', 'SerializationException'],
    [
      'a large body, broken or not, is not even parsed',
      `{"Records":${'['.repeat(70_000)}`,
      'UnrecognizedClientException',
    ],
  ])('who signs with no key of its own and sends %s', async (_what, body, code) => {
    const headers = {
      ...SIGNED,
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': 'Kinesis_20131202.PutRecords',
    };
    const answer = await api.send({ method: 'POST', headers, body });

    expect(answer.body).toMatchObject({ __type: code });
  });

  it('reads a large body of somebody whom it knows in the order of the wire', async () => {
    const Records = Array.from({ length: 20 }, (_, index) => ({
      PartitionKey: `${index}`,
      Data: Buffer.alloc(10_000),
    }));
    const answer = await client(admin).send(new PutRecordsCommand({ StreamName: 'orders', Records }));

    expect(answer.FailedRecordCount).toBe(0);
  });

  it.each([
    [
      'another secret',
      { secretAccessKey: 'x'.repeat(40) },
      'InvalidSignatureException: The request signature we calcu',
    ],
    ['a session token that it never gave', { sessionToken: 'a' }, 'UnrecognizedClientException: The security token'],
  ])('refuses %s', async (_what, changes, text) => {
    expect(await fault(client({ ...admin, ...changes }).send(put()))).toContain(text);
  });

  it('refuses the scope of another region or service', async () => {
    expect(await fault(client(admin, { region: 'eu-west-1' }).send(put()))).toBe(
      "InvalidSignatureException: Credential should be scoped to a valid region, not 'eu-west-1'. ",
    );
  });

  it.each([
    [
      'six minutes late',
      360_000,
      /^InvalidSignatureException: Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
    ],
    [
      'six minutes early',
      -360_000,
      /^InvalidSignatureException: Signature not yet current: .* is still later than .* \+ 5 min\.\)$/,
    ],
  ])('refuses a signature that comes %s', async (_what, clockMs, text) => {
    aheadMs = clockMs;
    const message = await fault(client(admin).send(put()));
    aheadMs = 0;

    expect(message).toMatch(text);
  });

  it('takes a signature that is four minutes old', async () => {
    aheadMs = 240_000;
    const answer = await client(admin).send(put());
    aheadMs = 0;

    expect(answer.ShardId).toBe('shardId-000000000000');
  });
});

describe('a request that was changed after it was signed', () => {
  /** Changes a request that the SDK has signed, and sends it. @returns the status of the response */
  async function tampered(change: (request: SentRequest) => void): Promise<number | undefined> {
    let sent: SentRequest | undefined;
    const sdk = client(admin);
    sdk.middlewareStack.add(
      (next) => async (args) => {
        const { method, path: to, query, headers, body } = args.request as SentRequest;
        sent = { method, path: to, query: { ...query }, headers: { ...headers }, body };
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'capture' },
    );
    await sdk.send(put());
    const request = sent as unknown as SentRequest;
    change(request);
    return status(request);
  }

  interface SentRequest {
    method: string;
    path: string;
    query: Record<string, string>;
    headers: Record<string, string>;
    body: string | Uint8Array;
  }

  function status({ method, path: to, query, headers, body }: SentRequest): Promise<number | undefined> {
    const { port } = new URL(api.endpoint);
    const search = new URLSearchParams(query).toString();
    return new Promise((resolve, reject) => {
      const request = http.request(
        { port, method, path: search ? `${to}?${search}` : to, headers: { ...headers, host: headers.host ?? '' } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  it('is taken as it was', async () => {
    expect(await tampered(() => {})).toBe(200);
  });

  it.each([
    [
      'a byte of its body',
      (r: SentRequest) => {
        const body = Buffer.from(r.body as Uint8Array);
        body.write('o', body.indexOf('key'));
        r.body = body;
      },
    ],
    ['its target', (r) => (r.headers['x-amz-target'] = 'Kinesis_20131202.DeleteStream')],
    ['its content type', (r) => (r.headers['content-type'] += ';a')],
    ['a header of AWS that was not signed', (r) => (r.headers['x-amz-security-token'] = '')],
    ['its path', (r) => (r.path = '/a')],
    ['its query', (r) => (r.query.a = 'b')],
    [
      'its date',
      (r) =>
        (r.headers['x-amz-date'] =
          r.headers['x-amz-date']?.replace(/.Z$/, (end) => (end === '0Z' ? '1Z' : '0Z')) ?? ''),
    ],
    [
      'the date of its scope',
      (r) => (r.headers.authorization = r.headers.authorization?.replace(/\/20\d\d/, '/2001') ?? ''),
    ],
    ['its host', (r) => (r.headers.host = 'elsewhere')],
    ['its signature', (r) => (r.headers.authorization = r.headers.authorization?.replace(/.$/, 'x') ?? '')],
    ['its key', (r) => (r.headers.authorization = r.headers.authorization?.replace('RIVU', 'RIVV') ?? '')],
    ['its algorithm', (r) => (r.headers.authorization = r.headers.authorization?.replace('SHA256 ', 'SHA1 ') ?? '')],
    ['what it signs', (r) => (r.headers.authorization = r.headers.authorization?.replace('host;', '') ?? '')],
    [
      'a header that it signs again and again',
      (r) =>
        (r.headers.authorization =
          r.headers.authorization?.replace('SignedHeaders=', 'SignedHeaders=host;host;') ?? ''),
    ],
    [
      'a header that is none',
      (r) =>
        (r.headers.authorization =
          r.headers.authorization?.replace('SignedHeaders=', 'SignedHeaders=constructor;') ?? ''),
    ],
    ['the hash that it claims', (r) => (r.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD')],
  ] as [string, (request: SentRequest) => unknown][])('is refused: %s', async (_what, change) => {
    let changed = true;
    const answered = await tampered((request) => {
      const before = JSON.stringify(request);
      change(request);
      changed = JSON.stringify(request) !== before;
    });

    expect(changed).toBe(true);
    expect(answered).toBe(400);
  });
});

describe('a request through the deployment’s own proxy', () => {
  it('is verified for the host that the client signed for, and only then', async () => {
    const secrets = await SecretsManager.start({ 'the secret of the proxy': 'of the proxy' });
    process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = secrets.endpoint;
    process.env.AWS_REGION ??= 'us-east-1';
    process.env.AWS_ACCESS_KEY_ID ??= 'test';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
    const environment = { CREDENTIALS_FILE: file, PROXY_SECRET: 'the secret of the proxy' };
    const proxied = await TestApi.start({ environment });
    const { port } = new URL(proxied.endpoint);
    const through = (secret: string) =>
      client(admin, {
        endpoint: 'https://d111.cloudfront.net',
        requestHandler: {
          handle: (request: Parameters<NodeHttpHandler['handle']>[0]) =>
            new NodeHttpHandler().handle(
              Object.assign(request, {
                protocol: 'http:',
                hostname: '127.0.0.1',
                port: Number(port),
                headers: {
                  ...request.headers,
                  host: 'url.example',
                  'x-rivulet-proxy': secret,
                  'x-rivulet-viewer-host': 'd111.cloudfront.net',
                },
              }),
            ),
        },
      });

    expect((await through('of the proxy').send(new ListStreamsCommand({}))).StreamNames).toEqual([]);
    expect(await fault(through('guessed').send(new ListStreamsCommand({})))).toBe(
      'AccessDeniedException: Requests have to come through the CloudFront distribution.',
    );
    const { endpoint } = proxied;
    expect(await fault(client(admin, { endpoint }).send(new ListStreamsCommand({})))).toContain('AccessDenied');
    await proxied.close();
    secrets.close();
  });
});

describe('the trail', () => {
  const ADMIN = 'arn:aws:iam::000000000000:user/admin';

  it('tells who changed a stream, from where, and with which key, also where the change was refused', async () => {
    api.trail.length = 0;
    const DeadEnd = { StreamName: 'orders', ShardCount: 1 };

    await client(admin).send(new CreateStreamCommand({ StreamName: 'traced', ShardCount: 1 }));
    await fault(client(admin).send(new CreateStreamCommand(DeadEnd)));

    const change = {
      event: 'change',
      operation: 'CreateStream',
      requestId: expect.any(String),
      sourceIp: expect.stringMatching(/127\.0\.0\.1|::1/),
      principal: ADMIN,
      accessKeyId: admin.accessKeyId,
    };
    expect(api.trail).toEqual([
      { ...change, resource: 'traced' },
      { ...change, resource: 'orders', fault: 'ResourceInUseException' },
    ]);
  });

  it('tells nothing of what is put and read', async () => {
    api.trail.length = 0;

    await client(admin).send(put('a secret record'));
    await client(admin).send(new ListShardsCommand({ StreamName: 'orders' }));

    expect(api.trail).toEqual([]);
  });

  it('tells of a refused policy who it was, what of, and why', async () => {
    const nothing = path.join(folder, 'traced.json');
    await writeFile(nothing, JSON.stringify({ Statement: [] }));
    const key = credentials('add', '--name', 'traced', '--policy', nothing);
    api.trail.length = 0;

    await fault(client(key).send(put('a secret record')));

    expect(api.trail).toMatchObject([
      {
        event: 'refusal',
        operation: 'PutRecord',
        resource: 'orders',
        principal: 'arn:aws:iam::000000000000:user/traced',
        accessKeyId: key.accessKeyId,
        fault: 'AccessDeniedException',
        reason: expect.stringContaining('because no identity-based policy allows'),
      },
    ]);
    expect(JSON.stringify(api.trail)).not.toContain('secret record');
  });

  it.each([
    ['a wrong secret', { secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
    ['an unknown key', { accessKeyId: 'AKIAUNKNOWN000000000' }, 'UnrecognizedClientException'],
  ])('tells of %s, and names nobody', async (_what, changed, name) => {
    const key = { ...admin, ...changed };
    api.trail.length = 0;

    await fault(client(key).send(put()));

    expect(api.trail).toMatchObject([
      {
        event: 'refusal',
        operation: 'PutRecord',
        accessKeyId: key.accessKeyId,
        fault: name,
        reason: expect.any(String),
      },
    ]);
    expect(api.trail[0]).not.toHaveProperty('principal');
  });

  it('does not repeat a secret that was taken for the id of a key', async () => {
    api.trail.length = 0;

    await fault(client({ ...admin, accessKeyId: admin.secretAccessKey }).send(put()));

    expect(api.trail).toHaveLength(1);
    expect(JSON.stringify(api.trail)).not.toContain(admin.secretAccessKey.slice(0, 12));
  });

  it('tells nothing of what is no call at all: anybody could fill it, and wake the owner', async () => {
    api.trail.length = 0;

    const scanned = await api.send({ method: 'GET' });

    expect(scanned.status).toBe(403);
    expect(api.trail).toEqual([]);
  });

  it('repeats nothing of a header that is no signature: there may be a secret in it', async () => {
    api.trail.length = 0;

    for (const Authorization of ['Bearer hidden-token', 'AWS4-HMAC-SHA256 hidden-token']) {
      await api.send({
        method: 'POST',
        headers: {
          ...SIGNED,
          Authorization,
          'Content-Type': 'application/x-amz-json-1.1',
          'X-Amz-Target': 'Kinesis_20131202.ListStreams',
        },
        body: '{}',
      });
    }

    expect(api.trail).toHaveLength(2);
    expect(JSON.stringify(api.trail)).not.toContain('hidden-token');
  });
});

describe('a key', () => {
  it('may do what its policy allows, and learns nothing about the rest', async () => {
    const policy = path.join(folder, 'policy.json');
    await writeFile(
      policy,
      JSON.stringify({
        Statement: [
          { Effect: 'Allow', Action: ['kinesis:Get*', 'kinesis:PutRecord'], Resource: STREAM_ARN },
          {
            Effect: 'Deny',
            Action: 'kinesis:PutRecord',
            Resource: '*',
            Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
          },
        ],
      }),
    );
    const producer = client(credentials('add', '--name', 'producer', '--policy', policy));
    const place = { StreamName: 'orders', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' } as const;

    await producer.send(put());
    const { ShardIterator } = await producer.send(new GetShardIteratorCommand(place));
    expect((await producer.send(new GetRecordsCommand({ ShardIterator }))).Records?.length).toBeGreaterThan(0);
    const user = 'arn:aws:iam::000000000000:user/producer';
    expect(await fault(producer.send(new ListStreamsCommand({})))).toBe(
      `AccessDeniedException: User: ${user} is not authorized to perform: kinesis:ListStreams on resource: * ` +
        'because no identity-based policy allows the kinesis:ListStreams action',
    );
    expect(await fault(producer.send(new GetShardIteratorCommand({ ...place, StreamName: 'secret' })))).toContain(
      'kinesis:GetShardIterator on resource: arn:aws:kinesis:us-east-1:000000000000:stream/secret because',
    );
  });

  it('may be given more by the policy of a stream, and be denied by it', async () => {
    const policy = path.join(folder, 'nothing.json');
    await writeFile(policy, JSON.stringify({ Statement: [] }));
    const guest = client(credentials('add', '--name', 'guest', '--policy', policy));
    const setPolicy = async (...Statement: object[]) => {
      await client(admin).send(
        new PutResourcePolicyCommand({ ResourceARN: STREAM_ARN, Policy: JSON.stringify({ Statement }) }),
      );
    };
    const statement = (Effect: string, name: string) => ({
      Effect,
      Principal: { AWS: `arn:aws:iam::000000000000:user/${name}` },
      Action: 'kinesis:PutRecord',
      Resource: STREAM_ARN,
    });
    expect(await fault(guest.send(put()))).toContain('AccessDeniedException');

    await setPolicy(statement('Allow', 'guest'), statement('Deny', 'admin'));

    expect((await guest.send(put())).ShardId).toBe('shardId-000000000000');
    expect(await fault(client(admin).send(put()))).toContain('with an explicit deny in a resource-based policy');
    await setPolicy();
  });

  it('is refused a consumer by whichever members it is named, and the pages of a list by their stream', async () => {
    const StreamARN = STREAM_ARN;
    const owner = client(admin);
    const { Consumer } = await owner.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'prod' }));
    const policy = path.join(folder, 'denied.json');
    const denied = (Action: string, Resource: string) => ({ Effect: 'Deny', Action, Resource });
    await writeFile(
      policy,
      JSON.stringify({
        Statement: [
          { Effect: 'Allow', Action: 'kinesis:*', Resource: '*' },
          denied('kinesis:*Consumer', Consumer?.ConsumerARN ?? ''),
          denied('kinesis:RegisterStreamConsumer', STREAM_ARN),
          denied('kinesis:ListShards', STREAM_ARN),
        ],
      }),
    );
    const user = client(credentials('add', '--name', 'denied', '--policy', policy));
    await owner.send(new UpdateShardCountCommand({ StreamARN, TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' }));
    await active();
    const { NextToken } = await owner.send(new ListShardsCommand({ StreamARN, MaxResults: 1 }));

    for (const command of [
      new DescribeStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN }),
      new DescribeStreamConsumerCommand({ StreamARN, ConsumerName: 'prod' }),
      new DeregisterStreamConsumerCommand({ StreamARN, ConsumerName: 'prod' }),
      new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'other' }),
      new ListShardsCommand({ NextToken }),
    ]) {
      expect(await fault(user.send(command as DescribeStreamConsumerCommand))).toContain('AccessDeniedException');
    }
    expect(
      (await owner.send(new DescribeStreamConsumerCommand({ StreamARN, ConsumerName: 'prod' }))).ConsumerDescription,
    ).toBeDefined();
  });

  describe('with an open subscription', () => {
    const StreamName = 'subscribed';
    const StreamARN = STREAM_ARN.replace('orders', StreamName);
    let consumers = 0;

    beforeAll(async () => {
      await client(admin).send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
      await active(StreamName);
    });

    /**
     * Subscribes and reads the first event. `end` returns how the subscription ends, six seconds later by the server's
     * clock.
     */
    async function subscribed(key: Key) {
      const owner = client(admin);
      const ConsumerName = `reader-${consumers++}`;
      const { Consumer } = await owner.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
      const consumer = { StreamARN, ConsumerName };
      for (let status = ''; status !== 'ACTIVE'; ) {
        const { ConsumerDescription } = await owner.send(new DescribeStreamConsumerCommand(consumer));
        status = ConsumerDescription?.ConsumerStatus ?? '';
      }
      const { EventStream } = await client(key, { requestHandler: undefined }).send(
        new SubscribeToShardCommand({
          ConsumerARN: Consumer?.ConsumerARN,
          ShardId: '0',
          StartingPosition: { Type: 'LATEST' },
        }),
      );
      const events = EventStream?.[Symbol.asyncIterator]();
      await events?.next();
      return {
        consumerArn: Consumer?.ConsumerARN ?? '',
        async end(): Promise<string> {
          aheadMs += 6_000;
          await client(admin).send(
            new PutRecordCommand({ StreamName, PartitionKey: 'key', Data: Buffer.from('text') }),
          );
          try {
            for (let next = await events?.next(); !next?.done; next = await events?.next()) {
              aheadMs += 6_000;
            }
            return 'ended';
          } catch (error) {
            return String(error);
          } finally {
            aheadMs = 0;
          }
        },
      };
    }

    it('reads no more once it is revoked', async () => {
      const key = credentials('add', '--name', 'revoked', '--full-access');
      const subscription = await subscribed(key);

      credentials('revoke', '--key', key.accessKeyId);

      api.trail.length = 0;
      expect(await subscription.end()).toContain('has no valid access key any more');
      expect(api.trail.filter(({ event }) => event === 'refusal')).toMatchObject([
        {
          operation: 'SubscribeToShard',
          principal: 'arn:aws:iam::000000000000:user/revoked',
          accessKeyId: key.accessKeyId,
          resource: subscription.consumerArn,
          fault: 'AccessDeniedException',
        },
      ]);
    });

    it('reads no more once the policy of the consumer denies it', async () => {
      const key = credentials('add', '--name', 'denied-later', '--full-access');
      const subscription = await subscribed(key);
      const ResourceARN = subscription.consumerArn;
      const Principal = { AWS: 'arn:aws:iam::000000000000:user/denied-later' };
      const Statement = [{ Effect: 'Deny', Principal, Action: 'kinesis:*', Resource: ResourceARN }];
      await client(admin).send(new PutResourcePolicyCommand({ ResourceARN, Policy: JSON.stringify({ Statement }) }));

      expect(await subscription.end()).toContain('with an explicit deny in a resource-based policy');
    });
  });

  it('may do what it is said in words, and something else from the moment on at which that is said', async () => {
    expect(() => credentials('add', '--name', 'anybody')).toThrow('say what the key may do');
    expect(() => credentials('add', '--name', 'anybody', '--full-access', '--policy', file)).toThrow('either --policy');
    const key = credentials('add', '--name', 'changed', '--full-access');
    await client(key).send(put());
    const policy = path.join(folder, 'nothing.json');
    const denied = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] };
    await writeFile(policy, JSON.stringify(denied));

    // Several times within one second, because some file systems store times in seconds.
    for (let round = 0; round < 3; round++) {
      credentials('policy', '--key', key.accessKeyId, '--policy', policy);
      expect(await fault(client(key).send(put()))).toContain('AccessDeniedException');
      credentials('policy', '--key', key.accessKeyId, '--full-access');
      await client(key).send(put());
    }
    const list = execFileSync(process.execPath, ['cli/main.js', 'keys', 'list', '--file', file], { cwd: ROOT });
    expect(list.toString()).toMatch(new RegExp(`${key.accessKeyId}  changed  expires never  .*"Effect":"Allow"`));
  });

  it('of the root user takes away a resource policy that denies everyone, and nothing else that it denies', async () => {
    const Statement = [{ Effect: 'Deny', Principal: '*', Action: 'kinesis:*', Resource: STREAM_ARN }];
    const root = client(credentials('add', '--root'));
    const lockOut = new PutResourcePolicyCommand({ ResourceARN: STREAM_ARN, Policy: JSON.stringify({ Statement }) });
    const letIn = new DeleteResourcePolicyCommand({ ResourceARN: STREAM_ARN });
    await client(admin).send(lockOut);

    expect(await fault(client(admin).send(letIn))).toContain('AccessDeniedException');
    expect(await fault(root.send(put()))).toContain('AccessDeniedException');
    await root.send(letIn);
    await client(admin).send(put());
  });

  it('works in the place of another that was rotated, works no more when it is revoked, and its secret is never listed', async () => {
    const old = credentials('add', '--name', 'rotating', '--full-access');
    const fresh = credentials('rotate', '--key', old.accessKeyId, '--grace-hours', '1');
    await client(old).send(put());
    await client(fresh).send(put());
    aheadMs = 3_700_000;
    const { status, body } = await api.send({
      method: 'POST',
      headers: {
        ...SIGNED,
        Authorization: SIGNED.Authorization.replace('key/', `${old.accessKeyId}/`),
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': 'Kinesis_20131202.ListStreams',
      },
      body: '{}',
    });
    aheadMs = 0;
    expect([status, body.__type]).toEqual([400, 'ExpiredTokenException']);

    credentials('revoke', '--key', fresh.accessKeyId);
    expect(await fault(client(fresh).send(put()))).toContain('UnrecognizedClientException');
    const list = execFileSync(process.execPath, ['cli/main.js', 'keys', 'list', '--file', file], { cwd: ROOT });
    expect(list.toString()).toContain(`${old.accessKeyId}  rotating  expires 20`);
    expect(list.toString()).not.toContain(old.secretAccessKey);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8')).credentials.length).toBeGreaterThan(0);
  });
});

const run = promisify(execFile);
const hasCli = spawnSync('aws', ['--version']).status === 0;

describe.runIf(hasCli)('the AWS CLI', () => {
  const aws = (key: Key) =>
    run('aws', ['--endpoint-url', api.endpoint, 'kinesis', 'describe-limits'], {
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        AWS_MAX_ATTEMPTS: '1',
      },
    });

  it('is served with its key, and refused with a wrong secret', async () => {
    expect((await aws(admin)).stdout).toContain('"ShardLimit"');
    await expect(aws({ ...admin, secretAccessKey: 'y'.repeat(40) })).rejects.toThrow('InvalidSignatureException');
  });
});
