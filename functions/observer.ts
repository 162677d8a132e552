import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE } from './metric-names.ts';
import type { MetricValue } from './observation.ts';

/** Receives log lines and metrics of calls. */
export interface Observer {
  /** Writes one line for one request. The line never contains data blobs or partition keys. */
  log(line: object): void;
  metrics(dimensions: Readonly<Record<string, string>>, values: readonly MetricValue[]): void;
}

/** Writes structured log lines, and metrics in CloudWatch's embedded metric format. */
export function cloudWatchObserver(): Observer {
  const logger = new Logger({ serviceName: 'rivulet' });
  return {
    log(line) {
      logger.info('request', line as Record<string, string>);
    },
    metrics: publishMetrics,
  };
}

/** Writes metrics in CloudWatch's embedded metric format, with these dimensions and no others. */
export function publishMetrics(dimensions: Readonly<Record<string, string>>, values: readonly MetricValue[]): void {
  // One instance for each set of dimensions: concurrent requests share none.
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
  metrics.clearDefaultDimensions();
  metrics.addDimensions({ ...dimensions });
  for (const { name, unit, value } of values) {
    metrics.addMetric(name, unit, value);
  }
  metrics.publishStoredMetrics();
}
