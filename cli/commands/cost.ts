import {
  type Bill,
  breakEven,
  type Deployment,
  kinesisOnDemandBill,
  kinesisProvisionedBill,
  rivuletBill,
  shardsFor,
  type Traffic,
  total,
} from '../../cost/estimate.ts';
import prices from '../../cost/prices.json' with { type: 'json' };
import { usage } from '../failure.ts';
import { printJson } from '../output.ts';

interface CostOptions {
  readonly recordsPerSecond: string;
  readonly recordBytes: string;
  readonly batch: string;
  readonly consumers: string;
  readonly shards?: string | undefined;
  readonly busyHours: string;
  readonly frontDoor: string;
  readonly memoryGb: string;
  readonly metrics: string;
  readonly json?: true | undefined;
}

/** Prints what a month of some traffic costs on Rivulet and on Kinesis. */
export function cost(options: CostOptions): void {
  const traffic = trafficOf(options);
  const deployment: Deployment = {
    frontDoor: options.frontDoor === 'function-url' ? 'function-url' : 'http',
    memoryGb: number('--memory-gb', options.memoryGb),
    metrics: options.metrics !== 'off',
  };
  const bills = {
    Rivulet: rivuletBill(traffic, deployment),
    'Kinesis, provisioned': kinesisProvisionedBill(traffic),
    'Kinesis, on-demand': kinesisOnDemandBill(traffic),
  };
  const { recordsPerSecond: _rate, shards: _shards, ...kind } = traffic;
  const breakEvens = {
    provisioned: breakEven(kind, deployment, kinesisProvisionedBill),
    'on-demand': breakEven(kind, deployment, kinesisOnDemandBill),
  };
  if (options.json) {
    const { region, asOf, currency } = prices;
    printJson({ traffic, deployment, prices: { region, asOf, currency }, bills, breakEvens });
    return;
  }
  console.log(`${JSON.stringify(traffic)}\nprices of ${prices.region}, ${prices.asOf}\n`);
  for (const [name, bill] of Object.entries(bills)) {
    printBill(name, bill);
  }
  console.log('\nOne shard of such records is cheaper on Kinesis from');
  for (const [mode, recordsPerSecond] of Object.entries(breakEvens)) {
    console.log(`  ${recordsPerSecond.toFixed(1)} records/s on, ${mode}`);
  }
}

function trafficOf(options: CostOptions): Traffic {
  const recordsPerSecond = number('--records-per-second', options.recordsPerSecond);
  const recordBytes = number('--record-bytes', options.recordBytes);
  const { shards } = options;
  return {
    recordsPerSecond,
    recordBytes,
    batch: Math.max(1, number('--batch', options.batch)),
    consumers: number('--consumers', options.consumers),
    shards: shards === undefined ? shardsFor(recordsPerSecond, recordBytes) : number('--shards', shards),
    busyHours: number('--busy-hours', options.busyHours),
  };
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw usage(`${option} must be a number from 0 on, not '${text}'`);
  }
  return value;
}

const dollars = (amount: number): string => `$${amount.toFixed(2)}`.padStart(10);

function printBill(name: string, bill: Bill): void {
  console.log(`${name.padEnd(24)}${dollars(total(bill))} a month`);
  for (const [part, amount] of Object.entries(bill)) {
    console.log(`    ${part.padEnd(20)}${dollars(amount)}`);
  }
}
