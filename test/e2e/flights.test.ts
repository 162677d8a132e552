import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Capacity } from '../../demo/capacity.ts';
import { readFlights } from '../../demo/flight-records.ts';
import { runFlights } from '../../demo/run-flights.ts';
import { startServer } from '../../local/server.ts';

beforeAll(() => {
  // The data is large, and nobody else needs it: the demo fetches it by a lock file of its own.
  execFileSync('npm', ['ci', '--silent', '--no-audit', '--no-fund'], {
    cwd: path.join(import.meta.dirname, '..', '..', 'demo'),
    shell: process.platform === 'win32',
  });
});

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
