import type { Endpoint } from '../../client/endpoint.ts';
import { RequestSigner } from '../../lib/signing/request-signer.ts';

/** How long the endpoint may take, ms. */
const TIMEOUT_MS = 60_000;

/** The API that the operations belong to, as requests name it. */
const TARGET = 'Kinesis_20131202';

/** An endpoint's answer: JSON, as it came. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends a call of the page: an operation, and JSON of its input. */
export type SignedCall = (operation: string, body: Buffer, signal: AbortSignal) => Promise<Answer>;

/** The largest answer of Kinesis is 10 MiB of records, in base64. What is larger than this comes from something else. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Sends the page's calls to the endpoint, signed for the console's profile. Nothing of them is read or changed on the way, so the
 * page sees the very answers of the endpoint. A call throws an error if the endpoint cannot be reached, if it answers without end, or
 * if there are no keys to sign with.
 */
export function signedCalls({ client, url, region }: Endpoint): SignedCall {
  const { host, pathname } = new URL(url);
  const signer = new RequestSigner(region, 'kinesis', () => client.config.credentials());
  return async (operation, body, signal) => {
    const { headers } = await signer.sign({
      method: 'POST',
      hostname: host,
      path: pathname,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${TARGET}.${operation}` },
      body,
    });
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { status: response.status, body: await textOf(response) };
  };
}

/** @throws Error above the limit */
async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) {
      throw new Error(`it answers with more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
