import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terminalBars } from '../../cost/chart.ts';
import { breakEven, levers } from '../../cost/compare.ts';
import { DEFAULT_DEPLOYMENT, DEPLOYMENT_0_2 } from '../../cost/deployment.ts';
import { kinesisAdvantageBill, kinesisOnDemandBill, kinesisProvisionedBill } from '../../cost/kinesis.ts';
import { costSection } from '../../cost/readme.ts';
import { rivuletBill, secondsAt } from '../../cost/rivulet.ts';
import { bodyThreshold } from '../../cost/threshold.ts';
import { HOURS_PER_MONTH, SMALL_STREAM, shardsFor, total } from '../../cost/traffic.ts';

const HTTP = DEFAULT_DEPLOYMENT;
const URL = { ...HTTP, frontDoor: 'function-url' } as const;
const idle = { ...SMALL_STREAM, recordsPerSecond: 0 };
const polled = { ...SMALL_STREAM, consumers: 1 };
const batched = { ...polled, recordsPerSecond: 100, recordBytes: 1_024, batch: 100 };
/** A million single puts in a month. */
const million = { ...SMALL_STREAM, recordsPerSecond: 1e6 / (HOURS_PER_MONTH * 3600) };

describe('an estimate', () => {
  it('of an idle stream is the secret alone, where Kinesis bills its shard', () => {
    for (const deployment of [HTTP, URL, { ...URL, bodies: 's3-express' as const }, DEPLOYMENT_0_2]) {
      expect(total(rivuletBill(idle, deployment))).toBeCloseTo(0.4);
    }
    expect(total(kinesisProvisionedBill(idle))).toBeCloseTo(10.95);
    expect(total(kinesisOnDemandBill(idle))).toBeCloseTo(29.2);
  });

  it('of a million single puts is what its parts cost', () => {
    const bill = rivuletBill(million, { ...HTTP, memoryMib: 1_024 });

    expect(bill.gateway).toBeCloseTo(1);
    expect(bill['dynamodb writes']).toBeCloseTo(0.625);
    expect(bill['dynamodb reads']).toBeCloseTo(0.0625);
    expect(bill['lambda requests']).toBeCloseTo(0.2);
    expect(bill['lambda time']).toBeCloseTo(0.014 * 13.3334);
    expect(rivuletBill(million, URL).gateway).toBe(0);
  });

  it('counts a request to the HTTP API once for each 512 KiB', () => {
    const large = { ...SMALL_STREAM, recordsPerSecond: 500, recordBytes: 2_000, batch: 500 };

    // 500 records of 2,000 bytes are 1.37 MB as JSON.
    expect(rivuletBill(large, HTTP).gateway).toBeCloseTo(2.628 * 3);
    expect(rivuletBill({ ...large, consumers: 1 }, HTTP).gateway).toBeCloseTo(2.628 * 6);
  });

  it('of a small stream and of a busy one keeps what the product promises', () => {
    expect(total(rivuletBill(polled, URL))).toBeLessThan(5);
    expect(total(rivuletBill(polled, HTTP))).toBeLessThan(10);
    expect(total(rivuletBill(batched, { ...URL, bodies: 's3-express' }))).toBeLessThan(14);
    expect(total(rivuletBill(batched, { ...URL, bodies: 's3' }))).toBeLessThan(25);
    expect(total(rivuletBill(batched, { ...URL, bodies: 's3-express' }))).toBeLessThan(
      total(kinesisProvisionedBill(batched)),
    );
  });

  it('of puts that meet on a shard has a reservation for each', () => {
    const busy = { ...SMALL_STREAM, recordsPerSecond: 100 };

    expect(rivuletBill(busy, HTTP)['dynamodb writes']).toBeCloseTo(100 * HOURS_PER_MONTH * 3600 * 2 * 0.625e-6);
    expect(rivuletBill(busy, HTTP)['dynamodb reads']).toBe(0);
  });

  it('tells what observing costs', () => {
    const bill = (more: object) => rivuletBill(polled, { ...URL, ...more });

    expect(bill({}).logs).toBeLessThan(0.01);
    expect(bill({ observe: 'all' }).logs).toBeCloseTo(5.256 * 400e-3 * 0.5, 1);
    expect(bill({ observe: { sampledOneIn: 10 } }).logs).toBeCloseTo(0.1 * 5.256 * 400e-3 * 0.5, 1);
    expect(bill({ streamsWithMetrics: 1 }).metrics).toBeCloseTo(12 * 0.3);
    expect(rivuletBill(idle, { ...URL, streamsWithMetrics: 1 }).metrics).toBe(0);
    // One trace a second and a twentieth of the others, without the first hundred thousand.
    expect(bill({ tracing: true }).traces).toBeCloseTo((2.628 * 1.05 - 0.1) * 5, 1);
    expect(bill({}).alarms).toBe(0);
  });

  it('tells what streaming, CloudFront and the way out of AWS cost beyond what is free', () => {
    const heavy = { ...batched, recordsPerSecond: 20_000, shards: 20, batch: 500, consumers: 2, subscriptions: 1 };
    const bill = rivuletBill(heavy, { ...URL, cloudFront: true, dataOut: true });

    expect(bill['streamed answers']).toBeGreaterThan(0);
    expect(bill.cloudfront).toBeGreaterThan(0);
    // Nothing leaves twice.
    expect(bill['data out']).toBe(0);
    expect(rivuletBill(heavy, { ...URL, dataOut: true })['data out']).toBeGreaterThan(0);
    expect(bill.secret).toBeCloseTo(0.8);
    expect(rivuletBill(heavy, HTTP)['streamed answers']).toBe(0);
    expect(rivuletBill(polled, { ...URL, cloudFront: true, dataOut: true }).cloudfront).toBe(0);
    // A function runs for as long as its subscription.
    expect(rivuletBill({ ...idle, subscriptions: 1 }, URL)['lambda time']).toBeCloseTo((2.628e6 / 2) * 13.3334e-6, 1);
  });

  it('of longer retention has what is kept for longer, on either side', () => {
    const kept = { ...batched, retentionHours: 168 };

    expect(rivuletBill(kept, HTTP)['dynamodb storage']).toBeCloseTo(
      7 * (rivuletBill(batched, HTTP)['dynamodb storage'] ?? 0),
    );
    expect(rivuletBill(kept, { ...HTTP, bodies: 's3' })['s3 storage']).toBeGreaterThan(
      rivuletBill(batched, { ...HTTP, bodies: 's3' })['s3 storage'] ?? 0,
    );
    expect(kinesisProvisionedBill(kept)['extended retention']).toBeCloseTo(14.6);
    expect(kinesisProvisionedBill({ ...kept, retentionHours: 8_760 })['long-term retention']).toBeGreaterThan(50);
    expect(kinesisOnDemandBill(kept)['extended retention']).toBeGreaterThan(0);
    expect(kinesisAdvantageBill(kept)['extended retention']).toBeGreaterThan(0);
  });

  it('of on-demand advantage never falls below its least rate, and grows above it', () => {
    const least = kinesisAdvantageBill(idle).in ?? 0;
    const above = kinesisAdvantageBill({ ...batched, recordsPerSecond: 50_000 }).in ?? 0;

    expect(least).toBeCloseTo(25 * 1.048576 * 2.628 * 32, 0);
    expect(above).toBeGreaterThan(least);
  });

  it('of fan-out is what Kinesis asks for each consumer, shard and GB', () => {
    const fanned = { ...batched, subscriptions: 2, shards: 3 };
    const gb = (100 * 1_024 * 2.628e6) / 1e9;

    expect(kinesisProvisionedBill(fanned)['fan-out']).toBeCloseTo(2 * (3 * 730 * 0.015 + gb * 0.013), 1);
    expect(kinesisOnDemandBill(fanned)['fan-out']).toBeCloseTo(2 * gb * 0.05, 1);
  });

  it('of many streams is that of one many times, and one secret', () => {
    const bill = (streams: number) => total(rivuletBill({ ...polled, streams }, URL)) - 0.4;

    expect(bill(60)).toBeCloseTo(60 * bill(1));
  });

  it('grows with every kind of traffic, and never with the size of a batch', () => {
    const traffic = fc.record({
      recordsPerSecond: fc.integer({ min: 1, max: 1000 }),
      recordBytes: fc.integer({ min: 1, max: 1_000 }),
      batch: fc.integer({ min: 1, max: 250 }),
      consumers: fc.integer({ min: 0, max: 5 }),
      subscriptions: fc.integer({ min: 0, max: 5 }),
      busyHours: fc.integer({ min: 1, max: HOURS_PER_MONTH }),
      retentionHours: fc.integer({ min: 24, max: 8_760 }),
    });
    const bodies = fc.constantFrom('dynamodb' as const, 's3' as const, 's3-express' as const);
    fc.assert(
      fc.property(traffic, bodies, (some, place) => {
        const t = { ...SMALL_STREAM, ...some };
        const deployment = { ...URL, bodies: place };
        const bill = total(rivuletBill(t, deployment));
        for (const more of ['streams', 'recordsPerSecond', 'consumers', 'subscriptions'] as const) {
          expect(total(rivuletBill({ ...t, [more]: t[more] + 1 }, deployment))).toBeGreaterThan(bill);
        }
        // A body just above the threshold may cost a little more than two below it.
        expect(total(rivuletBill({ ...t, batch: t.batch * 2 }, deployment))).toBeLessThanOrEqual(bill * 1.02);
      }),
    );
  });

  it('breaks even with a provisioned shard at some single puts a second, and at many in batches', () => {
    const alone = breakEven(polled, HTTP, kinesisProvisionedBill) ?? 0;
    const unread = breakEven(SMALL_STREAM, URL, kinesisProvisionedBill) ?? 0;
    const express = breakEven(batched, { ...URL, bodies: 's3-express' }, kinesisProvisionedBill) ?? 0;

    expect(alone).toBeGreaterThan(1);
    expect(unread).toBeGreaterThan(alone);
    expect(express).toBeGreaterThan(100);
    const free = () => ({ everything: 0 });
    expect(breakEven(polled, HTTP, free)).toBeCloseTo(0);
    expect(breakEven(polled, HTTP, () => ({ everything: 1e9 }))).toBeUndefined();
    // A shard accepts ten of these a second.
    expect(breakEven({ ...polled, recordBytes: 100 * 1_024 }, URL, () => ({ shard: 400 })) ?? 11).toBeLessThanOrEqual(
      11,
    );
  });

  it('needs as many shards as Kinesis’ limits ask for', () => {
    expect([shardsFor(0, 1), shardsFor(1000, 100), shardsFor(1001, 100), shardsFor(100, 1024 * 1024)]).toEqual([
      1, 1, 2, 100,
    ]);
  });

  it('of a function with less memory has more processor time, and the same waiting', () => {
    expect(secondsAt(1_024, 0.014, 0.002)).toBeCloseTo(0.014);
    expect(secondsAt(256, 0.014, 0.002) - secondsAt(512, 0.014, 0.002)).toBeCloseTo(
      0.002 * (1_769 / 256 - 1_769 / 512),
    );
    expect(secondsAt(3_000, 0.014, 0.002)).toBeCloseTo(secondsAt(1_769, 0.014, 0.002));
  });
});

