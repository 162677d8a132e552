import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerStreamConsumer } from '../../../lib/operations/consumers/register-stream-consumer.ts';
import { subscribeToShard } from '../../../lib/operations/consumers/subscribe-to-shard.ts';
import { ApiInstance } from '../../support/api-instance.ts';
import { storeChoices, type TestStore } from '../../support/engines.ts';
import { TestClock } from '../../support/test-clock.ts';

const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream';

/** test/e2e/subscribe-to-shard.test.ts tests, end to end, what it pushes. */
describe('SubscribeToShard', () => {
  let store: TestStore;
  let api: ApiInstance;

  beforeAll(async () => {
    const [choice] = storeChoices();
    store = await (choice as NonNullable<typeof choice>).open();
    api = new ApiInstance(store.endpoint, new TestClock(), undefined, { STREAMING: 'on', TRANSITION_MS: '1000' });
  });

  afterAll(() => store.close());

  it('refuses a consumer that is not ACTIVE, in its own words', async () => {
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
});
