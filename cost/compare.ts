import { DEPLOYMENT_0_2, type Deployment } from './deployment.ts';
import { kinesisAdvantageBill, kinesisOnDemandBill, kinesisProvisionedBill } from './kinesis.ts';
import { rivuletBill } from './rivulet.ts';
import { type Bill, shardRate, type Traffic, total } from './traffic.ts';

/** The bills of one traffic, by the name of the service. */
export const bills = (traffic: Traffic, deployment: Deployment): Readonly<Record<string, Bill>> => ({
  Rivulet: rivuletBill(traffic, deployment),
  'Kinesis, provisioned': kinesisProvisionedBill(traffic),
  'Kinesis, on-demand standard': kinesisOnDemandBill(traffic),
  'Kinesis, on-demand advantage': kinesisAdvantageBill(traffic),
});

/**
 * Returns the records a second on one shard from which Kinesis is cheaper than Rivulet. Undefined: on no rate that a shard
 * accepts.
 */
export function breakEven(
  traffic: Omit<Traffic, 'recordsPerSecond' | 'shards'>,
  deployment: Deployment,
  other: (traffic: Traffic) => Bill,
): number | undefined {
  const isCheaper = (recordsPerSecond: number) => {
    const tried = { ...traffic, shards: 1, recordsPerSecond };
    return total(rivuletBill(tried, deployment)) < total(other(tried));
  };
  const most = shardRate(traffic.recordBytes);
  if (isCheaper(most)) {
    return undefined;
  }
  let [low, high] = [0, most];
  for (let steps = 0; steps < 50; steps++) {
    const middle = (low + high) / 2;
    [low, high] = isCheaper(middle) ? [middle, high] : [low, middle];
  }
  return low;
}

/** A choice of an owner that lowers the bill. */
export interface Lever {
  readonly name: string;
  /** What it alone saves a month, USD, of what version 0.2 deployed. */
  readonly saves: number;
}

const LEVERS: readonly (readonly [name: string, change: Partial<Deployment>])[] = [
  ['tracing off', { tracing: false }],
  ['observe=faults', { observe: 'faults' }],
  ['no metrics of streams', { streamsWithMetrics: 0 }],
  ['lines of Lambda and the gateway off', { platformLines: false, observe: 'all' }],
  ['frontDoor=function-url', { frontDoor: 'function-url' }],
  ['memorySize=512', { memoryMib: 512 }],
  ['bodies=s3', { bodies: 's3' }],
  ['bodies=s3-express', { bodies: 's3-express' }],
];

/** Returns what each lever alone saves of the bill that version 0.2 had. */
export function levers(traffic: Traffic): Lever[] {
  const before = total(rivuletBill(traffic, DEPLOYMENT_0_2));
  return LEVERS.map(([name, change]) => ({
    name,
    saves: before - total(rivuletBill(traffic, { ...DEPLOYMENT_0_2, ...change })),
  }));
}
