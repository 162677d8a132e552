import { KinesisFault } from '../faults.ts';
import type { PresentedSignature } from '../protocol/authorization.ts';
import type { WireRequest } from '../protocol/wire-message.ts';
import { equalInConstantTime } from '../signing/constant-time.ts';
import { ALGORITHM, bodyHash, type CredentialScope, signatureOf, signatureTime } from '../signing/signature.ts';
import type { Credential, Credentials } from './credentials.ts';

/** What a signature has to be good for. */
export interface SignatureTerms {
  readonly region: string;
  /** Host names besides the gateway's own that clients may have signed for: those of a proxy or a custom domain. */
  readonly hostNames: readonly string[];
  /** How far the time of signing may be from now, ms. */
  readonly signatureWindowMs: number;
}

const SERVICE = 'kinesis';

/** A presigned request may say that it is good for longer than the window, but no longer than this: seven days. */
const MAX_EXPIRES_SECONDS = 604_800;

/** HTTP/2's name of the host, which the JavaScript SDK signs in its place; gateways pass it on as the host. */
const AUTHORITY = ':authority';

/** CloudFront adds it on the way, so no client can have signed it. */
const ADDED_ON_THE_WAY = new Set(['x-amz-cf-id']);

/**
 * Finds out who signed a request, and that nothing of it was changed since. The order of the checks is the real service's as
 * far as it is known: key, token, scope, time, signature.
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

/** Whether the signature is about all that matters, and about this host. */
function coversRequest(request: WireRequest, presented: PresentedSignature, terms: SignatureTerms): boolean {
  const { headers } = request;
  const { signedHeaders } = presented;
  const signed = new Set(signedHeaders);
  return (
    presented.algorithm === ALGORITHM &&
    // Each header once, and only headers that are there: the work is bounded by the request.
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

/** `yyyyMMddTHHmmssZ` as epoch ms; NaN for anything else. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
