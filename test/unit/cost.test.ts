import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  breakEven,
  HOURS_PER_MONTH,
  kinesisOnDemandBill,
  kinesisProvisionedBill,
  rivuletBill,
  shardsFor,
  total,
} from '../../cost/estimate.ts';

const HTTP = { frontDoor: 'http', memoryGb: 1, metrics: false } as const;
const single = {
  recordsPerSecond: 0,
  recordBytes: 200,
  batch: 1,
  consumers: 0,
  shards: 1,
  busyHours: HOURS_PER_MONTH,
};
/** A million single puts in a month. */
const million = { ...single, recordsPerSecond: 1e6 / (HOURS_PER_MONTH * 3600) };

describe('an estimate', () => {
  it('of an idle stream is the secret alone, where Kinesis bills its shard', () => {
    expect(total(rivuletBill(single, HTTP))).toBeCloseTo(0.4);
    expect(total(kinesisProvisionedBill(single))).toBeCloseTo(10.95);
    expect(total(kinesisOnDemandBill(single))).toBeCloseTo(29.2);
  });

  it('of a million single puts is what its parts cost', () => {
    const bill = rivuletBill(million, HTTP);

    expect(bill.gateway).toBeCloseTo(1);
    expect(bill['dynamodb writes']).toBeCloseTo(0.625);
    expect(bill['dynamodb reads']).toBeCloseTo(0.0625);
    expect(bill.lambda).toBeCloseTo(0.2 + 0.014 * 13.3334);
    expect(rivuletBill(million, { ...HTTP, frontDoor: 'function-url' }).gateway).toBe(0);
  });

  it('of puts that meet on a shard has a reservation for each', () => {
    const busy = { ...single, recordsPerSecond: 100 };

    expect(rivuletBill(busy, HTTP)['dynamodb writes']).toBeCloseTo(100 * HOURS_PER_MONTH * 3600 * 2 * 0.625e-6);
    expect(rivuletBill(busy, HTTP)['dynamodb reads']).toBe(0);
  });

  it('tells what observing costs', () => {
    expect(rivuletBill(single, { ...HTTP, metrics: true }).metrics).toBe(0);
    expect(rivuletBill({ ...million, consumers: 1 }, { ...HTTP, metrics: true }).metrics).toBeCloseTo(12 * 0.3);
  });

  it('grows with every kind of traffic, and never with the size of a batch', () => {
    const traffic = fc.record({
      recordsPerSecond: fc.integer({ min: 1, max: 1000 }),
      recordBytes: fc.integer({ min: 1, max: 1_000 }),
      batch: fc.integer({ min: 1, max: 250 }),
      consumers: fc.integer({ min: 0, max: 5 }),
      shards: fc.constant(1),
      busyHours: fc.integer({ min: 1, max: HOURS_PER_MONTH }),
    });
    fc.assert(
      fc.property(traffic, (t) => {
        const bill = total(rivuletBill(t, HTTP));
        for (const more of ['recordsPerSecond', 'consumers'] as const) {
          expect(total(rivuletBill({ ...t, [more]: t[more] + 1 }, HTTP))).toBeGreaterThan(bill);
        }
        expect(total(rivuletBill({ ...t, batch: t.batch * 2 }, HTTP))).toBeLessThanOrEqual(bill * 1.001);
      }),
    );
  });

  it('breaks even with a provisioned shard at a few single puts a second, and at many in batches', () => {
    const alone = breakEven(single, HTTP, kinesisProvisionedBill);
    const batched = breakEven({ ...single, batch: 100 }, HTTP, kinesisProvisionedBill);

    expect(alone).toBeGreaterThan(1);
    expect(alone).toBeLessThan(2);
    expect(batched).toBeGreaterThan(20);
  });

  it('needs as many shards as Kinesis’ limits ask for', () => {
    expect([shardsFor(0, 1), shardsFor(1000, 100), shardsFor(1001, 100), shardsFor(100, 1024 * 1024)]).toEqual([
      1, 1, 2, 100,
    ]);
  });
});
