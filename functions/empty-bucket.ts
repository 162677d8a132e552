import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { faultLog } from './fault-log.ts';

/** The time that is left for the response to CloudFormation, ms. Without one, CloudFormation waits for an hour. */
const RESPONSE_MS = 20_000;

/**
 * Deletes the objects of a bucket, a thousand at a time.
 * @param remainingMs how much time is left, ms
 * @throws Error if the time is over, or if an object could not be deleted
 */
export async function emptyBucket(s3: S3Client, bucket: string, remainingMs: () => number): Promise<void> {
  while (remainingMs() > RESPONSE_MS) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    if (Contents.length === 0) {
      return;
    }
    const objects = Contents.map(({ Key }) => ({ Key }));
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
    );
    if (Errors.length > 0) {
      throw new Error(`${Errors.length} objects could not be deleted: ${Errors[0]?.Code}`);
    }
  }
  throw new Error('the bucket has too many objects for one run: delete the stack again, and it continues');
}

/**
 * Empties the bucket of a sandbox before CloudFormation deletes it. For everything but a deletion it does nothing.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref.html
 */
export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  const outcome = { Status: 'SUCCESS', Reason: '' };
  const { Bucket } = event.ResourceProperties as unknown as { readonly Bucket: string };
  try {
    if (event.RequestType === 'Delete') {
      await emptyBucket(new S3Client({}), Bucket, () => context.getRemainingTimeInMillis());
    }
  } catch (error) {
    faultLog.error('the bucket could not be emptied', error);
    outcome.Status = 'FAILED';
    outcome.Reason = error instanceof Error ? error.message : String(error);
  }
  const { StackId, RequestId, LogicalResourceId } = event;
  // CloudFormation deletes what had another id before: a bucket that was replaced.
  const PhysicalResourceId = Bucket;
  const body = { ...outcome, StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  // The URL is signed for a request without a content type.
  await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': '' } });
}
