import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../lib/operations/index.ts';
import type { Schema } from '../../lib/schema/structure.ts';
import { TestApi } from '../support/test-api.ts';

/**
 * Quotes and control characters, which a response has to escape. It is no base64 and no name, and longer than any
 * member may be.
 */
const LONG = '"\u0001'.repeat(200_000);

/**
 * The longest response: ten values, each cut, with each character written as six. This is far below the 6 MB that
 * Lambda can return.
 */
const MOST_ANSWERED = 10 * 4096 * 6 + 10_000;

/** A long value wherever a member of this schema accepts text. */
function longest(schema: Schema): unknown {
  switch (schema.type) {
    case 'list':
      return [longest(schema.member), longest(schema.member)];
    case 'map':
      return { [LONG]: LONG };
    case 'structure':
      return Object.fromEntries(Object.entries(schema.members).map(([name, member]) => [name, longest(member)]));
    case 'integer':
    case 'long':
    case 'timestamp':
      return 1;
    default:
      return LONG;
  }
}

describe('a value of the request that is refused', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start();
  });
  afterAll(() => api.close());

  const members = [...operations.values()].flatMap(({ name, input }) =>
    Object.entries(input.members)
      .filter(([, member]) => !['integer', 'long', 'timestamp'].includes(member.type))
      .map(([memberName, member]) => [name, memberName, member] as const),
  );

  it.each(members)('is repeated by its beginning only: %s, %s', async (operation, memberName, member) => {
    const { status, text } = await api.call(operation, { [memberName]: longest(member) });

    expect(status).toBe(400);
    expect(text.length).toBeLessThan(MOST_ANSWERED);
  });

  it.each([...operations.values()].map(({ name, input }) => [name, input] as const))(
    'is repeated by its beginning only, where all are refused: %s',
    async (operation, input) => {
      const { status, text } = await api.call(operation, longest(input) as object);

      // Only an operation whose input has no members has nothing to refuse.
      expect(status).toBe(Object.keys(input.members).length === 0 ? 200 : 400);
      expect(text.length).toBeLessThan(MOST_ANSWERED);
    },
  );
});
