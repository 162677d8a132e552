import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeKey, acknowledgeObjects } from './acknowledgements.ts';
import { functionCode } from './function-code.ts';
import { logGroupProps } from './log-groups.ts';

export interface BucketEmptierProps {
  readonly arn: string;
  readonly isExpress: boolean;
  readonly encryptionKey: IKey | undefined;
  readonly logRetentionDays: number;
}

/** The function that CloudFormation calls before it deletes the bucket of a sandbox: only an empty bucket can be deleted. */
export class BucketEmptier extends Construct {
  readonly functionArn: string;

  constructor(scope: Construct, id: string, { arn, isExpress, encryptionKey, logRetentionDays }: BucketEmptierProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', logGroupProps(logRetentionDays));
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    const emptier = new LambdaFunction(this, 'Function', {
      role,
      logGroup,
      code: functionCode('empty-bucket'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.minutes(15),
      memorySize: 256,
    });
    emptier.addToRolePolicy(
      isExpress
        ? new PolicyStatement({ actions: ['s3express:CreateSession'], resources: [arn] })
        : new PolicyStatement({ actions: ['s3:ListBucket', 's3:DeleteObject'], resources: [arn, `${arn}/*`] }),
    );
    if (encryptionKey !== undefined) {
      // A session of an encrypted directory bucket needs the key.
      encryptionKey.grantEncryptDecrypt(role);
      acknowledgeKey(role);
    }
    acknowledgeObjects(role, arn);
    this.functionArn = emptier.functionArn;
  }
}
