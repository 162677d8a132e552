import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { FAILURES_METRIC, METRICS_NAMESPACE, REFUSALS_METRIC } from '../functions/metric-names.ts';

/** What alarms and graphs count over. */
export const PERIOD = Duration.minutes(5);

/** What the owner watches the service by: metrics of AWS, which are free, and three of the service. */
export interface Watched {
  readonly requests: IMetric;
  readonly errors: IMetric;
  readonly faults: IMetric;
  readonly refusedConcurrency: IMetric;
  readonly refusals: IMetric;
  readonly p99: IMetric;
  readonly transitions: IMetric;
  readonly failedTransitions: IMetric;
  readonly stuckTransitions: IMetric;
}

/** Returns the metrics of a service. */
export function watch(dispatcher: IFunction, stateMachine: StateMachine): Watched {
  const sum = { period: PERIOD, statistic: 'Sum' };
  return {
    requests: dispatcher.metricInvocations(sum),
    errors: dispatcher.metricErrors(sum),
    faults: countOf(FAILURES_METRIC),
    refusedConcurrency: dispatcher.metricThrottles(sum),
    refusals: countOf(REFUSALS_METRIC),
    p99: dispatcher.metricDuration({ period: PERIOD, statistic: 'p99' }),
    transitions: stateMachine.metricSucceeded(sum),
    failedTransitions: stateMachine.metricFailed(sum),
    stuckTransitions: stateMachine.metricTimedOut(sum),
  };
}

/** A metric that counts for all streams and callers together. */
const countOf = (metricName: string) =>
  new Metric({ namespace: METRICS_NAMESPACE, metricName, period: PERIOD, statistic: 'Sum' });
