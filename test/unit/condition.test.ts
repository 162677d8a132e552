import { ConditionalCheckFailedException, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { conditionally } from '../../lib/store/condition.ts';
import { mayHaveBeenApplied, StoreThrottled } from '../../lib/store/store-errors.ts';
import type { Tables } from '../../lib/store/tables.ts';

const metadata = { $metadata: {}, message: 'x' };

/** A write whose condition fails, on tables whose next read ends in an error. */
function failedWrite(readError: Error) {
  const tables = { client: { get: () => Promise.reject(readError) } } as unknown as Tables;
  return conditionally(tables, 'table', { pk: 'a' }, () =>
    Promise.reject(new ConditionalCheckFailedException(metadata)),
  );
}

describe('a conditional write that failed, and what it met cannot be read', () => {
  it('may have met its own first attempt: that the read was refused for its load does not say that nothing was written', async () => {
    const cause = new ProvisionedThroughputExceededException(metadata);
    const error = await failedWrite(new StoreThrottled('refused', { cause })).catch((e: Error) => e);

    expect(error).toBe(cause);
    expect(mayHaveBeenApplied(error)).toBe(true);
  });

  it('tells any other error as it is', async () => {
    const error = new Error('other');

    await expect(failedWrite(error)).rejects.toBe(error);
  });
});
