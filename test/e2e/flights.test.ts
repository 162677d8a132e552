import { expect, it } from 'vitest';
import { Capacity } from '../../demo/capacity.ts';
import { readFlights } from '../../demo/flight-records.ts';
import { runFlights } from '../../demo/run-flights.ts';
import { startServer } from '../../local/server.ts';

it('real flights come back byte-equal, once, and in order per airport, by the unmodified SDK', async () => {
  const flights = await readFlights(2_000);
  const capacity = new Capacity();
  const rivulet = await startServer({ port: 0, host: '127.0.0.1', meter: capacity.meter });

  const report = await runFlights(rivulet.endpoint, flights, capacity, () => {});

  const counts = Object.values(report.recordsPerShard);
  expect(counts).toHaveLength(4);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2_000);
  expect(report.put.writeUnits).toBeGreaterThan(0);
  await rivulet.close();
});
