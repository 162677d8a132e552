import { KinesisFault } from '../faults.ts';
import type { PresentedSignature } from '../protocol/authorization.ts';
import type { WireRequest } from '../protocol/wire-message.ts';
import { equalInConstantTime } from '../signing/constant-time.ts';
import { ALGORITHM, bodyHash, type CredentialScope, signatureOf, signatureTime } from '../signing/signature.ts';
import type { Credential, Credentials } from './credentials.ts';

/** The requirements for a valid signature. */
export interface SignatureTerms {
  readonly region: string;
  /** Other host names that clients may sign for, besides the gateway's own: those of a proxy or a custom domain. */
  readonly hostNames: readonly string[];
  /** How far the time of signing may be from now, ms. */
  readonly signatureWindowMs: number;
}

const SERVICE = 'kinesis';

/** A presigned request may be valid for longer than the signature window, but at most for seven days. */
const MAX_EXPIRES_SECONDS = 604_800;

/** HTTP/2's name for the host. The JavaScript SDK signs it instead of `host`. Gateways pass it on as `host`. */
const AUTHORITY = ':authority';

/** CloudFront adds this header, so no client can have signed it. */
const ADDED_ON_THE_WAY = new Set(['x-amz-cf-id']);

/**
 * Returns the credential that signed a request, and verifies that the request was not changed since. The checks run in
 * this order: key, token, scope, time, signature. It is the real service's order, as far as that is known.
 * @throws KinesisFault UnrecognizedClientException, ExpiredTokenException, InvalidSignatureException
 */
export async function authenticate(
  request: WireRequest,
  presented: PresentedSignature,
  credentials: Credentials,
  terms: SignatureTerms,
  nowMs: number,
): Promise<Credential> {
  const credential = await credentials.find(presented.accessKeyId);
  if (credential === undefined || !equalInConstantTime(presented.securityToken ?? '', credential.sessionToken ?? '')) {
    throw new KinesisFault('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (credential.expiresMs !== undefined && credential.expiresMs <= nowMs) {
    throw new KinesisFault('ExpiredTokenException', 'The security token included in the request is expired');
  }
  checkScope(presented.scope, terms);
  checkTime(presented, terms.signatureWindowMs, nowMs);
  if (!coversRequest(request, presented, terms) || !isSigned(request, presented, credential.secretAccessKey)) {
    throw new KinesisFault(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
        'and signing method. Consult the service documentation for details.',
    );
  }
  return credential;
}

function checkScope(scope: CredentialScope, { region }: SignatureTerms): void {
  if (scope.service !== SERVICE) {
    throw new KinesisFault(
      'InvalidSignatureException',
      `Credential should be scoped to correct service: '${SERVICE}'. `,
    );
  }
  if (scope.region !== region) {
    throw new KinesisFault(
      'InvalidSignatureException',
      `Credential should be scoped to a valid region, not '${scope.region}'. `,
    );
  }
}

function checkTime({ time, expiresSeconds }: PresentedSignature, windowMs: number, nowMs: number): void {
  const signedMs = timeOf(time);
  const minutes = Math.round(windowMs / 60_000);
  const [earliestMs, latestMs] = [nowMs - windowMs, nowMs + windowMs];
  const goodForMs = expiresSeconds === undefined ? windowMs : Math.min(expiresSeconds, MAX_EXPIRES_SECONDS) * 1000;
  if (!(signedMs + goodForMs >= nowMs)) {
    throw new KinesisFault(
      'InvalidSignatureException',
      `Signature expired: ${time} is now earlier than ${signatureTime(earliestMs)} (${signatureTime(nowMs)} - ${minutes} min.)`,
    );
  }
  if (signedMs > latestMs) {
    throw new KinesisFault(
      'InvalidSignatureException',
      `Signature not yet current: ${time} is still later than ${signatureTime(latestMs)} (${signatureTime(nowMs)} + ${minutes} min.)`,
    );
  }
}

/** Whether the signature covers all that it must, and is for this host. */
function coversRequest(request: WireRequest, presented: PresentedSignature, terms: SignatureTerms): boolean {
  const { headers } = request;
  const { signedHeaders } = presented;
  const signed = new Set(signedHeaders);
  return (
    presented.algorithm === ALGORITHM &&
    // Each header once, and only headers that the request has. So the size of the request limits the work.
    signed.size === signedHeaders.length &&
    signedHeaders.every((name) => name === AUTHORITY || Object.hasOwn(headers, name)) &&
    presented.scope.date === presented.time.slice(0, 8) &&
    (signed.has('host') || signed.has(AUTHORITY)) &&
    Object.keys(headers).every(
      (name) => !name.startsWith('x-amz-') || signed.has(name) || ADDED_ON_THE_WAY.has(name),
    ) &&
    [request.hostName, ...terms.hostNames].includes(withoutPort(headers.host ?? ''))
  );
}

function isSigned(request: WireRequest, presented: PresentedSignature, secretAccessKey: string): boolean {
  const { method, path, query, headers, body } = request;
  const claimedHash = headers['x-amz-content-sha256'];
  const hash = bodyHash(body);
  if (claimedHash !== undefined && claimedHash !== hash) {
    return false;
  }
  const expected = signatureOf(
    { method, path, query, headers: { ...headers, [AUTHORITY]: headers.host }, bodyHash: hash },
    presented.signedHeaders,
    secretAccessKey,
    presented.scope,
    presented.time,
  );
  return equalInConstantTime(expected, presented.signature);
}

const withoutPort = (host: string): string => host.toLowerCase().replace(/:\d+$/, '');

/** Converts `yyyyMMddTHHmmssZ` to epoch ms. For any other text the result is that of `Date.parse`, usually NaN. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
