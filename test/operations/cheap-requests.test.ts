import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Capacity } from '../../demo/capacity.ts';
import { authorize } from '../../lib/authorization/authorize.ts';
import type { Statement } from '../../lib/model/policy-document.ts';
import { describeStreamConsumer } from '../../lib/operations/consumers/describe-stream-consumer.ts';
import { registerStreamConsumer } from '../../lib/operations/consumers/register-stream-consumer.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { putResourcePolicy } from '../../lib/operations/policies/put-resource-policy.ts';
import { putRecord } from '../../lib/operations/records/put-record.ts';
import { ApiInstance, faultOf } from '../support/api-instance.ts';
import { storeChoices, type TestStore } from '../support/engines.ts';
import { TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

const STREAMS = 'arn:aws:kinesis:us-east-1:000000000000:stream';

/** A policy of the largest size. */
const LARGE_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::000000000000:root' },
    Action: 'kinesis:PutRecord',
    Resource: Array.from({ length: 40 }, (_, index) => `${STREAMS}/${'x'.repeat(400)}${index}`),
  },
});

const LARGE_TAGS = Object.fromEntries(
  Array.from({ length: 50 }, (_, index) => [`${index}`.padStart(100, 'k'), 'v'.repeat(250)]),
);

describe('a cheap request', () => {
  describe('costs few units, however much hangs on the streams', () => {
    const capacity = new Capacity();
    const clock = new TestClock();
    let api: TestApi;

    beforeAll(async () => {
      api = await TestApi.start({ clock, meter: capacity.meter });
      for (const index of Array.from({ length: 12 }).keys()) {
        const StreamName = `laden-${index}`;
        await api.createStream(StreamName, index === 0 ? 200 : 1);
        await api.ok('AddTagsToStream', { StreamName, Tags: LARGE_TAGS });
        await api.ok('PutResourcePolicy', { ResourceARN: `${STREAMS}/${StreamName}`, Policy: LARGE_POLICY });
        clock.nextSecond();
      }
    });

    afterAll(() => api.close());

    async function unitsOf(action: string, input: object): Promise<number> {
      clock.nextSecond();
      capacity.take();
      await api.ok(action, input);
      return capacity.take().readUnits;
    }

    it.each([
      ['DescribeLimits', {}, 4],
      ['ListStreams', {}, 4],
      // It does not read two hundred shards to find one of them.
      ['GetShardIterator', { StreamName: 'laden-0', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' }, 6],
      // The last operation of the list, because its transition goes on and also reads.
      ['CreateStream', { StreamName: 'one-more', ShardCount: 1 }, 6],
    ])('%s', async (action, input, most) => {
      expect(await unitsOf(action, input)).toBeLessThanOrEqual(most);
    });
  });

  describe('that is denied', () => {
    const clock = new TestClock();
    const reads: string[] = [];
    let store: TestStore;
    let api: ApiInstance;

    beforeAll(async () => {
      const [choice] = storeChoices();
      store = await (choice as NonNullable<typeof choice>).open();
      const counted = (command: string) => {
        reads.push(command);
        return 'pass' as const;
      };
      api = new ApiInstance(store.endpoint, clock, counted);
      await api.create('guarded', 2);
      await registerStreamConsumer.handle({ StreamARN: `${STREAMS}/guarded`, ConsumerName: 'reader' }, api.deps);
      const ResourceARN = `${STREAMS}/guarded`;
      const Policy = LARGE_POLICY.replaceAll('x'.repeat(400), 'guarded');
      await putResourcePolicy.handle({ ResourceARN, Policy }, api.deps);
    });

    afterAll(() => store.close());

    async function readsOf(operation: Operation<never, never>, input: object, ...Statement: Statement[]) {
      const principal = {
        accessKeyId: 'KEY',
        arn: 'arn:aws:iam::000000000000:user/nobody',
        policy: { Version: '2012-10-17', Statement } as const,
        context: {} as never,
      };
      reads.length = 0;
      expect(await faultOf(authorize(principal, operation as never, input, api.deps))).toBe('AccessDeniedException');
      return reads.length;
    }

    const denied: Statement = { Effect: 'Deny', Action: '*', Resource: '*' };
    const other: Statement = { Effect: 'Allow', Action: '*', Resource: `${STREAMS}/other` };

    it('by its own policy reads nothing', async () => {
      expect(await readsOf(putRecord as never, { StreamName: 'guarded' }, denied)).toBe(0);
    });

    it('by the lack of a permission reads the stream and its policy, and for some seconds no more', async () => {
      clock.pass(60_000);
      expect(await readsOf(putRecord as never, { StreamName: 'guarded' }, other)).toBe(2);
      expect(await readsOf(putRecord as never, { StreamName: 'guarded' }, other)).toBe(0);
      expect(await readsOf(putRecord as never, { StreamName: 'none-such' }, other)).toBe(1);
    });

    it('and is about a consumer reads that besides, once', async () => {
      clock.pass(60_000);
      const address = { StreamARN: `${STREAMS}/guarded`, ConsumerName: 'reader' };
      const ConsumerARN = `${STREAMS}/guarded/consumer/reader:1`;

      expect(await readsOf(describeStreamConsumer as never, address, other)).toBe(3);
      expect(await readsOf(describeStreamConsumer as never, { ConsumerARN }, other)).toBe(1);
    });
  });
});
