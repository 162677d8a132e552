import { Stack, Validations } from 'aws-cdk-lib';
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

/** Acknowledges the finding that a state machine is not traced: tracing costs, and is a choice. */
export function acknowledgeNoTracing(stateMachine: IConstruct): void {
  Validations.of(stateMachine).acknowledge({
    id: 'AwsSolutions-SF2',
    reason: 'Traces cost $5 a million; tracing=true turns them on. The log of the state machine has every step.',
  });
}

/** Acknowledges that a role may use every object of a bucket. @param arn the bucket's, with references in it */
export function acknowledgeObjects(role: IConstruct, arn: string): void {
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${named(role, arn)}/*]`,
    reason: 'The bucket has nothing but bodies of batches, whose keys are made when they are stored.',
  });
}

/** Acknowledges the actions of a KMS key that CDK grants with a wildcard. */
export function acknowledgeKey(role: IConstruct): void {
  for (const action of ['kms:GenerateDataKey*', 'kms:ReEncrypt*']) {
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Action::${action}]`,
      reason: 'The actions that begin so are those by which services encrypt with the one key that is named.',
    });
  }
}

/** An ARN as cdk-nag writes it: references by their logical ids. */
function named(scope: IConstruct, arn: string): string {
  const resolved = Stack.of(scope).resolve(arn) as
    | string
    | {
        readonly 'Fn::GetAtt'?: readonly string[];
        readonly 'Fn::Join'?: readonly [string, readonly (string | { readonly Ref: string })[]];
      };
  if (typeof resolved === 'string') {
    return resolved;
  }
  const { 'Fn::GetAtt': attribute, 'Fn::Join': join } = resolved;
  return attribute
    ? `<${attribute.join('.')}>`
    : (join?.[1] ?? []).map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join('');
}
