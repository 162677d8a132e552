import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIGURES } from '../../cost/figures.ts';
import { ownerChoices } from '../../infra/choices.ts';
import type { RivuletProps } from '../../infra/props.ts';
import { RivuletStack } from '../../infra/stack.ts';
import { readConfiguration } from '../../lib/configuration.ts';
import { OBJECT_LIVES_DAYS } from '../../lib/store/object-lives.ts';

let template: Template;

/** These tests check templates only. */
const WITHOUT_BUNDLING = { 'aws:cdk:bundling-stacks': [] };

const templateOf = (props: RivuletProps): Template =>
  Template.fromStack(new RivuletStack(new App({ context: WITHOUT_BUNDLING }), 'Rivulet', props));

beforeAll(() => {
  template = templateOf({});
});

const statements = (policy: { Properties: { PolicyDocument: { Statement: object[] } } }) =>
  policy.Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[];

describe('the stack', () => {
  it('has two on-demand tables with point-in-time recovery, kept and protected, records with a TTL', () => {
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 2);
    template.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [
        Match.objectLike({
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    });
    template.allResources('AWS::DynamoDB::GlobalTable', { DeletionPolicy: 'RetainExceptOnCreate' });
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
      ],
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
  });

  it('has an HTTP API whose every route leads to the dispatcher, throttled', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' });
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: '$default', AuthorizationType: 'NONE' });
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000 },
    });
  });

  it('has two functions on Node 24 and ARM, throttling as Kinesis does', () => {
    template.resourceCountIs('AWS::Lambda::Function', 2);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Environment: {
        Variables: Match.objectLike({ STREAMS_TABLE: Match.anyValue(), RECORDS_TABLE: Match.anyValue() }),
      },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ THROTTLING: 'on', STATE_MACHINE_ARN: Match.anyValue() }) },
    });
  });

  it('has the state machine of the file that runs locally', async () => {
    const assets = template.findResources('AWS::StepFunctions::StateMachine');
    const [machine] = Object.values(assets);

    expect(Object.keys(machine?.Properties.DefinitionSubstitutions)).toEqual(['WorkflowStepFunction']);
    const file = await readFile(path.join(import.meta.dirname, '..', '..', 'infra', 'lifecycle.asl.json'), 'utf8');
    expect(file).toMatch(/\$\{WorkflowStepFunction\}/);
  });

  it('lets the functions do with the tables what they do, and nothing on all resources', () => {
    const granted = Object.values(template.findResources('AWS::IAM::Policy')).flatMap((policy) =>
      statements(policy as never),
    );
    const table = granted.filter(({ Action }) => [Action].flat().some((action) => action.startsWith('dynamodb:')));
    const onEverything = granted.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);

    expect([...new Set(table.flatMap(({ Action }) => Action))].sort()).toEqual([
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ]);
    expect(JSON.stringify(table)).not.toContain('"*"');
    // Log delivery has no resources to name.
    expect(onEverything.filter((action) => !/^logs:/.test(action))).toEqual([]);
    expect(granted.flatMap(({ Action }) => Action)).toEqual(expect.arrayContaining(['states:StartExecution']));
  });

  it('uses no managed policy, and lets each function write to its own log group only', () => {
    for (const role of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('keeps its access keys in a secret that only the dispatcher reads', () => {
    template.resourceCountIs('AWS::SecretsManager::Secret', 1);
    const readers = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'RivuletDispatcherFunctionRoleDefaultPolicy',
    ]);
  });

  it('bounds what can run at once, and how long logs are kept', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: 50 });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('alarms its owner: of errors, faults, refusals, throttles, slow requests and transitions that do not end', () => {
    const mailed = templateOf({ alarmEmail: 'owner@example.com' });

    expect(Object.keys(template.findResources('AWS::CloudWatch::Alarm'))).toHaveLength(10);
    mailed.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'owner@example.com' });
    mailed.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
          }),
        ]),
      },
    });
    mailed.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.anyValue() });
  });

  it('tells where it is, how to get a key, and what to try', () => {
    expect(Object.keys(template.findOutputs('*'))).toEqual([
      'Endpoint',
      'Region',
      'CredentialsSecret',
      'StreamsTable',
      'RecordsTable',
      'Dispatcher',
      'AddKey',
      'TryIt',
    ]);
  });

  it('is made of these resources', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    const counts = Object.entries(Object.groupBy(types, (type) => type)).map(([type, of]) => `${type} ${of?.length}`);

    expect(counts.sort()).toMatchInlineSnapshot(`
      [
        "AWS::ApiGatewayV2::Api 1",
        "AWS::ApiGatewayV2::Integration 1",
        "AWS::ApiGatewayV2::Route 1",
        "AWS::ApiGatewayV2::Stage 1",
        "AWS::CloudWatch::Alarm 10",
        "AWS::DynamoDB::GlobalTable 2",
        "AWS::IAM::Policy 3",
        "AWS::IAM::Role 3",
        "AWS::Lambda::Function 2",
        "AWS::Lambda::Permission 1",
        "AWS::Logs::LogGroup 3",
        "AWS::SecretsManager::Secret 1",
        "AWS::StepFunctions::StateMachine 1",
      ]
    `);
  });
});

