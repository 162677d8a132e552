import { REFUSALS_METRIC } from './metric-names.ts';
import { publishMetrics } from './observer.ts';
import { loggedTrail, type Trail } from './trail.ts';

/** Writes structured lines, and counts refusals in CloudWatch. The metric has no dimensions, so that a flood of names costs nothing. */
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
