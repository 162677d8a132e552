import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConsumerArn, ResourceArn, StreamArn } from '../../lib/schema/shapes.ts';

/** Pieces of ARNs, whole and broken, in any order. */
const pieces = fc
  .array(
    fc.constantFrom(
      'arn:aws',
      ':kinesis:',
      ':123456789012:',
      '123456789012',
      'stream/',
      'name',
      '/consumer/',
      'c:1',
      ':',
      ' ',
      '\n',
      'x',
      '/',
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

const likely = fc
  .tuple(pieces, pieces, pieces)
  .map(([a, b, c]) => `arn:aws${a}:kinesis:${b}:123456789012:${c}stream/n/consumer/c:1`);

describe.each([
  ['stream', StreamArn],
  ['resource', ResourceArn],
  ['consumer', ConsumerArn],
])('the linear pattern of a %s ARN', (_what, { pattern, linearPattern }) => {
  const whole = (expression: string) => new RegExp(`^(?:${expression})$`);

  it('matches what the published one matches', () => {
    fc.assert(
      fc.property(fc.oneof(pieces, likely), (text) => {
        expect(whole(linearPattern).test(text)).toBe(whole(pattern).test(text));
      }),
      { numRuns: 5_000 },
    );
  });
});
