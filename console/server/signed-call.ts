import type { Endpoint } from '../../client/endpoint.ts';
import { ALGORITHM, bodyHash, scopeText, signatureOf, signatureTime } from '../../lib/signing/signature.ts';

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
  const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
  const { host, pathname } = new URL(url);
  const time = signatureTime(Date.now());
  const scope = { date: time.slice(0, 8), region, service: 'kinesis' };
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-date': time,
    'x-amz-target': `${TARGET}.${operation}`,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
  const request = {
    method: 'POST',
    path: pathname,
    query: new URLSearchParams(),
    headers: { ...headers, host },
    bodyHash: bodyHash(body),
  };
  const signed = Object.keys(request.headers).sort();
  const signature = signatureOf(request, signed, secretAccessKey, scope, time);
  const credential = `${accessKeyId}/${scopeText(scope)}`;
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${signed.join(';')}, Signature=${signature}`,
  };
}
