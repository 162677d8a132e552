import { REFUSALS_METRIC } from './metric-names.ts';
import { publishMetrics } from './observer.ts';
import { loggedTrail, type Trail } from './trail.ts';

/**
 * Writes the trail (docs/glossary.md) as structured log lines, and counts refusals as a CloudWatch metric. The metric
 * has no dimensions, so many different names cannot raise the bill.
 */
export function countedTrail(): Trail {
  const logged = loggedTrail();
  return {
    write(line) {
      logged.write(line);
      if (line.event === 'refusal') {
        publishMetrics({}, [{ name: REFUSALS_METRIC, unit: 'Count', value: 1 }]);
      }
    },
  };
}
