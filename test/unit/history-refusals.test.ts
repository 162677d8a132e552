import { describe, expect, it } from 'vitest';
import { check } from '../torture/checker.ts';
import type { HistoryEvent, RefusalEvent, TroubleEvent } from '../torture/history.ts';
import { countedRefusals, NO_RESULT, refusalsOf, WRONG_COUNT } from '../torture/refusals.ts';
import { roundTerms } from '../torture/round-terms.ts';
import { broken } from './sample-history.ts';

const API = 'http://127.0.0.1:1';

const refusal = (action: string, error: string, changes: Partial<RefusalEvent> = {}): RefusalEvent => ({
  ...{ kind: 'refusal', stream: 's', action, endpoint: API, status: 400, error, message: '' },
  ...{ startMs: 100_000, endMs: 100_100 },
  ...changes,
});

describe('a refusal', () => {
  const trouble = (what: TroubleEvent['what'], changes: Partial<TroubleEvent> = {}): TroubleEvent => ({
    ...{ kind: 'trouble', stream: '', what, endpoint: API, startMs: 99_900, endMs: 100_050 },
    ...changes,
  });

  const throughput = 'ProvisionedThroughputExceededException';
  const failure = (changes: Partial<RefusalEvent> = {}) =>
    refusal('PutRecord', 'InternalFailure', { status: 500, ...changes });

  it.each([
    ['what DynamoDB refused', [refusal('PutRecord', throughput), trouble('throttled')]],
    ['an append that has waited', [refusal('PutRecords', throughput, { startMs: 95_000 })]],
    ['a fault', [failure(), trouble('fault')]],
    ['a fault shortly before', [failure(), trouble('fault', { startMs: 98_000, endMs: 99_000 })]],
    ['a process that stood still', [failure(), trouble('stop')]],
    ['a dead engine', [failure(), { ...trouble('kill'), endpoint: undefined } as unknown as TroubleEvent]],
    [
      'a reshard whose run has died elsewhere',
      [failure({ startMs: 95_000 }), trouble('kill', { endpoint: 'http://127.0.0.1:2', startMs: 0, endMs: 50_000 })],
    ],
    ['a change under way', [refusal('SplitShard', 'ResourceInUseException')]],
    ['a consumer that has not registered', [refusal('DescribeStreamConsumer', 'ResourceNotFoundException')]],
    ['a stream that is deleted', [refusal('PutRecord', 'ResourceNotFoundException', { stream: 'client0.phoenix0' })]],
  ] as [string, HistoryEvent[]][])('may come of %s', (_, events) => {
    expect(broken(...events)).toEqual([]);
  });

  it('may come of limits where there are some', () => {
    expect(check([refusal('PutRecords', throughput)], roundTerms(3)).violations).toEqual([]);
  });

  it('may come of shards that were counted before another change', () => {
    const message = 'UpdateShardCount cannot scale down below half your current open shard count. ';

    expect(broken(refusal('UpdateShardCount', 'LimitExceededException', { message }))).toEqual([]);
  });

  it.each([
    ['a call is refused for load only when there is too much', [refusal('PutRecord', throughput)]],
    [
      'a call is refused for load only when there is too much',
      [refusal('PutRecord', throughput), trouble('throttled', { endpoint: 'http://127.0.0.1:2' })],
    ],
    ['a call is refused for load only when there is too much', [refusal('PutRecord', throughput), trouble('fault')]],
    ['a call is refused for load only when there is too much', [refusal('DescribeStream', 'LimitExceededException')]],
    ['a call is refused for load only when there is too much', [refusal('UpdateShardCount', 'LimitExceededException')]],
    ['a call fails only when something is wrong', [failure()]],
    ['a call fails only when something is wrong', [failure(), trouble('fault', { startMs: 98_000, endMs: 98_999 })]],
    ['a call is refused for a reason', [refusal('PutRecord', 'ResourceNotFoundException')]],
    ['a call is refused for a reason', [refusal('GetRecords', 'ExpiredIteratorException')]],
    ['a call is refused for a reason', [refusal('PutRecord', 'ValidationException'), trouble('fault')]],
    ['every record of a put is told of', [refusal('PutRecords', NO_RESULT, { status: 200 }), trouble('fault')]],
    ['every record of a put is told of', [refusal('PutRecords', WRONG_COUNT, { status: 200 }), trouble('fault')]],
  ] as [string, HistoryEvent[]][])('breaks a promise: %s', (promise, events) => {
    expect(broken(...events)).toEqual([promise]);
  });
});

describe('an answer', () => {
  const put = { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
  const refused = { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal Service Failure' };
  const errors = (FailedRecordCount: number, ...Records: unknown[]) =>
    refusalsOf('PutRecords', { status: 200, body: { FailedRecordCount, Records } }).map(({ error }) => error);

  it('tells its own error', () => {
    const body = { __type: 'ResourceNotFoundException', message: 'Stream s not found.' };

    expect(refusalsOf('PutRecord', { status: 400, body })).toEqual([
      { status: 400, error: 'ResourceNotFoundException', message: 'Stream s not found.' },
    ]);
    expect(refusalsOf('PutRecord', { status: 503, body: undefined })).toEqual([
      { status: 503, error: '', message: '' },
    ]);
    expect(refusalsOf('PutRecord', { status: 200, body: put })).toEqual([]);
  });

  it('tells each kind of error of its records once', () => {
    expect(errors(0, put)).toEqual([]);
    expect(errors(2, put, refused, refused)).toEqual(['InternalFailure']);
  });

  it('is wrong when it forgets a record, or miscounts', () => {
    expect(errors(1, put, null)).toEqual([NO_RESULT]);
    expect(errors(0, put, null)).toEqual([NO_RESULT, WRONG_COUNT]);
    expect(errors(1, put)).toEqual([WRONG_COUNT]);
  });

  it('is counted by what was called and what was answered', () => {
    const failed = refusal('PutRecord', 'InternalFailure');
    const unavailable = refusal('GetRecords', '', { status: 503 });

    expect([...countedRefusals([failed, unavailable, failed])]).toEqual([
      ['PutRecord InternalFailure', 2],
      ['GetRecords 503', 1],
    ]);
  });
});
