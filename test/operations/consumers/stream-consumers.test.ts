import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';

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

describe('RegisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers and DeregisterStreamConsumer', () => {
  it('register a consumer, describe it by ARN or name, list it, and deregister it', async () => {
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

  it('take a name once on a stream, and give it another ARN when it is registered again', async () => {
    const first = (await register('again')).body.Consumer.ConsumerARN;
    expect((await register('again')).body.__type).toBe('ResourceInUseException');
    await api.ok('DeregisterStreamConsumer', { ConsumerARN: first });
    pass();

    const second = (await register('again')).body.Consumer.ConsumerARN;

    expect(second).not.toBe(first);
    expect((await describeConsumer({ ConsumerARN: first })).body.__type).toBe('ResourceNotFoundException');
    pass();
  });

  it('say which of stream and consumer is not there', async () => {
    expect((await describeConsumer({ StreamARN, ConsumerName: 'none' })).body).toEqual({
      __type: 'ResourceNotFoundException',
      message: `Consumer none, ${ACCOUNT} not found.`,
    });
    expect(
      (await describeConsumer({ StreamARN: StreamARN.replace('consumed', 'gone'), ConsumerName: 'none' })).body,
    ).toEqual({ __type: 'ResourceNotFoundException', message: `Stream gone under ${ACCOUNT} not found.` });
    expect((await describeConsumer({ ConsumerName: 'none' })).body.__type).toBe('InvalidArgumentException');
  });

  it('list page by page, by name', async () => {
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

  it('keep a stream with consumers from being deleted, unless that is enforced', async () => {
    const { body } = await api.call('DeleteStream', { StreamName: 'consumed' });

    expect(body).toEqual({
      __type: 'ResourceInUseException',
      message: `DeleteStream can't delete ${StreamARN} because there are consumers associated with this data stream. To delete consumed anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the consumers that are associated with it.`,
    });
  });

  it('let five consumers be CREATING, and twenty be there, at most', async () => {
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

  it('let a stream have more consumers while the billing commitment stands', async () => {
    const limited = await TestApi.start({
      clock,
      environment: {
        TRANSITION_MS: String(TRANSITION_MS),
        LIMITS: '{"consumersPerStream":2,"consumersPerStreamCommitted":4}',
      },
    });
    await limited.createStream('consumed');
    let consumers = 0;
    const registered = async () => {
      pass();
      const ConsumerName = `c${consumers++}`;
      return (await limited.call('RegisterStreamConsumer', { StreamARN, ConsumerName })).body.__type;
    };

    expect([await registered(), await registered(), await registered()]).toEqual([
      undefined,
      undefined,
      'LimitExceededException',
    ]);
    await limited.ok('UpdateAccountSettings', { MinimumThroughputBillingCommitment: { Status: 'ENABLED' } });
    expect([await registered(), await registered(), await registered()]).toEqual([
      undefined,
      undefined,
      'LimitExceededException',
    ]);
    await limited.close();
  });
});