describe('the stack of a sandbox', () => {
  it('takes its data and keys along when it goes', () => {
    const sandbox = templateOf({ sandbox: true });

    sandbox.allResources('AWS::DynamoDB::GlobalTable', { DeletionPolicy: 'Delete' });
    sandbox.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })],
    });
    sandbox.allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
  });
});

describe('the stack with a function URL', () => {
  it('has no API Gateway', () => {
    const url = templateOf({ frontDoor: 'function-url' });

    url.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    url.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' });
    url.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 330,
      Environment: { Variables: Match.objectLike({ STREAMING: 'on' }) },
    });
  });
});

describe('the stack with CloudFront before its function URL', () => {
  it('passes everything on but the host, which it tells beside a secret', () => {
    const proxied = templateOf({ frontDoor: 'function-url', cloudFront: true });

    proxied.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        HttpVersion: 'http2and3',
        DefaultCacheBehavior: Match.objectLike({
          ViewerProtocolPolicy: 'https-only',
          AllowedMethods: Match.arrayWith(['POST']),
          FunctionAssociations: [Match.objectLike({ EventType: 'viewer-request' })],
        }),
        Origins: [Match.objectLike({ OriginCustomHeaders: [Match.objectLike({ HeaderName: 'x-rivulet-proxy' })] })],
      }),
    });
    proxied.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ PROXY_SECRET: Match.anyValue() }) },
    });
  });

  it('is refused before an HTTP API', () => {
    expect(() => templateOf({ cloudFront: true })).toThrow('set frontDoor to function-url');
  });
});

describe('the stack with provisioned tables', () => {
  it('scales them within bounds', () => {
    const provisioned = templateOf({ tableCapacity: { mode: 'provisioned', minUnits: 2, maxUnits: 50 } });

    provisioned.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      WriteProvisionedThroughputSettings: {
        WriteCapacityAutoScalingSettings: Match.objectLike({ MinCapacity: 2, MaxCapacity: 50 }),
      },
    });
  });
});

describe('the stack that observes as its owner chooses', () => {
  const api = (of: Template) =>
    Object.values(of.findResources('AWS::Lambda::Function')).find(
      ({ Properties }) => 'OBSERVE' in Properties.Environment.Variables,
    )?.Properties;

  it('traces nothing by default, and has lines of what failed only: the platform writes none of what went well', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON', SystemLogLevel: 'WARN', ApplicationLogLevel: 'INFO' }),
    });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/xray:|"Mode":"Active"/);
    expect(api(template)?.Environment.Variables).toMatchObject({ OBSERVE: 'faults' });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      AccessLogSettings: Match.absent(),
      DefaultRouteSettings: { DetailedMetricsEnabled: Match.absent() },
    });
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  it('has everything that was chosen', () => {
    const all = templateOf({ observe: 'all', streamMetrics: ['a', 'b'], tracing: true, dashboard: true });

    expect(api(all)).toMatchObject({
      TracingConfig: { Mode: 'Active' },
      Environment: { Variables: { OBSERVE: 'all', STREAM_METRICS: 'a,b' } },
    });
    all.hasResourceProperties('AWS::ApiGatewayV2::Stage', { AccessLogSettings: Match.anyValue() });
    all.hasResourceProperties('AWS::StepFunctions::StateMachine', { TracingConfiguration: { Enabled: true } });
    all.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    expect(Object.keys(all.findOutputs('*'))).toContain('Dashboard');
  });

  it('has no alarms, or alarms to a topic of the owner', () => {
    const topic = 'arn:aws:sns:us-east-1:123456789012:alarms';

    templateOf({ alarms: false }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
    templateOf({ alarmTopicArn: topic }).allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [topic] });
    expect(FIGURES.alarms).toEqual({
      http: Object.keys(template.findResources('AWS::CloudWatch::Alarm')).length,
      'function-url': Object.keys(templateOf({ frontDoor: 'function-url' }).findResources('AWS::CloudWatch::Alarm'))
        .length,
    });
  });

  it('has a budget that tells its owner, or refuses it', () => {
    templateOf({ budgetUsd: 20, alarmEmail: 'a@example.com' }).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: Match.objectLike({ BudgetLimit: { Amount: 20, Unit: 'USD' } }),
      NotificationsWithSubscribers: Match.arrayWith([
        Match.objectLike({ Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'a@example.com' }] }),
      ]),
    });
    expect(() => templateOf({ budgetUsd: 20 })).toThrow('budgetUsd needs alarmEmail');
  });
});

