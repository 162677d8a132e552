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

/**
 * Sends a call of the page to the endpoint, signed for the console's profile. Nothing of it is read or changed on the way, so the
 * page sees the very answers of the endpoint.
 * @param body JSON of the operation's input
 * @throws Error if the endpoint cannot be reached, or there are no keys to sign with
 */
export async function signedCall(
  endpoint: Endpoint,
  operation: string,
  body: Buffer,
  signal: AbortSignal,
): Promise<Answer> {
  const { url } = endpoint;
  const response = await fetch(url, {
    method: 'POST',
    headers: await signedHeaders(endpoint, operation, body),
    body: new Uint8Array(body),
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  return { status: response.status, body: await response.text() };
}

async function signedHeaders(
  { client, url, region }: Endpoint,
  operation: string,
  body: Buffer,
): Promise<Record<string, string>> {
  const { host, pathname } = new URL(url);
  const signer = new RequestSigner(region, 'kinesis', () => client.config.credentials());
  const { headers } = await signer.sign({
    method: 'POST',
    hostname: host,
    path: pathname,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${TARGET}.${operation}` },
    body,
  });
  return headers;
}
