import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planAdmission } from '../../lib/log/admission.ts';
import { kinesisLimits } from '../../lib/model/limits.ts';

const MIB = 1024 * 1024;
const SECOND = 1_700_000_000;
const NOW = SECOND * 1000 + 500;
const fresh = { countedSecond: SECOND - 5, secondRecords: 900, secondBytes: 1_000, reservedMs: 0 };

describe('the admission of records to a shard', () => {
  it('starts a new second with empty counts', () => {
    expect(planAdmission([10, 20], fresh, NOW, kinesisLimits)).toEqual({
      admitted: [0, 1],
      notBeforeMs: NOW,
      request: { form: 'new second', second: SECOND, records: 2, bytes: 30, atMostBytes: MIB },
    });
  });

  it('goes on counting within a second', () => {
    const seen = { ...fresh, countedSecond: SECOND };

    const { request } = planAdmission([10, 20], seen, NOW, kinesisLimits);

    expect(request).toMatchObject({ form: 'same second', atMostRecords: 998, atMostBytes: MIB - 30 });
  });

  it('lets in what fits, in request order, and a later smaller record too', () => {
    const seen = { reservedMs: 0, countedSecond: SECOND, secondRecords: 0, secondBytes: MIB - 100 };

    expect(planAdmission([60, 60, 40, 1], seen, NOW, kinesisLimits).admitted).toEqual([0, 2]);
  });

  it('stops at the record limit', () => {
    const seen = { reservedMs: 0, countedSecond: SECOND, secondRecords: 998, secondBytes: 0 };

    expect(planAdmission([1, 1, 1], seen, NOW, kinesisLimits).admitted).toEqual([0, 1]);
  });

  it('lets a record above the byte limit in while anything is left, and makes the next seconds pay', () => {
    const size = 3 * MIB;

    const burst = planAdmission([size, 1], fresh, NOW, kinesisLimits);
    const after = { reservedMs: 0, countedSecond: SECOND, secondRecords: 1, secondBytes: size };
    const nextSecond = planAdmission([1], after, NOW + 1_000, kinesisLimits);
    const later = planAdmission([1], after, NOW + 3_000, kinesisLimits);

    expect(burst.admitted).toEqual([0]);
    expect(nextSecond.admitted).toEqual([]);
    expect(later.admitted).toEqual([0]);
    const { reservedMs: _, ...seen } = after;
    expect(later.request).toMatchObject({ form: 'replace', seen, carriedBytes: 0 });
  });

  it('never tells a reservation earlier than the one before it', () => {
    expect(planAdmission([1], { ...fresh, reservedMs: NOW + 700 }, NOW, kinesisLimits).notBeforeMs).toBe(NOW + 700);
  });

  it('is not held up by a second that a wrong clock has begun', () => {
    const ahead = { reservedMs: 0, countedSecond: SECOND + 3_600, secondRecords: 1_000, secondBytes: MIB };

    const { admitted, request } = planAdmission([1], ahead, NOW, kinesisLimits);

    expect(admitted).toEqual([0]);
    const { reservedMs: _, ...seen } = ahead;
    expect(request).toMatchObject({ form: 'replace', seen, carriedBytes: 0 });
  });

  it('lets everything in when throttling is off', () => {
    const seen = { reservedMs: 0, countedSecond: SECOND, secondRecords: 1_000_000, secondBytes: 1_000 * MIB };

    expect(planAdmission([5 * MIB, 1], seen, NOW, { ...kinesisLimits, throttling: false }).admitted).toEqual([0, 1]);
  });

  it('never admits beyond the limits of a second, whatever was seen and comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: MIB }), { maxLength: 50 }),
        fc.nat({ max: 1_000 }),
        fc.nat({ max: MIB }),
        (sizes, secondRecords, secondBytes) => {
          const seen = { reservedMs: 0, countedSecond: SECOND, secondRecords, secondBytes };
          const { admitted, request } = planAdmission(sizes, seen, NOW, kinesisLimits);
          const bytes = admitted.reduce((sum, index) => sum + (sizes[index] ?? 0), 0);

          expect(request).toMatchObject({ records: admitted.length, bytes });
          expect(secondRecords + admitted.length).toBeLessThanOrEqual(1_000);
          expect(secondBytes + bytes).toBeLessThanOrEqual(MIB);
        },
      ),
    );
  });
});