describe('the stack with bodies in a bucket', () => {
  const actions = (of: Template) =>
    Object.values(of.findResources('AWS::IAM::Policy'))
      .flatMap((policy) => statements(policy as never))
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('s3')));

  it('has one with a lifecycle rule for each life of an object, encrypted, kept, closed to the public', () => {
    const s3 = templateOf({ bodies: { in: 's3' } });

    s3.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: Match.anyValue(),
      LifecycleConfiguration: {
        Rules: OBJECT_LIVES_DAYS.map((days) =>
          Match.objectLike({ Prefix: `${days}d/`, ExpirationInDays: days, Status: 'Enabled' }),
        ),
      },
    });
    s3.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'RetainExceptOnCreate' });
    s3.resourceCountIs('Custom::AWS', 0);
    expect(new Set(actions(s3).flatMap(({ Action }) => Action))).toEqual(
      new Set(['s3:PutObject', 's3:GetObject', 's3:ListBucket']),
    );
    s3.resourcePropertiesCountIs(
      'AWS::Lambda::Function',
      { Environment: { Variables: Match.objectLike({ BODIES_BUCKET: Match.anyValue(), BODIES_ABOVE: '10240' }) } },
      2,
    );
  });

  it('has a directory bucket of one zone, for which nothing but a session is allowed', () => {
    const express = templateOf({ bodies: { in: 's3-express', zone: 'use1-az4', aboveBytes: 5_000 } });

    express.hasResourceProperties('AWS::S3Express::DirectoryBucket', {
      LocationName: 'use1-az4',
      DataRedundancy: 'SingleAvailabilityZone',
      LifecycleConfiguration: {
        Rules: OBJECT_LIVES_DAYS.map((days) => Match.objectLike({ Prefix: `${days}d/`, ExpirationInDays: days })),
      },
    });
    expect(new Set(actions(express).flatMap(({ Action }) => Action))).toEqual(new Set(['s3express:CreateSession']));
    express.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ BODIES_ABOVE: '5000' }) },
    });
  });

  it('empties and deletes it with the stack in a sandbox only', () => {
    for (const bodies of [{ in: 's3' }, { in: 's3-express', zone: 'use1-az4' }] as const) {
      const sandbox = templateOf({ sandbox: true, bodies });
      const type = bodies.in === 's3' ? 'AWS::S3::Bucket' : 'AWS::S3Express::DirectoryBucket';

      sandbox.hasResource(type, { DeletionPolicy: 'Delete' });
      sandbox.resourceCountIs('Custom::EmptyBucket', 1);
      sandbox.resourceCountIs('AWS::Lambda::Function', 3);
      templateOf({ bodies }).resourceCountIs('AWS::Lambda::Function', 2);
    }
  });

  it('takes a bucket that is there already', () => {
    const adopted = templateOf({ bodies: { in: 's3', bucketName: 'mine' } });

    adopted.resourceCountIs('AWS::S3::Bucket', 0);
    adopted.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ BODIES_BUCKET: 'mine' }) },
    });
  });
});

