import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Trace segments, and the delivery of a state machine's logs, belong to no resource that a policy could name. */
export function acknowledgeTracing(role: IConstruct): void {
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray segments and log deliveries have no resources to name (IAM service authorization reference).',
  });
}
