import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/consumed';
const TRANSITION_MS = 1_000;

beforeAll(async () => {
  api = await TestApi.start({ clock, environment: { TRANSITION_MS: String(TRANSITION_MS) } });
  await api.createStream('consumed');
});

afterAll(() => api.close());

const ACCOUNT = 'account 000000000000';

describe('TagResource, UntagResource and ListTagsForResource', () => {
  it('see the same tags of a stream as the operations on streams', async () => {
    await api.ok('AddTagsToStream', { StreamName: 'consumed', Tags: { b: '2' } });
    await api.ok('TagResource', { ResourceARN: StreamARN, Tags: { shared: 'yes' } });
    expect((await api.ok('ListTagsForStream', { StreamName: 'consumed' })).Tags).toEqual([
      { Key: 'b', Value: '2' },
      { Key: 'shared', Value: 'yes' },
    ]);

    await api.ok('UntagResource', { ResourceARN: StreamARN, TagKeys: ['shared', 'b'] });

    expect(await api.ok('ListTagsForResource', { ResourceARN: StreamARN })).toEqual({ Tags: [] });
  });

  it('keep the tags of a consumer apart from those of its stream', async () => {
    const { body } = await api.call('RegisterStreamConsumer', {
      StreamARN,
      ConsumerName: 'tagged',
      Tags: { born: 'with' },
    });
    const ResourceARN = body.Consumer.ConsumerARN;
    const early = await api.call('TagResource', { ResourceARN, Tags: { a: '1' } });
    clock.pass(TRANSITION_MS);
    await api.ok('TagResource', { ResourceARN, Tags: { a: '1' } });
    await api.ok('UntagResource', { ResourceARN, TagKeys: ['born'] });

    expect(early.body).toEqual({
      __type: 'ResourceInUseException',
      message: `Consumer tagged with creation timestamp ${body.Consumer.ConsumerCreationTimestamp} under stream consumed and ${ACCOUNT} is not in ACTIVE status.`,
    });
    expect(await api.ok('ListTagsForResource', { ResourceARN })).toEqual({ Tags: [{ Key: 'a', Value: '1' }] });
    expect(await api.ok('ListTagsForResource', { ResourceARN: StreamARN })).toEqual({ Tags: [] });
  });

  it.each(['aws:cost', 'AWS:cost'])('refuse the key %s, which is reserved', async (key) => {
    const Tags = { [key]: 'value' };

    expect((await api.call('AddTagsToStream', { StreamName: 'consumed', Tags })).body.__type).toBe(
      'InvalidArgumentException',
    );
    expect((await api.call('TagResource', { ResourceARN: StreamARN, Tags })).body.__type).toBe(
      'InvalidArgumentException',
    );
    expect(await api.ok('ListTagsForResource', { ResourceARN: StreamARN })).toEqual({ Tags: [] });
  });

  it('take a key that only looks like a reserved one', async () => {
    await api.ok('TagResource', { ResourceARN: StreamARN, Tags: { awsome: 'value' } });

    expect(await api.ok('ListTagsForResource', { ResourceARN: StreamARN })).toEqual({
      Tags: [{ Key: 'awsome', Value: 'value' }],
    });
  });
});
