import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { propsFromContext, type RivuletProps } from '../../infra/props.ts';
import { RivuletStack } from '../../infra/stack.ts';

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
    // Log delivery and traces have no resources to name.
    expect(onEverything.filter((action) => !/^(logs|xray):/.test(action))).toEqual([]);
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

    expect(Object.keys(template.findResources('AWS::CloudWatch::Alarm'))).toHaveLength(11);
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
      'Dashboard',
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
        "AWS::CloudWatch::Alarm 11",
        "AWS::CloudWatch::Dashboard 1",
        "AWS::DynamoDB::GlobalTable 2",
        "AWS::IAM::Policy 3",
        "AWS::IAM::Role 3",
        "AWS::Lambda::Function 2",
        "AWS::Lambda::Permission 1",
        "AWS::Logs::LogGroup 4",
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

describe('the context of the app', () => {
  const props = (context: Record<string, unknown>) => propsFromContext(new App({ context }));

  it('chooses everything that an owner may choose', () => {
    expect(
      props({
        frontDoor: 'function-url',
        cloudFront: 'true',
        sandbox: 'true',
        alarmEmail: 'a@example.com',
        logRetentionDays: '7',
        limits: '{"maxRecordKiB":2048}',
        memorySize: 512,
        metrics: false,
        reservedConcurrency: '0',
        requestsPerSecond: '10',
        maxUnits: '40',
        hostNames: 'kinesis.example.com,k.example.com',
      }),
    ).toEqual({
      frontDoor: 'function-url',
      cloudFront: true,
      sandbox: true,
      alarmEmail: 'a@example.com',
      logRetentionDays: 7,
      limits: { maxRecordKiB: 2048 },
      memorySize: 512,
      metrics: false,
      reservedConcurrency: 0,
      requestsPerSecond: 10,
      tableCapacity: { mode: 'provisioned', minUnits: 1, maxUnits: 40 },
      hostNames: ['kinesis.example.com', 'k.example.com'],
    });
    expect(props({})).toEqual({});
  });

  it.each([
    [{ frontDoor: 'rest' }, "the context frontDoor must be one of http, function-url, not 'rest'"],
    [{ sandbox: 'yes' }, "the context sandbox must be one of true, false, not 'yes'"],
    [{ memorySize: 'large' }, "the context memorySize must be a whole number, not 'large'"],
    [{ limits: { shards: 1 } }, "the context limits names 'shards', which is no limit of lib/model/limits.ts"],
  ])('says what is wrong with it: %j', (context, sentence) => {
    expect(() => props(context)).toThrow(sentence);
  });

  it('keeps logs only for times that CloudWatch Logs knows', () => {
    expect(() => templateOf({ logRetentionDays: 29 })).toThrow('must be a number of days that CloudWatch Logs takes');
  });
});

describe.each([
  ['http', {}],
  ['function-url', { frontDoor: 'function-url' as const, alarmEmail: 'a@example.com' }],
  ['function-url behind CloudFront', { frontDoor: 'function-url' as const, cloudFront: true }],
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
