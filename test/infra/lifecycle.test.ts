import aslValidator from 'asl-validator';
import { expect, it } from 'vitest';
import lifecycle from '../../infra/lifecycle.asl.json' with { type: 'json' };

it('the state machine is valid Amazon States Language', () => {
  expect(aslValidator(lifecycle)).toMatchObject({ isValid: true, errors: [] });
});

it('retries a step with back-off a bounded number of times, and ends', () => {
  const [retry] = lifecycle.States.Advance.Retry;

  expect(retry).toMatchObject({ MaxAttempts: 6, BackoffRate: 2, MaxDelaySeconds: 20 });
  expect(lifecycle.TimeoutSeconds).toBe(86_400);
  expect(lifecycle.States.Advance.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Failed' }]);
});
