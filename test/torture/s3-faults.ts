import type { BodyStore } from '../../lib/store/body-store.ts';
import { openS3Bodies } from '../../lib/store/s3-bodies.ts';
import { type Random, random } from '../support/random.ts';
import { BUCKET, S3_KEY, type S3Fault, S3Server } from '../support/s3-server.ts';
import type { TroubleEvent } from './history.ts';

/** Small enough that batches of a few records are objects. */
const ABOVE_BYTES = 600;

/** The variables by which API processes find the server. */
export const s3Environment = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_ACCESS_KEY_ID: S3_KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey,
  BODIES_BUCKET: BUCKET,
  BODIES_ABOVE: String(ABOVE_BYTES),
});

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

/** For so long the client of a call that met a fault may still wait, and call again, ms. */
const FELT_MS = 3_000;

/** A server for bodies, and what was wrong with it. */
export interface FaultyS3 {
  readonly server: S3Server;
  readonly troubles: TroubleEvent[];
}

/** Starts a server for bodies whose calls meet faults, those of a seed in their order. */
export async function startFaultyS3(seed: number): Promise<FaultyS3> {
  const server = await S3Server.start();
  const next = random(seed);
  const troubles: TroubleEvent[] = [];
  server.plan = () => {
    const fault = drawn(next);
    if (fault !== undefined) {
      const startMs = Date.now();
      const endMs = startMs + FELT_MS + (typeof fault === 'object' ? fault.afterMs : 0);
      troubles.push({
        kind: 'trouble',
        stream: '',
        what: fault === 'slow-down' ? 'throttled' : 'fault',
        startMs,
        endMs,
      });
    }
    return fault;
  };
  return { server, troubles };
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

/** The bodies without faults of their own, for the checks. @returns undefined in a round without such a server */
export const tortureBodies = (endpoint: string | undefined): BodyStore | undefined =>
  endpoint === undefined
    ? undefined
    : openS3Bodies(
        { account: { accountId: '000000000000', region: 'us-east-1' }, s3Endpoint: endpoint },
        { bucket: BUCKET, aboveBytes: ABOVE_BYTES },
        S3_KEY,
      );