describe('a lever', () => {
  it('tells what it saves alone of what version 0.2 cost', () => {
    const saved = Object.fromEntries(levers(polled).map(({ name, saves }) => [name, saves]));

    expect(saved['tracing off']).toBeCloseTo(13.3, 0);
    expect(saved['no metrics of streams']).toBeGreaterThan(3.6);
    expect(saved['frontDoor=function-url']).toBeCloseTo(5.256);
    expect(saved['bodies=s3']).toBe(0);
    expect(Object.fromEntries(levers(batched).map(({ name, saves }) => [name, saves]))['bodies=s3']).toBeGreaterThan(
      40,
    );
  });
});

describe('the threshold of bodies', () => {
  it('is where a bucket becomes cheaper than the table: sooner in S3 Express', () => {
    expect(bodyThreshold('s3-express')).toBeLessThan(bodyThreshold('s3'));
    expect(bodyThreshold('s3')).toBeLessThan(16 * 1_024);
    expect(bodyThreshold('s3-express')).toBeGreaterThan(1_024);
  });
});

describe('README.md', () => {
  it('says what the tool says', () => {
    const readme = readFileSync(path.join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');

    expect(readme).toContain(costSection());
  });
});

describe('bars in a terminal', () => {
  it('are as long as their numbers are large', () => {
    const bars = [
      { name: 'one', usd: 10 },
      { name: 'other', usd: 2.5 },
    ];
    expect(terminalBars(bars, 8)).toBe('one    ████████ $10.00\nother  ██ $2.50');
    expect(terminalBars([{ name: 'nothing', usd: 0 }])).toBe('nothing   $0.00');
  });
});
