import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/consumed';
const ACCOUNT = 'account 000000000000';
const TRANSITION_MS = 1_000;

beforeAll(async () => {
  api = await TestApi.start({ clock, environment: { TRANSITION_MS: String(TRANSITION_MS) } });
  await api.createStream('consumed');
});

afterAll(() => api.close());

const pass = () => clock.pass(TRANSITION_MS);

const register = (ConsumerName: string, more: object = {}) =>
  api.call('RegisterStreamConsumer', { StreamARN, ConsumerName, ...more });

const describeConsumer = (input: object) => api.call('DescribeStreamConsumer', input);

describe('a consumer', () => {
  it('is registered, described by ARN or name, listed, and deregistered', async () => {
    const { body } = await register('first', { Tags: { a: 'b' } });
    const { ConsumerARN } = body.Consumer;
    const creating = await describeConsumer({ ConsumerARN });
    pass();
    const active = await describeConsumer({ StreamARN, ConsumerName: 'first' });
    const all = await describeConsumer({ StreamARN, ConsumerName: 'first', ConsumerARN });
    const listed = await api.ok('ListStreamConsumers', { StreamARN });

    expect(Object.keys(body.Consumer)).toEqual([
      'ConsumerName',
      'ConsumerARN',
      'ConsumerStatus',
      'ConsumerCreationTimestamp',
    ]);
    expect(ConsumerARN).toBe(`${StreamARN}/consumer/first:${body.Consumer.ConsumerCreationTimestamp}`);
    expect(creating.body.ConsumerDescription).toEqual({ ...body.Consumer, StreamARN });
    expect(active.body.ConsumerDescription.ConsumerStatus).toBe('ACTIVE');
    expect(all.body).toEqual(active.body);
    expect(listed).toEqual({ Consumers: [{ ...body.Consumer, ConsumerStatus: 'ACTIVE' }] });

    expect((await api.call('DeregisterStreamConsumer', { ConsumerARN })).text).toBe('');
    expect((await describeConsumer({ ConsumerARN })).body.ConsumerDescription.ConsumerStatus).toBe('DELETING');
    pass();
    expect((await describeConsumer({ ConsumerARN })).body).toEqual({
      __type: 'ResourceNotFoundException',
      message: `Consumer ${ConsumerARN}, ${ACCOUNT} not found.`,
    });
    expect((await api.ok('ListStreamConsumers', { StreamARN })).Consumers).toEqual([]);
  });

  it('has its name once on a stream, and another ARN when it is registered again', async () => {
    const first = (await register('again')).body.Consumer.ConsumerARN;
    expect((await register('again')).body.__type).toBe('ResourceInUseException');
    await api.ok('DeregisterStreamConsumer', { ConsumerARN: first });
    pass();

    const second = (await register('again')).body.Consumer.ConsumerARN;

    expect(second).not.toBe(first);
    expect((await describeConsumer({ ConsumerARN: first })).body.__type).toBe('ResourceNotFoundException');
    pass();
  });

  it('of a stream or by a name that is not there is told of', async () => {
    expect((await describeConsumer({ StreamARN, ConsumerName: 'none' })).body).toEqual({
      __type: 'ResourceNotFoundException',
      message: `Consumer none, ${ACCOUNT} not found.`,
    });
    expect(
      (await describeConsumer({ StreamARN: StreamARN.replace('consumed', 'gone'), ConsumerName: 'none' })).body,
    ).toEqual({ __type: 'ResourceNotFoundException', message: `Stream gone under ${ACCOUNT} not found.` });
    expect((await describeConsumer({ ConsumerName: 'none' })).body.__type).toBe('InvalidArgumentException');
  });

  it('pages by name', async () => {
    for (const name of ['p1', 'p2', 'p3']) {
      await register(name);
    }
    pass();
    const first = await api.ok('ListStreamConsumers', { StreamARN, MaxResults: 2 });
    const rest = await api.ok('ListStreamConsumers', { StreamARN, NextToken: first.NextToken });
    const names = [...first.Consumers, ...rest.Consumers].map((c: { ConsumerName: string }) => c.ConsumerName);

    expect(names).toEqual(['again', 'p1', 'p2', 'p3']);
    expect(rest).not.toHaveProperty('NextToken');
    expect(
      (await api.ok('DescribeStreamSummary', { StreamName: 'consumed' })).StreamDescriptionSummary.ConsumerCount,
    ).toBe(4);
  });

  it('keeps its stream from being deleted unless that is enforced', async () => {
    const { body } = await api.call('DeleteStream', { StreamName: 'consumed' });

    expect(body).toEqual({
      __type: 'ResourceInUseException',
      message: `DeleteStream can't delete ${StreamARN} because there are consumers associated with this data stream. To delete consumed anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the consumers that are associated with it.`,
    });
  });

  it('is one of five CREATING and of twenty at most', async () => {
    await api.createStream('crowded');
    const crowded = StreamARN.replace('consumed', 'crowded');
    const add = (name: string) => register(name, { StreamARN: crowded });
    const answers: number[] = [];
    for (let i = 0; i < 6; i++) {
      answers.push((await add(`c${i}`)).status);
    }
    expect(answers).toEqual([200, 200, 200, 200, 200, 400]);
    for (let i = 5; i < 20; i++) {
      pass();
      expect((await add(`c${i}`)).status).toBe(200);
    }
    pass();

    expect((await add('c20')).body.__type).toBe('LimitExceededException');
    await api.ok('DeleteStream', { StreamName: 'crowded', EnforceConsumerDeletion: true });
  });
});

