import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryBatches } from '../../../lib/store/batch-item.ts';
import { listStreams } from '../../../lib/store/stream-item.ts';
import { base64, TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';
import { until } from '../../support/until.ts';

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock });
});

afterAll(() => api.close());

const ACCOUNT = 'under account 000000000000';
const summary = async (StreamName: string) =>
  (await api.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;
const invalid = (message: string) => ({ __type: 'InvalidArgumentException', message });

describe('IncreaseStreamRetentionPeriod and DecreaseStreamRetentionPeriod', () => {
  const change = (direction: string, RetentionPeriodHours: number, StreamName = 'retention') =>
    api.call(`${direction}StreamRetentionPeriod`, { StreamName, RetentionPeriodHours });

  beforeAll(() => api.createStream('retention'));

  it.each([
    [
      'Increase',
      23,
      'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
    ],
    [
      'Decrease',
      8761,
      'Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.',
    ],
    [
      'Decrease',
      25,
      'Requested retention period (25 hours) for stream retention can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API.',
    ],
  ])('%s to %i hours is refused', async (direction, hours, message) => {
    expect((await change(direction, hours)).body).toEqual(invalid(message));
  });

  it('look for the stream before they check the hours', async () => {
    expect((await change('Increase', 1, 'none')).body.message).toBe(`Stream none ${ACCOUNT} not found.`);
  });

  it('change the period at once; the period it has already is no error', async () => {
    expect((await change('Increase', 24)).status).toBe(200);
    expect((await change('Increase', 48)).text).toBe('');
    expect((await summary('retention')).RetentionPeriodHours).toBe(48);
    expect((await change('Increase', 47)).body.message).toContain('can not be shorter than existing retention period');
    expect((await change('Decrease', 24)).status).toBe(200);
    expect((await summary('retention')).RetentionPeriodHours).toBe(24);
  });

  it('really keep what is stored for longer, and really hide it sooner', async () => {
    await api.createStream('kept');
    await api.ok('PutRecord', { StreamName: 'kept', PartitionKey: 'k', Data: base64('old') });
    const { tables } = api.rivulet.store;
    const { streams } = await listStreams(tables, { after: 'kepr', limit: 1 });
    const shard = { streamId: streams[0]?.id ?? '', shardIndex: 0 };
    const expiry = async () =>
      (await queryBatches(tables, shard, 1, { limit: 1, consistent: true })).batches[0]?.ttl ?? 0;
    const before = await expiry();

    await change('Increase', 48, 'kept');
    await until(async () => (await expiry()) !== before);
    clock.pass(30 * 3_600_000);
    const read = async () => {
      const { ShardIterator } = await api.ok('GetShardIterator', {
        StreamName: 'kept',
        ShardId: '0',
        ShardIteratorType: 'TRIM_HORIZON',
      });
      return (await api.ok('GetRecords', { ShardIterator })).Records.length;
    };

    expect((await expiry()) - before).toBe(24 * 3_600);
    expect(await read()).toBe(1);
    await change('Decrease', 24, 'kept');
    expect(await read()).toBe(0);
  });
});
