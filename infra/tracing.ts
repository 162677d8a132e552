import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges a finding of cdk-nag: the policy of a role has the resource `*`. Trace segments, and the delivery of a
 * state machine's logs, have no resource that a policy could name.
 */
export function acknowledgeTracing(role: IConstruct): void {
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray segments and log deliveries have no resources to name (IAM service authorization reference).',
  });
}