describe('tags and policies', () => {
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kinesis:*', Resource: '*' }],
  });

  it('of a consumer are its own', async () => {
    const { body } = await register('tagged', { Tags: { born: 'with' } });
    const ResourceARN = body.Consumer.ConsumerARN;
    const early = await api.call('TagResource', { ResourceARN, Tags: { a: '1' } });
    pass();
    await api.ok('TagResource', { ResourceARN, Tags: { a: '1' } });
    await api.ok('UntagResource', { ResourceARN, TagKeys: ['born'] });

    expect(early.body).toEqual({
      __type: 'ResourceInUseException',
      message: `Consumer tagged with creation timestamp ${body.Consumer.ConsumerCreationTimestamp} under stream consumed and ${ACCOUNT} is not in ACTIVE status.`,
    });
    expect(await api.ok('ListTagsForResource', { ResourceARN })).toEqual({ Tags: [{ Key: 'a', Value: '1' }] });
    expect(await api.ok('ListTagsForResource', { ResourceARN: StreamARN })).toEqual({ Tags: [] });
  });

  it.each(['stream', 'consumer'])('of a %s are set, told and taken away', async (kind) => {
    const { Consumers } = await api.ok('ListStreamConsumers', { StreamARN });
    const ResourceARN = kind === 'stream' ? StreamARN : Consumers[0].ConsumerARN;

    expect(await api.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy: '{}' });
    expect((await api.call('PutResourcePolicy', { ResourceARN, Policy: policy })).text).toBe('');
    expect(await api.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy: policy });
    expect((await api.call('DeleteResourcePolicy', { ResourceARN })).text).toBe('');
    expect(await api.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy: '{}' });
    expect((await api.call('DeleteResourcePolicy', { ResourceARN })).body).toEqual({
      __type: 'ResourceNotFoundException',
      message: `No resource policy found for resource ARN ${ResourceARN}.`,
    });
  });

  it.each([
    '',
    'x',
    '[]',
    '{"Statement":[{"Effect":"Maybe"}]}',
    '{"Statement":"x"}',
    'null',
    `"${'x'.repeat(30_000)}"`,
  ])('that are no policy documents are refused: %.20s', async (Policy) => {
    expect((await api.call('PutResourcePolicy', { ResourceARN: StreamARN, Policy })).body.__type).toBe(
      'InvalidArgumentException',
    );
  });
});
