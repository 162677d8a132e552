import { RemovalPolicy } from 'aws-cdk-lib';
import { type LogGroupProps, RetentionDays } from 'aws-cdk-lib/aws-logs';

/**
 * Returns the properties of a log group that is deleted with the stack, and keeps its lines for some days.
 * @throws Error for a number of days that CloudWatch Logs does not support
 */
export function logGroupProps(retentionDays: number): LogGroupProps {
  if (!(retentionDays in RetentionDays)) {
    throw new Error(`logRetentionDays must be a number of days that CloudWatch Logs takes, not ${retentionDays}`);
  }
  return { retention: retentionDays, removalPolicy: RemovalPolicy.DESTROY };
}
