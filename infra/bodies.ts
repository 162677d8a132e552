import { CustomResource, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnDirectoryBucket } from 'aws-cdk-lib/aws-s3express';
import { Construct } from 'constructs';
import { bodyThreshold } from '../cost/threshold.ts';
import { OBJECT_LIVES_DAYS, objectPrefix } from '../lib/store/object-lives.ts';
import { acknowledgeObjects } from './acknowledgements.ts';
import { BucketEmptier } from './bucket-emptier.ts';
import type { Bodies } from './props.ts';

export interface BodyBucketProps {
  readonly bodies: Exclude<Bodies, { in: 'dynamodb' }>;
  /** Whether the bodies are deleted with the stack. */
  readonly sandbox: boolean;
  readonly encryptionKey: IKey | undefined;
  readonly logRetentionDays: number;
}

/** The days of an upload that was never completed. Rivulet makes none, but a lifecycle rule without this is incomplete. */
const ABORTED_UPLOAD_DAYS = 1;

/**
 * The bucket that keeps large bodies: encrypted, without public access, with one lifecycle rule for each life of an object.
 * Only in a sandbox it is deleted with the stack.
 */
export class BodyBucket extends Construct {
  readonly bucketName: string;
  readonly #isExpress: boolean;
  readonly #arn: string;
  readonly #aboveBytes: number;

  constructor(scope: Construct, id: string, props: BodyBucketProps) {
    super(scope, id);
    const { bodies } = props;
    this.#isExpress = bodies.in === 's3-express';
    this.#aboveBytes = bodies.aboveBytes ?? bodyThreshold(bodies.in);
    if (bodies.bucketName !== undefined) {
      this.bucketName = bodies.bucketName;
      this.#arn = bucketArn(this, bodies.in, bodies.bucketName);
      return;
    }
    const bucket = bodies.in === 's3' ? this.#general(props) : this.#directory(bodies.zone, props);
    this.bucketName = bucket.name;
    this.#arn = bucket.arn;
    if (props.sandbox) {
      const emptier = new BucketEmptier(this, 'Emptier', { ...bucket, isExpress: this.#isExpress, ...props });
      new CustomResource(this, 'Empty', {
        serviceToken: emptier.functionArn,
        properties: { Bucket: bucket.name },
        // Another bucket is another resource: CloudFormation then empties the old one.
        resourceType: 'Custom::EmptyBucket',
      }).node.addDependency(bucket.resource);
    }
  }

  /** The environment variables by which the functions find the bucket. */
  get environment(): Record<string, string> {
    return { BODIES_BUCKET: this.bucketName, BODIES_ABOVE: String(this.#aboveBytes) };
  }

  /** Allows to put and get objects, and to learn that one is gone. Nothing deletes them but lifecycle rules. */
  grantUse(role: IRole): void {
    const statement = this.#isExpress
      ? // A session of a directory bucket is the only thing that its policies know.
        new PolicyStatement({ actions: ['s3express:CreateSession'], resources: [this.#arn] })
      : new PolicyStatement({ actions: ['s3:PutObject', 's3:GetObject'], resources: [`${this.#arn}/*`] });
    role.addToPrincipalPolicy(statement);
    if (!this.#isExpress) {
      // Without it, S3 answers 403 for an object that is gone, and not 404.
      role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.#arn] }));
    }
    acknowledgeObjects(role, this.#arn);
  }

  #general({ sandbox, encryptionKey }: BodyBucketProps) {
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      lifecycleRules: OBJECT_LIVES_DAYS.map((days) => ({
        id: `${days}-days`,
        prefix: objectPrefix(days),
        expiration: Duration.days(days),
        abortIncompleteMultipartUploadAfter: Duration.days(ABORTED_UPLOAD_DAYS),
      })),
      removalPolicy: sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Only the functions of this stack read and write it; access logs would cost more than the objects.',
    });
    return { name: bucket.bucketName, arn: bucket.bucketArn, resource: bucket as IBucket as Construct };
  }

  #directory(zone: string, { sandbox, encryptionKey }: BodyBucketProps) {
    const bucket = new CfnDirectoryBucket(this, 'DirectoryBucket', {
      locationName: zone,
      dataRedundancy: 'SingleAvailabilityZone',
      bucketEncryption: {
        serverSideEncryptionConfiguration: [
          {
            bucketKeyEnabled: encryptionKey !== undefined,
            serverSideEncryptionByDefault: encryptionKey
              ? { sseAlgorithm: 'aws:kms', kmsMasterKeyId: encryptionKey.keyArn }
              : { sseAlgorithm: 'AES256' },
          },
        ],
      },
      lifecycleConfiguration: {
        rules: OBJECT_LIVES_DAYS.map((days) => ({
          id: `${days}-days`,
          prefix: objectPrefix(days),
          status: 'Enabled',
          expirationInDays: days,
          abortIncompleteMultipartUpload: { daysAfterInitiation: ABORTED_UPLOAD_DAYS },
        })),
      },
    });
    bucket.applyRemovalPolicy(sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    // It needs no policy: directory buckets accept TLS only, and are never public.
    return { name: bucket.ref, arn: bucket.attrArn, resource: bucket as Construct };
  }
}

function bucketArn(scope: Construct, kind: 's3' | 's3-express', name: string): string {
  const stack = Stack.of(scope);
  return kind === 's3'
    ? stack.formatArn({ service: 's3', region: '', account: '', resource: name })
    : stack.formatArn({ service: 's3express', resource: 'bucket', resourceName: name });
}
