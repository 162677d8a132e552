import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTagsToStream } from '../../lib/operations/add-tags-to-stream.ts';
import { listTagsForStream } from '../../lib/operations/list-tags-for-stream.ts';
import { registerStreamConsumer } from '../../lib/operations/register-stream-consumer.ts';
import { subscribeToShard } from '../../lib/operations/subscribe-to-shard.ts';
import { tagResource } from '../../lib/operations/tag-resource.ts';
import { updateAccountSettings } from '../../lib/operations/update-account-settings.ts';
import { updateShardCount } from '../../lib/operations/update-shard-count.ts';
import { ApiInstance, faultOf } from '../support/api-instance.ts';
import { storeChoices, type TestStore } from '../support/engines.ts';
import { TestClock } from '../support/test-clock.ts';

const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream';
const LIMITS = '{"updateShardCountTarget":3,"consumersPerStream":2,"consumersPerStreamCommitted":4}';

describe('with small limits', () => {
  const clock = new TestClock();
  let store: TestStore;
  let api: ApiInstance;

  beforeAll(async () => {
    const [choice] = storeChoices();
    store = await (choice as NonNullable<typeof choice>).open();
    api = new ApiInstance(store.endpoint, clock, undefined, { LIMITS, STREAMING: 'on', TRANSITION_MS: '1000' });
  });

  afterAll(() => store.close());

  it('a stream with more shards than UpdateShardCount scales to may only come below that', async () => {
    await api.create('wide', 4);
    const scale = (TargetShardCount: number) =>
      updateShardCount.handle({ StreamName: 'wide', TargetShardCount, ScalingType: 'UNIFORM_SCALING' }, api.deps);

    expect(await faultOf(scale(5))).toBe('LimitExceededException');
    expect(await faultOf(scale(3))).toBe('LimitExceededException');
    expect(await faultOf(scale(2))).toBeUndefined();
  });

  it('a stream has more consumers while the billing commitment stands', async () => {
    await api.create('consumed');
    let consumers = 0;
    const register = () => {
      clock.pass(2_000);
      const ConsumerName = `c${consumers++}`;
      return registerStreamConsumer.handle({ StreamARN: `${ARN}/consumed`, ConsumerName }, api.deps);
    };
    await register();
    await register();

    const refused = await faultOf(register());
    await updateAccountSettings.handle({ MinimumThroughputBillingCommitment: { Status: 'ENABLED' } }, api.deps);

    expect(refused).toBe('LimitExceededException');
    expect([await faultOf(register()), await faultOf(register()), await faultOf(register())]).toEqual([
      undefined,
      undefined,
      'LimitExceededException',
    ]);
  });

  it('a consumer that is not ACTIVE cannot subscribe, in the words of that operation', async () => {
    await api.create('young');
    const { Consumer } = await registerStreamConsumer.handle(
      { StreamARN: `${ARN}/young`, ConsumerName: 'reader' },
      api.deps,
    );
    const { ConsumerARN, ConsumerCreationTimestamp } = Consumer;

    await expect(
      subscribeToShard.handle({ ConsumerARN, ShardId: '0', StartingPosition: { Type: 'LATEST' } }, api.deps),
    ).rejects.toThrow(
      `Consumer reader with creation timestamp ${ConsumerCreationTimestamp / 1_000} under stream: young , ` +
        'account 000000000000 is not in ACTIVE status.',
    );
  });

  it.each(['aws:cost', 'AWS:cost'])('no tag key may be %s: those are reserved', async (key) => {
    await api.create(`tagged-${key.slice(0, 3)}`);
    const StreamName = `tagged-${key.slice(0, 3)}`;
    const Tags = { [key]: 'value' };

    expect(await faultOf(addTagsToStream.handle({ StreamName, Tags }, api.deps))).toBe('InvalidArgumentException');
    expect(await faultOf(tagResource.handle({ ResourceARN: `${ARN}/${StreamName}`, Tags }, api.deps))).toBe(
      'InvalidArgumentException',
    );
    expect((await listTagsForStream.handle({ StreamName }, api.deps)).Tags).toEqual([]);
    expect(await faultOf(addTagsToStream.handle({ StreamName, Tags: { awsome: 'value' } }, api.deps))).toBeUndefined();
  });
});
