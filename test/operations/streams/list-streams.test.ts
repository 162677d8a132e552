import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
  for (const name of ['b', 'a', 'B', 'c']) {
    await api.createStream(name, 3);
  }
});

afterAll(() => api.close());

describe('ListStreams', () => {
  it('lists by name in the order of code units, with summaries of the same order', async () => {
    const body = await api.ok('ListStreams', {});

    expect(body.StreamNames).toEqual(['B', 'a', 'b', 'c']);
    expect(body.HasMoreStreams).toBe(false);
    expect(body).not.toHaveProperty('NextToken');
    expect(body.StreamSummaries[1]).toEqual({
      StreamName: 'a',
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/a',
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      StreamCreationTimestamp: expect.any(Number),
    });
  });

  it('pages by name and by token', async () => {
    const first = await api.ok('ListStreams', { Limit: 2 });
    const byToken = await api.ok('ListStreams', { NextToken: first.NextToken, Limit: 1 });
    const byName = await api.ok('ListStreams', { ExclusiveStartStreamName: 'aa' });

    expect([first.StreamNames, first.HasMoreStreams]).toEqual([['B', 'a'], true]);
    expect([byToken.StreamNames, byToken.HasMoreStreams]).toEqual([['b'], true]);
    expect([byName.StreamNames, byName.HasMoreStreams]).toEqual([['b', 'c'], false]);
  });

  it('refuses a token that is none, and one with a name', async () => {
    const { NextToken } = await api.ok('ListStreams', { Limit: 1 });

    expect((await api.call('ListStreams', { NextToken: 'x' })).body.__type).toBe('InvalidArgumentException');
    expect((await api.call('ListStreams', { NextToken, ExclusiveStartStreamName: 'a' })).body.__type).toBe(
      'InvalidArgumentException',
    );
  });
});
