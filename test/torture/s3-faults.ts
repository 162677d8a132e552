import type { BodyStore } from '../../lib/store/body-store.ts';
import { openS3Bodies } from '../../lib/store/s3-bodies.ts';
import { type Random, random } from '../support/random.ts';
import { S3_KEY, type S3Fault, S3Server } from '../support/s3-server.ts';

/** Small enough that batches of a few records are objects. */
const ABOVE_BYTES = 600;

/** The variable by which API processes find the server. */
export const S3_ENDPOINT = 'TORTURE_S3_ENDPOINT';

/** The most that a call is late, ms: longer than its client waits. */
const MAX_LATE_MS = 3_000;

/** How often a call meets each fault, in parts of one. */
const FAULTS: readonly (readonly [share: number, fault: (amount: number) => S3Fault])[] = [
  [0.03, () => 'slow-down'],
  [0.02, () => 'answer-lost'],
  [0.02, () => 'request-lost'],
  [0.04, (amount) => ({ afterMs: Math.floor(amount * 100) })],
  [0.005, (amount) => ({ afterMs: Math.floor(amount * MAX_LATE_MS) })],
];

/** Starts a server for bodies whose calls meet faults, those of a seed in their order. */
export async function startFaultyS3(seed: number): Promise<S3Server> {
  const server = await S3Server.start();
  const next = random(seed);
  server.plan = () => drawn(next);
  return server;
}

function drawn(next: Random): S3Fault | undefined {
  const [which, amount] = [next(), next()];
  let bound = 0;
  for (const [share, fault] of FAULTS) {
    bound += share;
    if (which < bound) {
      return fault(amount);
    }
  }
  return undefined;
}

/** The bodies of a process. @returns undefined in a round without such a server */
export const tortureBodies = (endpoint: string | undefined): BodyStore | undefined =>
  endpoint === undefined
    ? undefined
    : openS3Bodies(
        { account: { accountId: '000000000000', region: 'us-east-1' }, s3Endpoint: endpoint },
        { bucket: 'bodies', aboveBytes: ABOVE_BYTES },
        S3_KEY,
      );
