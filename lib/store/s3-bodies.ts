import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Configuration } from '../configuration.ts';
import { memoized } from '../runtime/memoized.ts';
import type { BodyStore } from './body-store.ts';
import { retried } from './retries.ts';

/** A call that hangs must not delay its append past the acknowledgement deadline: there are three attempts, with pauses between them. */
const REQUEST_TIMEOUT_MS = 2_000;
const CONNECTION_TIMEOUT_MS = 1_000;
const MAX_SOCKETS = 64;

/** What the SDK reports of an error. */
interface ToldError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const isMissing = (error: unknown): boolean =>
  ['NoSuchKey', 'NotFound'].includes((error as ToldError | undefined)?.name ?? '') ||
  (error as ToldError | undefined)?.$metadata?.httpStatusCode === 404;

/**
 * Bodies as objects of an S3 bucket, general purpose or directory: the SDK takes its way of signing from the bucket's name. The
 * SDK is loaded ahead, but not waited for: most processes put a small record first.
 * @param credentials undefined: those that the SDK finds
 */
export function openS3Bodies(
  { account, s3Endpoint }: Pick<Configuration, 'account' | 's3Endpoint'>,
  { bucket, aboveBytes }: { readonly bucket: string; readonly aboveBytes: number },
  credentials?: S3ClientConfig['credentials'],
): BodyStore & { close(): Promise<void> } {
  const sdk = memoized(() => import('@aws-sdk/client-s3'));
  const client = memoized(async () => {
    const { S3Client } = await sdk();
    return new S3Client({
      region: account.region,
      // The caller of a put repeats it under another name.
      maxAttempts: 1,
      ...(credentials && { credentials }),
      requestHandler: new NodeHttpHandler({
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
        httpAgent: { maxSockets: MAX_SOCKETS },
        httpsAgent: { maxSockets: MAX_SOCKETS },
      }),
      ...(s3Endpoint !== undefined && { endpoint: s3Endpoint, forcePathStyle: true }),
    });
  });
  // A failure to load is told by the first call.
  client().catch(() => {});
  return {
    aboveBytes,
    async put(key, bytes) {
      const { PutObjectCommand } = await sdk();
      await (await client()).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },
    async get(key) {
      const { GetObjectCommand } = await sdk();
      const s3 = await client();
      const get = async () => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return Body?.transformToByteArray();
      };
      return retried('S3', get).catch(unlessMissing(undefined));
    },
    async copy(from, to) {
      const { CopyObjectCommand } = await sdk();
      const s3 = await client();
      // Keys have no character that a header would have to escape.
      const copy = () => s3.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${from}` }));
      return retried('S3', copy).then(() => true, unlessMissing(false));
    },
    close: async () => ((await client()) as S3Client).destroy(),
  };
}

/** Answers for an object that is not there. */
const unlessMissing =
  <T>(answer: T) =>
  (error: unknown): T => {
    if (isMissing(error)) {
      return answer;
    }
    throw error;
  };
