import { Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { StreamsDashboard } from './dashboard.ts';
import type { StreamTables } from './tables.ts';
import { PERIOD, type Watched, watch } from './watched.ts';

/** The alarm for slow requests, ms. Kinesis' own calls take about ten ms. */
const SLOW_MS = 2_000;

/** The alarm for refusals in five minutes. A single misconfigured client causes more, because it retries. */
const MANY_REFUSALS = 10;

/** The shares of a budget at which its owner gets a mail, %. */
const BUDGET_SHARES = [80, 100];

export interface MonitoringProps {
  /** Whether the dispatcher streams responses. */
  readonly streaming: boolean;
  readonly dispatcher: IFunction;
  readonly stateMachine: StateMachine;
  readonly tables: StreamTables;
  readonly alarms?: boolean;
  readonly alarmEmail?: string;
  readonly alarmTopicArn?: string;
  readonly dashboard?: boolean;
  readonly budgetUsd?: number;
}

/** Alarms, a dashboard and a budget for the owner, as chosen. */
export class Monitoring extends Construct {
  readonly dashboardUrl: string | undefined;
  readonly #topics: readonly ITopic[];

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const hasAlarms = props.alarms ?? true;
    this.#topics = hasAlarms ? this.#alarmTopics(props) : [];
    const watched = watch(props.dispatcher, props.stateMachine);
    if (hasAlarms) {
      this.#alarms(watched, props);
    }
    if (props.budgetUsd !== undefined) {
      this.#budget(props.budgetUsd, props.alarmEmail);
    }
    this.dashboardUrl = props.dashboard === true ? new StreamsDashboard(this, 'Dashboard', watched).url : undefined;
  }

  #alarms(watched: Watched, { streaming, tables }: MonitoringProps): void {
    this.#alarm('Errors', watched.errors, 1, 'The dispatcher failed: requests were answered by nobody.');
    this.#alarm(
      'Faults',
      watched.faults,
      1,
      'Requests were answered by InternalFailure; the log of the dispatcher tells why.',
    );
    this.#alarm(
      'Refusals',
      watched.refusals,
      MANY_REFUSALS,
      'Requests were refused for their signatures or by policies; the lines "trail" of the dispatcher\'s log tell whose and why.',
    );
    this.#alarm(
      'Throttles',
      watched.refusedConcurrency,
      1,
      'Requests were refused since all reserved concurrency was in use.',
    );
    if (!streaming) {
      // A subscription is a request of five minutes, so durations show nothing there.
      this.#alarm('SlowRequests', watched.p99, SLOW_MS, 'One request in a hundred takes more than two seconds.', 3);
    }
    this.#alarm(
      'FailedTransitions',
      watched.failedTransitions,
      1,
      'A create, delete or reshard failed: its stream waits to be described.',
    );
    this.#alarm(
      'StuckTransitions',
      watched.stuckTransitions,
      1,
      'A create, delete or reshard did not come to its end in a day.',
    );
    // Reads of the streams table are few, since processes remember streams. Ten alarms of an account are free.
    for (const [table, kind] of [
      [tables.streams, 'Write'],
      [tables.records, 'Read'],
      [tables.records, 'Write'],
    ] as const) {
      const throttled = table.metric(`${kind}ThrottleEvents`, { period: PERIOD, statistic: 'Sum' });
      this.#alarm(`${table.node.id}${kind}sThrottled`, throttled, 10, 'DynamoDB refused calls for their load.', 3);
    }
  }

  #alarmTopics({ alarmEmail, alarmTopicArn }: MonitoringProps): ITopic[] {
    return [
      ...(alarmEmail === undefined ? [] : [this.#emailTopic(alarmEmail)]),
      ...(alarmTopicArn === undefined ? [] : [Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn)]),
    ];
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

  /** @throws Error without an address: a budget that tells nobody protects nobody */
  #budget(amount: number, address: string | undefined): void {
    if (address === undefined) {
      throw new Error('budgetUsd needs alarmEmail, the address that gets its mails');
    }
    // Of the whole account: a budget of one stack would need cost allocation tags, which the account has to activate.
    new CfnBudget(this, 'Budget', {
      budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount, unit: 'USD' } },
      notificationsWithSubscribers: BUDGET_SHARES.map((threshold) => ({
        notification: { notificationType: 'ACTUAL', comparisonOperator: 'GREATER_THAN', threshold },
        subscribers: [{ subscriptionType: 'EMAIL', address }],
      })),
    });
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
    for (const topic of this.#topics) {
      alarm.addAlarmAction(new SnsAction(topic));
    }
  }
}