describe('the stack that its owner keeps', () => {
  it('takes tables that are there already, and tells the functions that they must be prepared', () => {
    const adopted = templateOf({ adoptTables: { streams: 'old-streams', records: 'old-records' } });

    adopted.resourceCountIs('AWS::DynamoDB::GlobalTable', 0);
    adopted.allResourcesProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ STREAMS_TABLE: 'old-streams', RECORDS_TABLE: 'old-records', ADOPTED: 'on' }),
      },
    });
  });

  it('encrypts tables, secret and bodies with a key of the owner, which the functions may use', () => {
    const kmsKeyArn = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const own = templateOf({ kmsKeyArn, bodies: { in: 's3' } });

    own.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
    own.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: kmsKeyArn });
    expect(JSON.stringify(own.findResources('AWS::S3::Bucket'))).toContain(kmsKeyArn);
    const using = Object.values(own.findResources('AWS::IAM::Policy')).filter((policy) =>
      JSON.stringify(policy).includes('kms:Decrypt'),
    );
    expect(using.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['an HTTP API', { frontDoor: 'http' }, 'AWS::ApiGatewayV2::DomainName'],
    ['CloudFront', { frontDoor: 'function-url', cloudFront: true }, 'AWS::CloudFront::Distribution'],
  ] as const)('has a host name of the owner on %s, which clients sign for', (_door, door, type) => {
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
    const named = templateOf({ ...door, customDomain: { name: 'kinesis.example.com', certificateArn } });

    expect(JSON.stringify(named.findResources(type))).toContain(certificateArn);
    expect(named.findOutputs('Endpoint').Endpoint?.Value).toBe('https://kinesis.example.com');
    expect(Object.keys(named.findOutputs('*'))).toContain('DomainTarget');
    named.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ HOST_NAMES: 'kinesis.example.com' }) },
    });
  });

  it('has a web ACL on CloudFront, and refuses one where there can be none', () => {
    const webAclArn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1';
    const guarded = templateOf({ frontDoor: 'function-url', cloudFront: true, webAclArn });

    guarded.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({ WebACLId: webAclArn }),
    });
    expect(() => templateOf({ webAclArn })).toThrow('knows no HTTP APIs');
    expect(() => templateOf({ webAclArn, frontDoor: 'function-url' })).toThrow('set cloudFront to true');
  });

  it('may stand beside another one: no resource has a name of its own', () => {
    const app = new App({ context: WITHOUT_BUNDLING });
    const stacks = ['Orders', 'Payments'].map((name) => new RivuletStack(app, name));
    for (const stack of stacks) {
      expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(
        /"(TableName|FunctionName|BucketName|StateMachineName|RoleName|LogGroupName)":"/,
      );
    }
  });

  it('bounds what a producer of an on-demand stream can make of its bill, for both functions', () => {
    templateOf({ maxOnDemandShards: 8 }).allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ LIMITS: Match.stringLikeRegexp('"onDemandMaxShards":8') }) },
    });
  });

  it('streams whole answers behind a function URL, and bounds them behind an HTTP API', () => {
    const limits = (of: Template) =>
      Object.values(of.findResources('AWS::Lambda::Function'))
        .map(({ Properties }) => Properties.Environment.Variables)
        .find(({ STREAMING }) => STREAMING !== undefined)?.LIMITS;

    expect(limits(template)).toContain('"answerBytes":6200000');
    expect(limits(templateOf({ frontDoor: 'function-url' }))).not.toContain('answerBytes');
  });
});

