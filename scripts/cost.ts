import { parseArgs } from 'node:util';
import {
  type Bill,
  breakEven,
  type Deployment,
  HOURS_PER_MONTH,
  kinesisOnDemandBill,
  kinesisProvisionedBill,
  rivuletBill,
  shardsFor,
  total,
} from '../cost/estimate.ts';
import prices from '../cost/prices.json' with { type: 'json' };

/**
 * `npm run cost -- --records-per-second 10 --record-bytes 500 --batch 1 --consumers 1`: prints what a month of this
 * traffic costs on Rivulet and on Kinesis. More options: `--shards`, `--busy-hours` (of 730),
 * `--front-door http|function-url`, `--memory-gb`, `--metrics on|off`.
 */
const { values } = parseArgs({
  options: {
    'records-per-second': { type: 'string', default: '1' },
    'record-bytes': { type: 'string', default: '200' },
    batch: { type: 'string', default: '1' },
    consumers: { type: 'string', default: '1' },
    shards: { type: 'string' },
    'busy-hours': { type: 'string', default: String(HOURS_PER_MONTH) },
    'front-door': { type: 'string', default: 'http' },
    'memory-gb': { type: 'string', default: '1' },
    metrics: { type: 'string', default: 'on' },
  },
});

function number(name: Exclude<keyof typeof values, 'front-door' | 'metrics'>, otherwise?: number): number {
  const value = Number(values[name] ?? otherwise);
  if (!(value >= 0)) {
    console.error(`--${name} must be a number from 0 on`);
    process.exit(1);
  }
  return value;
}

const recordsPerSecond = number('records-per-second');
const recordBytes = number('record-bytes');
const traffic = {
  recordsPerSecond,
  recordBytes,
  batch: Math.max(1, number('batch')),
  consumers: number('consumers'),
  shards: number('shards', shardsFor(recordsPerSecond, recordBytes)),
  busyHours: number('busy-hours'),
};
const deployment: Deployment = {
  frontDoor: values['front-door'] === 'function-url' ? 'function-url' : 'http',
  memoryGb: number('memory-gb'),
  metrics: values.metrics !== 'off',
};

const dollars = (amount: number): string => `$${amount.toFixed(2)}`.padStart(10);

function tell(name: string, bill: Bill): void {
  console.log(`${name.padEnd(24)}${dollars(total(bill))} a month`);
  for (const [part, amount] of Object.entries(bill)) {
    console.log(`    ${part.padEnd(20)}${dollars(amount)}`);
  }
}

console.log(`${JSON.stringify(traffic)}\nprices of ${prices.region}, ${prices.asOf}\n`);
tell('Rivulet', rivuletBill(traffic, deployment));
tell('Kinesis, provisioned', kinesisProvisionedBill(traffic));
tell('Kinesis, on-demand', kinesisOnDemandBill(traffic));
const { recordsPerSecond: _rate, shards: _shards, ...kind } = traffic;
console.log('\nOne shard of such records is cheaper on Kinesis from');
console.log(`  ${breakEven(kind, deployment, kinesisProvisionedBill).toFixed(1)} records/s on, provisioned`);
console.log(`  ${breakEven(kind, deployment, kinesisOnDemandBill).toFixed(1)} records/s on, on-demand`);
