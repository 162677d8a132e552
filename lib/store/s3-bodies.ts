import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Configuration } from '../configuration.ts';
import { memoized } from '../runtime/memoized.ts';
import { boundedRequests } from './aws-requests.ts';
import type { BodyStore } from './body-store.ts';
import { retried } from './retries.ts';

/** A call that hangs must not delay its append past the acknowledgement deadline: there are three attempts, with pauses between them. */
const REQUEST_BOUNDS = { requestTimeoutMs: 2_000, maxSockets: 64 };

/** The longest that one attempt takes, its whole response included, ms. The timeout of a request ends with the headers of the response. */
const ATTEMPT_MS = 2_500;

/**
 * The error that tells of a missing object. Any other 404 is of a missing bucket: objects must not be taken for expired because
 * their bucket was named wrongly. Functions may list the bucket, since S3 answers 403 for a missing object to those that may not.
 */
const isMissing = (error: unknown): boolean => (error as Error | undefined)?.name === 'NoSuchKey';

/**
 * Bodies as objects of an S3 bucket, general purpose or directory: the SDK takes its way of signing from the bucket's name. The
 * SDK is loaded ahead, but not waited for: most processes put a small record first.
 * @param credentials undefined: those that the SDK finds
 */
export function openS3Bodies(
  { account, s3Endpoint }: Pick<Configuration, 'account' | 's3Endpoint'>,
  { bucket: Bucket, aboveBytes }: { readonly bucket: string; readonly aboveBytes: number },
  credentials?: S3ClientConfig['credentials'],
): BodyStore & { close(): Promise<void> } {
  const opened = memoized(async () => {
    const sdk = await import('@aws-sdk/client-s3');
    const client = new sdk.S3Client({
      region: account.region,
      // The caller of a put repeats it under another name.
      maxAttempts: 1,
      ...(credentials && { credentials }),
      requestHandler: boundedRequests(REQUEST_BOUNDS),
      ...(s3Endpoint !== undefined && { endpoint: s3Endpoint, forcePathStyle: true }),
    });
    return { sdk, client };
  });
  // A failure to load is told by the first call.
  opened().catch(() => {});
  return {
    aboveBytes,
    async put(Key, Body) {
      const { sdk, client } = await opened();
      await inTime((abortSignal) => client.send(new sdk.PutObjectCommand({ Bucket, Key, Body }), { abortSignal }));
    },
    async get(Key) {
      const { sdk, client } = await opened();
      const get = async (abortSignal: AbortSignal) => {
        const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket, Key }), { abortSignal });
        abortSignal.addEventListener('abort', () => (Body as { destroy?(): void } | undefined)?.destroy?.());
        return Body?.transformToByteArray();
      };
      return retried('S3', () => inTime(get)).catch(unlessMissing(undefined));
    },
    async copy(from, Key) {
      const { sdk, client } = await opened();
      // Keys have no character that a header would have to escape.
      const copy = (abortSignal: AbortSignal) =>
        client.send(new sdk.CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${from}` }), { abortSignal });
      return retried('S3', () => inTime(copy)).then(() => true, unlessMissing(false));
    },
    close: async () => (await opened()).client.destroy(),
  };
}

/** Ends an attempt that takes too long, in whichever part of it. @throws DOMException TimeoutError, which may be retried */
async function inTime<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborting = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new DOMException('S3 did not answer in time', 'TimeoutError'));
    aborting.abort();
  }, ATTEMPT_MS);
  try {
    const working = attempt(aborting.signal);
    // What the aborted attempt throws concerns nobody.
    working.catch(() => {});
    return await Promise.race([working, late.promise]);
  } finally {
    clearTimeout(timer);
  }
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