describe('the choices of an owner', () => {
  const choices = (context: Record<string, unknown>, files: Record<string, string> = {}) =>
    ownerChoices(new App({ context }), (file) => files[file]);

  it('are everything that an owner may choose', () => {
    const { stackName, props } = choices({
      stackName: 'Orders',
      frontDoor: 'function-url',
      cloudFront: 'true',
      webAclArn: 'arn:aws:wafv2:us-east-1:1:global/webacl/a/1',
      domainName: 'k.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:1:certificate/1',
      sandbox: 'true',
      kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1',
      alarms: 'true',
      alarmEmail: 'a@example.com',
      alarmTopicArn: 'arn:aws:sns:us-east-1:1:alarms',
      dashboard: true,
      budgetUsd: '20',
      observe: 'sampled:50',
      streamMetrics: 'a,b',
      tracing: 'true',
      logRetentionDays: '7',
      limits: '{"maxRecordKiB":2048}',
      maxOnDemandShards: '16',
      memorySize: 512,
      reservedConcurrency: '0',
      maxUnits: '40',
      bodies: 's3-express',
      bodiesZone: 'use1-az4',
      bodiesAbove: '8192',
      hostNames: 'kinesis.example.com,k.example.com',
    });

    expect(stackName).toBe('Orders');
    expect(props).toEqual({
      frontDoor: 'function-url',
      cloudFront: true,
      webAclArn: 'arn:aws:wafv2:us-east-1:1:global/webacl/a/1',
      customDomain: { name: 'k.example.com', certificateArn: 'arn:aws:acm:us-east-1:1:certificate/1' },
      sandbox: true,
      kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1',
      alarms: true,
      alarmEmail: 'a@example.com',
      alarmTopicArn: 'arn:aws:sns:us-east-1:1:alarms',
      dashboard: true,
      budgetUsd: 20,
      observe: 'sampled:50',
      streamMetrics: ['a', 'b'],
      tracing: true,
      logRetentionDays: 7,
      limits: { maxRecordKiB: 2048 },
      maxOnDemandShards: 16,
      memorySize: 512,
      reservedConcurrency: 0,
      tableCapacity: { mode: 'provisioned', minUnits: 1, maxUnits: 40 },
      bodies: { in: 's3-express', zone: 'use1-az4', aboveBytes: 8_192 },
      hostNames: ['kinesis.example.com', 'k.example.com'],
    });
    expect(choices({ requestsPerSecond: '10' }).props).toEqual({ requestsPerSecond: 10 });
    expect(choices({})).toEqual({ stackName: 'Rivulet', props: {} });
  });

  it('may be lists in a file, and leave what the CDK command line remembers alone', () => {
    const files = { 'rivulet.json': '{"streamMetrics":["a","b"],"adoptTables":["one-table","other"]}' };

    expect(choices({ 'acknowledged-issue-numbers': [1], 'cli-telemetry': false }, files).props).toEqual({
      streamMetrics: ['a', 'b'],
      adoptTables: { streams: 'one-table', records: 'other' },
    });
  });

  it('are limits that each function takes when it starts, throttling included', () => {
    const { props } = choices({ limits: '{"throttling":false,"maxRecordKiB":2048}', maxOnDemandShards: '8' });
    const functions = Object.values(templateOf(props).findResources('AWS::Lambda::Function'));
    const environments = functions.map(({ Properties }) => Properties.Environment.Variables);

    expect(environments).toHaveLength(2);
    for (const { LIMITS, THROTTLING = 'on' } of environments) {
      const told = { ACCOUNT_ID: '123456789012', AWS_REGION: 'us-east-1', STREAMS_TABLE: 'a', RECORDS_TABLE: 'b' };
      const { limits } = readConfiguration({ ...told, LIMITS, THROTTLING });
      expect(limits).toMatchObject({ maxRecordKiB: 2048, onDemandMaxShards: 8 });
    }
    expect(environments.map(({ THROTTLING }) => THROTTLING)).toContain('off');
  });

  it('are kept in a file, which the command line overrides', () => {
    const files = { 'rivulet.json': '{"frontDoor":"function-url","sandbox":true}', 'prod.json': '{"alarms":false}' };

    expect(choices({ sandbox: 'false' }, files).props).toEqual({ frontDoor: 'function-url', sandbox: false });
    expect(choices({ choices: 'prod.json' }, files).props).toEqual({ alarms: false });
  });

  it.each([
    [{ frontDoor: 'rest' }, {}, "the context frontDoor must be one of http, function-url, not 'rest'"],
    [{ sandbox: 'yes' }, {}, "the context sandbox must be one of true, false, not 'yes'"],
    [{ memorySize: 'large' }, {}, "the context memorySize must be a whole number from 128 to 10240, not 'large'"],
    [{ memorySize: 1 }, {}, 'the context memorySize must be a whole number from 128'],
    [{ requestsPerSecond: '0' }, {}, 'the context requestsPerSecond must be a whole number from 1'],
    [{ budgetUsd: 0 }, {}, 'the context budgetUsd must be a whole number from 1'],
    [{ maxOnDemandShards: 0 }, {}, 'the context maxOnDemandShards must be a whole number from 1'],
    [{ minUnits: 9, maxUnits: 3 }, {}, 'must be at most maxUnits'],
    [{ limits: '{foo' }, {}, 'the context limits must be an object in JSON'],
    [{ limits: 5 }, {}, 'the context limits must be an object in JSON'],
    [{ limits: '{"retentionHours":1}' }, {}, 'LIMITS must give at least 24 for retentionHours, not 1'],
    [{ limits: { throttling: 'no' } }, {}, 'true or false for throttling'],
    [{ requestsPerSecond: 5, frontDoor: 'function-url' }, {}, 'the context requestsPerSecond would do nothing'],
    [{ minUnits: 5 }, {}, 'the context minUnits would do nothing'],
    [{ maxUnits: 5, adoptTables: 'one-table,another' }, {}, 'the context maxUnits would do nothing'],
    [{ alarms: 'false', alarmEmail: 'a@b' }, {}, 'the context alarmEmail would do nothing'],
    [{ alarms: 'false', alarmTopicArn: 'arn:aws:sns:us-east-1:1:a' }, {}, 'the context alarmTopicArn would do nothing'],
    [{ kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:alias/mine' }, {}, 'and not of an alias'],
    [{ adoptTables: 'same,same' }, {}, 'with a comma'],
    [{ hostNames: 'https://a/x' }, {}, 'the context hostNames must be host names'],
    [{ bodies: 's3', adoptBucket: 'Foo_Bar/baz' }, {}, 'the context adoptBucket must be the name of a bucket'],
    [{}, { 'rivulet.json': '{"choices":"other.json"}' }, 'cannot name another file'],
    [{ limits: { shards: 1 } }, {}, "the context limits names 'shards', which is no limit of lib/model/limits.ts"],
    [{ sandboks: 'true' }, {}, "there is no choice 'sandboks'"],
    [{ metrics: 'true' }, {}, "there is no choice 'metrics'"],
    [{}, { 'rivulet.json': '{"frontdoor":"http"}' }, "there is no choice 'frontdoor'"],
    [{}, { 'rivulet.json': '[]' }, 'must be a JSON object'],
    [{}, { 'rivulet.json': '{' }, 'are no JSON'],
    [{ choices: 'gone.json' }, {}, "names 'gone.json', which is not there"],
    [{ observe: 'some' }, {}, 'the context observe must be one of faults, all, sampled:100'],
    [{ bodies: 's3-express' }, {}, 'needs the context bodiesZone'],
    [
      { bodies: 's3', bodiesAbove: '400000' },
      {},
      'the context bodiesAbove is not valid: BODIES_ABOVE must be a whole number from 1 to 390000',
    ],
    [{ bodiesZone: 'use1-az4' }, {}, 'need a context bodies that uses them'],
    [{ domainName: 'k.example.com' }, {}, 'belong together'],
    [{ adoptTables: 'one-table' }, {}, 'with a comma'],
    [{ kmsKeyArn: 'key' }, {}, 'the context kmsKeyArn must be the ARN of a KMS key'],
    [{ stackName: '1st' }, {}, 'the context stackName must be letters, digits and hyphens'],
  ])('say what is wrong with them: %j %j', (context, files, sentence) => {
    expect(() => choices(context, files as Record<string, string>)).toThrow(sentence);
  });

  it('keeps logs only for times that CloudWatch Logs knows', () => {
    expect(() => templateOf({ logRetentionDays: 29 })).toThrow('must be a number of days that CloudWatch Logs takes');
  });
});

describe.each([
  ['http', {}],
  ['function-url', { frontDoor: 'function-url' as const, alarmEmail: 'a@example.com' }],
  ['function-url behind CloudFront', { frontDoor: 'function-url' as const, cloudFront: true }],
  [
    'http, with everything that costs',
    {
      observe: 'all',
      tracing: true,
      dashboard: true,
      budgetUsd: 5,
      alarmEmail: 'a@example.com',
      bodies: { in: 's3' as const },
      kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    },
  ],
  [
    'function-url, as a sandbox with bodies in a directory bucket',
    {
      frontDoor: 'function-url' as const,
      sandbox: true,
      bodies: { in: 's3-express' as const, zone: 'use1-az4' },
    },
  ],
  ['function-url, as a sandbox with bodies in a bucket', { sandbox: true, bodies: { in: 's3' as const } }],
])('the stack with the front door %s', (_door, props) => {
  it('passes the AWS Solutions rules of cdk-nag', async () => {
    const outdir = await mkdtemp(path.join(tmpdir(), 'rivulet-nag-'));
    const app = new App({ outdir, context: WITHOUT_BUNDLING });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    new RivuletStack(app, 'Rivulet', props);
    app.synth();

    const report = JSON.parse(await readFile(path.join(outdir, 'validation-report.json'), 'utf8'));
    const findings = report.pluginReports.flatMap((plugin: { violations: unknown[] }) => plugin.violations);
    expect(findings).toEqual([]);
    await rm(outdir, { recursive: true, force: true });
    process.exitCode = undefined;
  });
});
