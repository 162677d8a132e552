import { describe, expect, it } from 'vitest';
import type { KinesisFault } from '../../lib/faults.ts';
import { operations } from '../../lib/operations/index.ts';
import { checkConstraints } from '../../lib/schema/check-constraints.ts';
import { list, map, required, string, structure } from '../../lib/schema/structure.ts';

function sentenceFor(action: string, input: object): string | undefined {
  const operation = operations.get(action);
  if (operation === undefined) {
    throw new Error(`no operation ${action}`);
  }
  return sentence(() => checkConstraints(operation.input, input));
}

function sentence(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ValidationException', form: 'message', status: 400 });
    return (error as KinesisFault).sentence;
  }
}

describe('constraint errors', () => {
  it('name a missing member without quotes', () => {
    expect(sentenceFor('CreateStream', { ShardCount: 1 })).toBe(
      "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null",
    );
  });

  it('come all at once, in declared order, pattern before length', () => {
    expect(sentenceFor('PutRecord', { ExplicitHashKey: '', PartitionKey: '', StreamName: '' })).toBe(
      '5 validation errors detected: ' +
        "Value '' at 'partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value '' at 'explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38}); " +
        "Value null at 'data' failed to satisfy constraint: Member must not be null; " +
        "Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
        "Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  });

  it('match patterns against the whole value', () => {
    expect(
      sentenceFor('PutRecord', { ExplicitHashKey: '01', PartitionKey: 'k', Data: Buffer.of(), StreamName: 's' }),
    ).toBe(
      "1 validation error detected: Value '01' at 'explicitHashKey' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})',
    );
  });

  it('print ranges and enumerations as the real service does', () => {
    expect(sentenceFor('GetRecords', { Limit: 0, ShardIterator: 'x' })).toBe(
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
    expect(sentenceFor('GetShardIterator', { ShardId: 'a', ShardIteratorType: 'x' })).toBe(
      "1 validation error detected: Value 'x' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: " +
        '[AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]',
    );
  });

  it('leave out the values of members that hold customers data', () => {
    const tooLarge = { PartitionKey: 'k', Data: Buffer.alloc(10_485_761) };

    expect(sentenceFor('PutRecords', { Records: [tooLarge] })).toBe(
      "1 validation error detected: Value at 'records.1.member.data' failed to satisfy constraint: Member must have length less than or equal to 10485760",
    );
    expect(sentenceFor('PutRecords', { Records: [] })).toBe(
      "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  });

  it('stop at ten', () => {
    const empty = { PartitionKey: '', Data: Buffer.of() };

    expect(sentenceFor('PutRecords', { Records: Array.from({ length: 12 }, () => empty) })).toMatch(
      /^10 validation errors detected: Value '' at 'records.1.member.partitionKey' .*'records.10.member.partitionKey' [^;]*$/,
    );
  });

  it('of structures inside join their paths with dots', () => {
    expect(sentenceFor('ListShards', { ShardFilter: {} })).toBe(
      "1 validation error detected: Value null at 'shardFilter.type' failed to satisfy constraint: Member must not be null",
    );
  });

  it('print maps and lists, and report their members at the list or map', () => {
    const key = string({ min: 1, max: 3 });
    const schema = structure({
      Tags: required(map({ min: 1, key, value: string({ min: 0, max: 2 }) })),
      Keys: required(list(key, { max: 2 })),
    });
    const bounds = (max: number, min: number) =>
      `[Member must have length less than or equal to ${max}, Member must have length greater than or equal to ${min}]`;

    expect(sentence(() => checkConstraints(schema, { Tags: { long1: 'long', b: '' }, Keys: ['a', '', 'c'] }))).toBe(
      '4 validation errors detected: ' +
        `Value '{long1=long, b=}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: ${bounds(3, 1)}; ` +
        `Value '{long1=long, b=}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: ${bounds(2, 0)}; ` +
        "Value '[a, , c]' at 'keys' failed to satisfy constraint: Member must have length less than or equal to 2; " +
        `Value '[a, , c]' at 'keys' failed to satisfy constraint: Member must satisfy constraint: ${bounds(3, 1)}`,
    );
  });

  it('are none for input that keeps every constraint', () => {
    expect(sentenceFor('CreateStream', { StreamName: 'a.b-c_D', ShardCount: 3, Tags: { a: '' } })).toBeUndefined();
  });
});
