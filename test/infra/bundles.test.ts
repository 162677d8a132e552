import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiHandler } from '../../functions/dispatcher.ts';
import type { WorkflowStepHandler } from '../../functions/workflow.ts';
import lifecycle from '../../infra/lifecycle.asl.json' with { type: 'json' };
import { RivuletStack } from '../../infra/stack.ts';
import { readConfiguration } from '../../lib/configuration.ts';
import { availableEngines, type Engine, startEngine } from '../../local/dynamodb.ts';
import { type StepFunctions, startStepFunctions } from '../../local/step-functions.ts';
import { createTables } from '../../local/tables.ts';
import { base64, SIGNED } from '../support/test-api.ts';

/** The bundles as CDK builds them, loaded as Lambda loads them, on an embedded engine and the interpreter. */
describe('the bundles that are deployed', () => {
  const before = { ...process.env };
  let outdir: string;
  let engine: Engine;
  let stepFunctions: StepFunctions;
  let api: ApiHandler;
  let template: Template;

  beforeAll(async () => {
    outdir = await mkdtemp(path.join(tmpdir(), 'rivulet-cdk-'));
    const app = new App({ outdir, context: { 'aws:cdk:enable-asset-metadata': true } });
    template = Template.fromStack(new RivuletStack(app, 'Rivulet'));
    app.synth();
    const [preferred = 'dynalite'] = availableEngines();
    engine = await startEngine(preferred, undefined);
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      ACCOUNT_ID: '123456789012',
      STREAMS_TABLE: 'deployed-streams',
      RECORDS_TABLE: 'deployed-records',
      STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:123456789012:stateMachine:lifecycle',
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      ...fixedVariables(),
    });
    await createTables(readConfiguration(process.env));
    const step: WorkflowStepHandler = (await bundle('STATE_MACHINE_ARN', false)).handler;
    stepFunctions = await startStepFunctions(lifecycle, step, (error) => console.error(error));
    process.env.AWS_ENDPOINT_URL_SFN = stepFunctions.endpoint;
    api = (await bundle('STATE_MACHINE_ARN', true)).handler;
  });

  afterAll(async () => {
    await stepFunctions?.close();
    await engine?.close();
    await rm(outdir, { recursive: true, force: true });
    process.env = before;
  });

  /** The variables that the stack sets to plain texts, the same for both functions or told by one. */
  function fixedVariables(): Record<string, string> {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'));
    const variables = functions.flatMap((f) => Object.entries(f.Properties.Environment.Variables));
    return Object.fromEntries(variables.filter((v): v is [string, string] => typeof v[1] === 'string'));
  }

  /** Loads the bundle of the function that has, or has not, a variable. */
  async function bundle(variable: string, has: boolean) {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'));
    const found = functions.find((f) => variable in f.Properties.Environment.Variables === has);
    const asset = found?.Metadata['aws:asset:path'];
    const folder = path.join(outdir, asset);
    expect(await readdir(folder)).toContain('index.mjs');
    return import(pathToFileURL(path.join(folder, 'index.mjs')).href);
  }

  async function call(action: string, input: object) {
    const event = {
      version: '2.0',
      rawQueryString: '',
      headers: {
        ...SIGNED,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Kinesis_20131202.${action}`,
      },
      requestContext: { http: { method: 'POST' } },
      // The gateway may pass JSON either way.
      body: base64(JSON.stringify(input)),
      isBase64Encoded: true,
    };
    const { statusCode, body = '' } = await api(event as never, {} as never);
    return { statusCode, body: body === '' ? undefined : JSON.parse(body) };
  }

  it('create a stream, put and read', async () => {
    const StreamName = 'deployed';
    expect(await call('CreateStream', { StreamName, ShardCount: 1 })).toEqual({ statusCode: 200, body: undefined });
    for (let tries = 0; tries < 100; tries++) {
      const { body } = await call('DescribeStreamSummary', { StreamName });
      if (body.StreamDescriptionSummary?.StreamStatus === 'ACTIVE') {
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const put = await call('PutRecord', { StreamName, PartitionKey: 'k', Data: base64('deployed') });
    const at = { StreamName, ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = (await call('GetShardIterator', at)).body;
    const { body } = await call('GetRecords', { ShardIterator });

    expect(put).toMatchObject({ statusCode: 200, body: { ShardId: 'shardId-000000000000' } });
    expect(body.Records).toMatchObject([{ SequenceNumber: put.body.SequenceNumber, Data: base64('deployed') }]);
  });

  it('enforce the limits of Kinesis, and answer no more than Lambda lets through', () => {
    const { throttling, getRecordsBytes, getRecordsCount } = readConfiguration(process.env).limits;

    expect({ throttling, getRecordsBytes, getRecordsCount }).toEqual({
      throttling: true,
      getRecordsBytes: 3_460_300,
      getRecordsCount: 5_000,
    });
  });
});
