import { type BarGroup, dollars, svgBars } from './chart.ts';
import { breakEven } from './compare.ts';
import { DEFAULT_DEPLOYMENT, type Deployment } from './deployment.ts';
import { kinesisProvisionedBill } from './kinesis.ts';
import prices from './prices.json' with { type: 'json' };
import { rivuletBill } from './rivulet.ts';
import { SMALL_STREAM, type Traffic, total } from './traffic.ts';

/** The lines of README.md between which the tool writes. */
export const COST_BEGIN = '<!-- written by `npm run docs` from cost/readme.ts -->';
export const COST_END = '<!-- until here -->';

const http: Deployment = DEFAULT_DEPLOYMENT;
const url: Deployment = { ...DEFAULT_DEPLOYMENT, frontDoor: 'function-url' };

const oneRecord: Traffic = { ...SMALL_STREAM, consumers: 1 };
const batches: Traffic = { ...oneRecord, recordsPerSecond: 100, recordBytes: 1_024, batch: 100 };
const idle: Traffic = { ...SMALL_STREAM, recordsPerSecond: 0 };

const ROWS: readonly (readonly [name: string, traffic: Traffic])[] = [
  ['1 record of 200 bytes a second in single puts, one consumer that polls once a second', oneRecord],
  ['100 records of 1 KiB a second in batches of 100, one such consumer', batches],
  ['an idle stream', idle],
  ['60 idle development streams', { ...idle, streams: 60 }],
  ['1 record a second for 40 hours a month, one consumer in these hours', { ...oneRecord, busyHours: 40 }],
];

const month = (traffic: Traffic, deployment: Deployment): string => dollars(total(rivuletBill(traffic, deployment)));

/** The cost table of README.md: a month of some traffic behind each front door, with each place of bodies, and on Kinesis. */
export function costTable(): string {
  const places = ['dynamodb', 's3', 's3-express'] as const;
  const rows = ROWS.map(([name, traffic]) => [
    name,
    ...places.slice(0, 1).map((bodies) => month(traffic, { ...http, bodies })),
    ...places.map((bodies) => month(traffic, { ...url, bodies })),
    dollars(total(kinesisProvisionedBill(traffic))),
  ]);
  return [
    '| a month of | HTTP API | function URL | the same, `bodies=s3` | the same, `bodies=s3-express` | Kinesis, provisioned |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

/** Where Kinesis becomes cheaper, in one sentence. */
export function breakEvenSentence(): string {
  const from = (traffic: Traffic, deployment: Deployment) => {
    const { recordsPerSecond: _rate, shards: _shards, ...kind } = traffic;
    return breakEven(kind, deployment, kinesisProvisionedBill)?.toFixed(1) ?? 'no rate';
  };
  const express: Deployment = { ...url, bodies: 's3-express' };
  return (
    `A single busy shard is cheaper on Kinesis: from ${from(oneRecord, http)} single puts a second behind the HTTP API and ` +
    `${from(oneRecord, url)} behind the function URL, with one consumer; in batches of 100 records of 1 KiB from ` +
    `${from(batches, url)} records a second, and with \`bodies=s3-express\` from ${from(batches, express)}.`
  );
}

/** What README.md says of the cost, as generated. */
export const costSection = (): string =>
  [COST_BEGIN, '', costTable(), '', breakEvenSentence(), '', COST_END].join('\n');

/** Returns README.md with its cost section written anew. @throws Error if it has none */
export function withCost(readme: string): string {
  const from = readme.indexOf(COST_BEGIN);
  const to = readme.indexOf(COST_END);
  if (from === -1 || to < from) {
    throw new Error('README.md has no place for the cost section');
  }
  return readme.slice(0, from) + costSection() + readme.slice(to + COST_END.length);
}

/** The chart of README.md. */
export function costPicture(): string {
  const groups: BarGroup[] = ROWS.slice(0, 3).map(([title, traffic]) => ({
    title,
    bars: [
      { name: 'Rivulet, HTTP API', usd: total(rivuletBill(traffic, http)) },
      { name: 'Rivulet, function URL', usd: total(rivuletBill(traffic, url)) },
      { name: 'the same, bodies in S3 Express', usd: total(rivuletBill(traffic, { ...url, bodies: 's3-express' })) },
      { name: 'Kinesis, provisioned', usd: total(kinesisProvisionedBill(traffic)) },
    ],
  }));
  return svgBars(`USD a month, list prices of ${prices.region}, ${prices.asOf}`, groups);
}
