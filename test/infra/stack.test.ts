import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { RivuletStack } from '../../infra/stack.ts';

let template: Template;

beforeAll(() => {
  template = Template.fromStack(new RivuletStack(new App(), 'Rivulet'));
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
    template.allResources('AWS::DynamoDB::GlobalTable', { DeletionPolicy: 'Retain' });
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
    expect(onEverything.filter((action) => !action.startsWith('logs:'))).toEqual([]);
    expect(granted.flatMap(({ Action }) => Action)).toEqual(expect.arrayContaining(['states:StartExecution']));
  });
});
