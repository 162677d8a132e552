import { createHmac, hash } from 'node:crypto';

/** The parts of an HTTP request that a signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** As the client sent it. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; several values of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** SHA-256 of the body, hexadecimal. */
  readonly bodyHash: string;
}

/** The day, region and service for which a signature is valid. */
export interface CredentialScope {
  /** `yyyyMMdd`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';

const hexSha256 = (content: string | Uint8Array): string => hash('sha256', content, 'hex');

/** The hash of a body, as signatures cover it. */
export const bodyHash = hexSha256;

const hmac = (key: string | Uint8Array, content: string): Buffer => createHmac('sha256', key).update(content).digest();

/**
 * The Signature Version 4 of a request, hexadecimal.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @param signedHeaders names in lower case, in the order in which the client listed them
 * @param time          `yyyyMMddTHHmmssZ`
 */
export function signatureOf(
  request: SignedRequest,
  signedHeaders: readonly string[],
  secretAccessKey: string,
  scope: CredentialScope,
  time: string,
): string {
  return signatureWith(signingKey(secretAccessKey, scope), request, signedHeaders, scope, time);
}

/** The same with a signing key that was made earlier. A key is valid for one day. */
export function signatureWith(
  key: Uint8Array,
  request: SignedRequest,
  signedHeaders: readonly string[],
  scope: CredentialScope,
  time: string,
): string {
  const canonical = canonicalRequest(request, signedHeaders);
  const stringToSign = [ALGORITHM, time, scopeText(scope), hexSha256(canonical)].join('\n');
  return hmac(key, stringToSign).toString('hex');
}

/** `{date}/{region}/{service}/aws4_request`. */
export const scopeText = ({ date, region, service }: CredentialScope): string =>
  `${date}/${region}/${service}/aws4_request`;

/** Derives the key that signs for a scope. */
export function signingKey(secretAccessKey: string, { date, region, service }: CredentialScope): Buffer {
  const parts = [date, region, service, 'aws4_request'];
  return parts.reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secretAccessKey}`) as Buffer;
}

/** A time in the format of signatures: `yyyyMMddTHHmmssZ`. */
export const signatureTime = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name] ?? '')}`),
    '',
    signedHeaders.join(';'),
    request.bodyHash,
  ].join('\n');
}

/** Removes empty segments and dot segments, and encodes the path once more, as for every service except S3. */
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') {
      kept.pop();
    } else if (segment !== '' && segment !== '.') {
      kept.push(encode(segment));
    }
  }
  const closing = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.join('/')}${closing}`;
}

/** Encodes the parameters, then sorts them by name and value. The signature itself is left out. */
function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, v], [b, w]) => compare(a, b) || compare(v, w))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Encodes all characters except the unreserved ones of RFC 3986. */
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const canonicalValue = (value: string): string => value.trim().replace(/ +/g, ' ');
