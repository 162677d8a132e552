import { Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE } from '../functions/metric-names.ts';
import { PERIOD, type Watched } from './watched.ts';

/** A dashboard of the service, and of the streams with metrics. */
export class StreamsDashboard extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    const { requests, errors, faults, refusedConcurrency, refusals, p99 } = watched;
    const dashboard = new Dashboard(this, 'Dashboard', {
      widgets: [
        [graph('Requests', [requests, errors, faults, refusedConcurrency, refusals]), graph('Duration, ms', [p99])],
        [graph('Transitions', [watched.transitions, watched.failedTransitions, watched.stuckTransitions])],
        [graph('Incoming records', streams('IncomingRecords')), graph('Incoming bytes', streams('IncomingBytes'))],
        [
          graph('Throttled', [
            ...streams('WriteProvisionedThroughputExceeded'),
            ...streams('ReadProvisionedThroughputExceeded'),
          ]),
          graph('Iterator age, ms', streams('GetRecords.IteratorAgeMilliseconds', 'Maximum')),
        ],
      ],
    });
    const { region } = Stack.of(this);
    this.url = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards:name=${dashboard.dashboardName}`;
  }
}

/** Finds a metric of every stream that has it: a graph shows one line for each. */
const streams = (name: string, statistic = 'Sum'): IMetric[] => [
  new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},StreamName} MetricName="${name}"', '${statistic}', ${PERIOD.toSeconds()})`,
    usingMetrics: {},
    label: '',
    period: PERIOD,
  }),
];

const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 });
