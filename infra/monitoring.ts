import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { FAILURES_METRIC, METRICS_NAMESPACE, REFUSALS_METRIC } from '../functions/metric-names.ts';
import type { StreamTables } from './tables.ts';

const PERIOD = Duration.minutes(5);

/** The alarm for slow requests, ms. Kinesis' own calls take about ten ms. */
const SLOW_MS = 2_000;

/** The alarm for refusals in five minutes. A single misconfigured client causes more, because it retries. */
const MANY_REFUSALS = 10;

export interface MonitoringProps {
  /** Whether the dispatcher streams responses. */
  readonly streaming: boolean;
  readonly dispatcher: IFunction;
  readonly stateMachine: StateMachine;
  readonly tables: StreamTables;
  readonly alarmEmail?: string | undefined;
}

/** A dashboard, and alarms for the owner. */
export class Monitoring extends Construct {
  readonly dashboardUrl: string;
  readonly #topic: Topic | undefined;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.#topic = props.alarmEmail === undefined ? undefined : this.#emailTopic(props.alarmEmail);
    const { dispatcher, stateMachine } = props;
    const sum = { period: PERIOD, statistic: 'Sum' };
    const p99 = dispatcher.metricDuration({ period: PERIOD, statistic: 'p99' });
    const errors = dispatcher.metricErrors(sum);
    const faults = countOf(FAILURES_METRIC);
    const refused = dispatcher.metricThrottles(sum);
    const refusals = countOf(REFUSALS_METRIC);
    const failed = stateMachine.metricFailed(sum);
    const timedOut = stateMachine.metricTimedOut(sum);
    this.#alarm('Errors', errors, 1, 'The dispatcher failed: requests were answered by nobody.');
    this.#alarm('Faults', faults, 1, 'Requests were answered by InternalFailure; the log of the dispatcher tells why.');
    this.#alarm(
      'Refusals',
      refusals,
      MANY_REFUSALS,
      'Requests were refused for their signatures or by policies; the lines "trail" of the dispatcher\'s log tell whose and why.',
    );
    this.#alarm('Throttles', refused, 1, 'Requests were refused since all reserved concurrency was in use.');
    if (!props.streaming) {
      // A subscription is a request of five minutes, so durations show nothing there.
      this.#alarm('SlowRequests', p99, SLOW_MS, 'One request in a hundred takes more than two seconds.', 3);
    }
    this.#alarm(
      'FailedTransitions',
      failed,
      1,
      'A create, delete or reshard failed: its stream waits to be described.',
    );
    this.#alarm('StuckTransitions', timedOut, 1, 'A create, delete or reshard did not come to its end in a day.');
    for (const table of [props.tables.streams, props.tables.records]) {
      for (const kind of ['Read', 'Write']) {
        const throttled = table.metric(`${kind}ThrottleEvents`, sum);
        this.#alarm(`${table.node.id}${kind}sThrottled`, throttled, 10, 'DynamoDB refused calls for their load.', 3);
      }
    }
    const dashboard = new Dashboard(this, 'Dashboard', {
      widgets: [
        [graph('Incoming records', streams('IncomingRecords')), graph('Incoming bytes', streams('IncomingBytes'))],
        [
          graph('Throttled', [
            ...streams('WriteProvisionedThroughputExceeded'),
            ...streams('ReadProvisionedThroughputExceeded'),
          ]),
          graph('Iterator age, ms', streams('GetRecords.IteratorAgeMilliseconds', 'Maximum')),
        ],
        [
          graph('Requests', [dispatcher.metricInvocations(sum), errors, faults, refused, refusals]),
          graph('Duration, ms', [p99]),
        ],
        [graph('Transitions', [stateMachine.metricSucceeded(sum), failed, timedOut])],
      ],
    });
    const { region } = Stack.of(this);
    this.dashboardUrl = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards:name=${dashboard.dashboardName}`;
  }

  #emailTopic(address: string): Topic {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(address));
    // The default policy of the topic allows the alarms of the account to publish, but `enforceSSL` replaces it.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }

  #alarm(id: string, metric: IMetric, threshold: number, alarmDescription: string, evaluationPeriods = 1): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold,
      evaluationPeriods,
      alarmDescription,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.#topic !== undefined) {
      alarm.addAlarmAction(new SnsAction(this.#topic));
    }
  }
}

/** A metric that counts for all streams and callers together. */
const countOf = (metricName: string) =>
  new Metric({ namespace: METRICS_NAMESPACE, metricName, period: PERIOD, statistic: 'Sum' });

/** Finds a metric of every existing stream: a graph shows one line for each. */
const streams = (name: string, statistic = 'Sum'): IMetric[] => [
  new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},StreamName} MetricName="${name}"', '${statistic}', ${PERIOD.toSeconds()})`,
    usingMetrics: {},
    label: '',
    period: PERIOD,
  }),
];

const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 });
