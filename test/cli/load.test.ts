import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { inFolder, rivulet, run } from '../support/command-line-server.ts';

describe('rivulet load', () => {
  it('measures a load, checks for loss and draws it', async () => {
    const svg = inFolder('load.svg');
    const { code, output } = await run([
      'load',
      'orders',
      '--rate',
      '1000',
      '--duration',
      '2s',
      '--consumers',
      '2',
      '--svg',
      svg,
      '--json',
    ]);
    const report = JSON.parse(output);

    expect(code).toBe(0);
    expect(report).toMatchObject({ sent: 2_000, stored: 2_000, throttled: 0, failed: 0 });
    expect(report.consumers).toMatchObject([
      { missing: 0, duplicates: 0 },
      { missing: 0, duplicates: 0 },
    ]);
    expect(report.putMs.p99).toBeGreaterThan(0);
    expect(await readFile(svg, 'utf8')).toMatch(/^<svg .*<polyline.*<\/svg>\n$/s);
  });

  it('takes no record of another load for its own', async () => {
    const load = ['load', 'orders', '--rate', '100', '--duration', '1s', '--consumers', '1', '--json'];
    const before = await run(load);
    const after = await run(load);

    for (const { code, output } of [before, after]) {
      expect(code).toBe(0);
      expect(JSON.parse(output).consumers).toMatchObject([{ missing: 0, duplicates: 0 }]);
    }
  });

  it('counts what is throttled and what fails', async () => {
    rivulet.faults.script(['throttle', 'error'], { operation: 'PutRecords' });
    rivulet.faults.add({ fault: 'partial', operation: 'PutRecords', share: 0.1, times: 1 });
    const { output } = await run([
      'load',
      'orders',
      '--rate',
      '1000',
      '--duration',
      '1s',
      '--consumers',
      '0',
      '--json',
    ]);
    const { sent, stored, throttled, failed, faults } = JSON.parse(output);

    expect({ sent, failed, faults }).toEqual({ sent: 1_000, failed: 100, faults: { InternalFailure: 100 } });
    expect(throttled).toBeGreaterThan(100);
    expect(stored + throttled + failed).toBe(1_000);
  });

  it('counts the latency from when a call was due: a pause of the server shows in every call that it delays', async () => {
    rivulet.faults.add({ fault: 'delay', operation: 'PutRecord', delay: '300ms' });
    const { output } = await run([
      'load',
      'orders',
      '--rate',
      '100',
      '--batch',
      '1',
      '--duration',
      '1s',
      '--consumers',
      '0',
      '--json',
    ]);

    expect(JSON.parse(output)).toMatchObject({ sent: 100, stored: 100 });
    expect(JSON.parse(output).putMs.p50).toBeGreaterThanOrEqual(300);
  });
});
