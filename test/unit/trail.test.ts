import { afterEach, describe, expect, it, vi } from 'vitest';
import { countedTrail } from '../../functions/counted-trail.ts';
import { loggedTrail, type TrailLine } from '../../functions/trail.ts';

const LINE: TrailLine = { event: 'change', requestId: 'id', operation: 'DeleteStream', sourceIp: '192.0.2.1' };

describe('a line of the trail', () => {
  const printed: string[] = [];
  vi.spyOn(console, 'info').mockImplementation((line) => printed.push(String(line)));
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => printed.push(String(line)) > 0);

  afterEach(() => {
    printed.length = 0;
    vi.unstubAllEnvs();
  });

  const metrics = () => printed.map((line) => JSON.parse(line)).filter((line) => '_aws' in line);

  it('is structured, and written whatever level is set for other lines', () => {
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');

    loggedTrail().write(LINE);

    expect(printed.map((line) => JSON.parse(line))).toMatchObject([{ message: 'trail', ...LINE }]);
  });

  it('is counted where it tells of a refusal, without dimensions', () => {
    countedTrail().write({ ...LINE, event: 'refusal', fault: 'AccessDeniedException' });

    const [metric] = metrics();
    expect(metric.Refusals).toBe(1);
    expect(metric._aws.CloudWatchMetrics[0].Dimensions.flat()).toEqual([]);
  });

  it('is not counted where it tells of a change', () => {
    countedTrail().write(LINE);

    expect(metrics()).toEqual([]);
  });
});
