import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Configuration } from '../configuration.ts';
import { memoized } from '../runtime/memoized.ts';
import type { BodyStore } from './body-store.ts';
import { StoreThrottled } from './store-errors.ts';

/** A call that hangs must not delay its append past the acknowledgement deadline: three attempts, and the pauses between them. */
const MAX_ATTEMPTS = 3;
const REQUEST_TIMEOUT_MS = 2_000;
const CONNECTION_TIMEOUT_MS = 1_000;
const DEADLINE_MS = 7_000;
const MAX_SOCKETS = 64;

/** A refused call for the load of the service. Directory buckets report the same status. */
const SLOW_DOWN = 503;

/** What the SDK reports of an error. */
interface ToldError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

const isMissing = (error: unknown): boolean =>
  ['NoSuchKey', 'NotFound'].includes((error as ToldError | undefined)?.name ?? '') ||
  (error as ToldError | undefined)?.$metadata?.httpStatusCode === 404;

const isRefusedForLoad = (error: unknown): boolean =>
  (error as ToldError | undefined)?.name === 'SlowDown' ||
  (error as ToldError | undefined)?.$metadata?.httpStatusCode === SLOW_DOWN;

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
      maxAttempts: MAX_ATTEMPTS,
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
  const within = () => ({ abortSignal: AbortSignal.timeout(DEADLINE_MS) });
  return {
    aboveBytes,
    async put(key, bytes) {
      const { PutObjectCommand } = await sdk();
      const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes });
      await (await client()).send(put, within()).catch(rethrow);
    },
    async get(key) {
      const { GetObjectCommand } = await sdk();
      try {
        const { Body } = await (await client()).send(new GetObjectCommand({ Bucket: bucket, Key: key }), within());
        return await Body?.transformToByteArray();
      } catch (error) {
        return isMissing(error) ? undefined : rethrow(error);
      }
    },
    async copy(from, to) {
      const { CopyObjectCommand } = await sdk();
      try {
        // Keys have no character that a header would have to escape.
        const copy = new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${from}` });
        await (await client()).send(copy, within());
        return true;
      } catch (error) {
        return isMissing(error) ? false : rethrow(error);
      }
    },
    close: async () => ((await client()) as S3Client).destroy(),
  };
}

function rethrow(error: unknown): never {
  throw isRefusedForLoad(error) ? new StoreThrottled('S3 refused a call for its load', { cause: error }) : error;
}
