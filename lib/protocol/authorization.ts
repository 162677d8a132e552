import { KinesisFault } from '../faults.ts';
import { type CredentialScope, signatureTime } from '../signing/signature.ts';
import type { WireRequest } from './wire-message.ts';

const QUERY_PARAMETERS = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
] as const;

const HEADER_PARAMETERS = ['Credential', 'Signature', 'SignedHeaders'] as const;

/** An error in the form of a request's signature. */
export interface AuthorizationProblem {
  readonly code: 'InvalidSignatureException' | 'MissingAuthenticationTokenException' | 'IncompleteSignatureException';
  readonly sentence: string;
}

/**
 * Checks the form of a signature. It must be complete, and in the `Authorization` header or in the query string, never
 * in both. The sentences are the real service's (observed by kinesalite's tests).
 */
export function authorizationProblem(request: WireRequest): AuthorizationProblem | undefined {
  const header = request.headers.authorization;
  const inQuery = request.query.has('X-Amz-Algorithm');
  if (header && !inQuery) {
    return problemInHeader(header, headerParameters(header), request);
  }
  if (header) {
    return {
      code: 'InvalidSignatureException',
      sentence: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    };
  }
  if (inQuery) {
    return incomplete(missingFromQuery(request.query), 'Re-examine the query-string parameters.');
  }
  return { code: 'MissingAuthenticationTokenException', sentence: 'Missing Authentication Token' };
}

/** The signature of a request, parsed but not yet verified. */
export interface PresentedSignature {
  readonly algorithm: string;
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  /** In lower case. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** The time of signing. A well-formed one is `yyyyMMddTHHmmssZ`. */
  readonly time: string;
  /** How long a presigned request claims to be valid. */
  readonly expiresSeconds?: number;
  readonly securityToken?: string | undefined;
}

/** Parses a request's signature. @throws KinesisFault when its form is wrong, in the request's own encoding */
export function presentedSignature(request: WireRequest): PresentedSignature {
  const header = request.headers.authorization;
  const inHeader = header && !request.query.has('X-Amz-Algorithm') ? headerParameters(header) : undefined;
  const problem = inHeader ? problemInHeader(header as string, inHeader, request) : authorizationProblem(request);
  if (problem !== undefined) {
    throw new KinesisFault(problem.code, problem.sentence);
  }
  return inHeader ? signatureInHeader(request, inHeader) : signatureInQuery(request.query);
}

const problemInHeader = (header: string, parameters: HeaderParameters, request: WireRequest) =>
  incomplete(missingFromHeader(parameters, request), `Authorization=${header}`);

function signatureInQuery(query: URLSearchParams): PresentedSignature {
  const expires = query.get('X-Amz-Expires');
  return {
    algorithm: query.get('X-Amz-Algorithm') ?? '',
    ...credentialParts(query.get('X-Amz-Credential') ?? ''),
    signedHeaders: headerNames(query.get('X-Amz-SignedHeaders') ?? ''),
    signature: query.get('X-Amz-Signature') ?? '',
    time: query.get('X-Amz-Date') ?? '',
    ...(expires !== null && { expiresSeconds: /^\d+$/.test(expires) ? Number(expires) : 0 }),
    securityToken: query.get('X-Amz-Security-Token') ?? undefined,
  };
}

function signatureInHeader({ headers }: WireRequest, parameters: HeaderParameters): PresentedSignature {
  const header = headers.authorization ?? '';
  return {
    algorithm: header.trim().split(/[,\s]/)[0] ?? '',
    ...credentialParts(parameters.get('Credential') ?? ''),
    signedHeaders: headerNames(parameters.get('SignedHeaders') ?? ''),
    signature: parameters.get('Signature') ?? '',
    time: headers['x-amz-date'] ?? basicTime(headers.date ?? ''),
    securityToken: headers['x-amz-security-token'],
  };
}

/** `{access key}/{date}/{region}/{service}/aws4_request`. */
function credentialParts(credential: string): Pick<PresentedSignature, 'accessKeyId' | 'scope'> {
  const [accessKeyId = '', date = '', region = '', service = ''] = credential.split('/');
  return { accessKeyId, scope: { date, region, service } };
}

const headerNames = (list: string): string[] => list.toLowerCase().split(';');

/** Converts an HTTP date to the time format of signatures. Returns any other text unchanged. */
function basicTime(date: string): string {
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? date : signatureTime(ms);
}

function incomplete(missing: string[], closing: string): AuthorizationProblem | undefined {
  return missing.length === 0
    ? undefined
    : { code: 'IncompleteSignatureException', sentence: missing.join('') + closing };
}

function missingFromQuery(query: URLSearchParams): string[] {
  return QUERY_PARAMETERS.filter((parameter) => !query.get(parameter)).map(
    (parameter) => `AWS query-string parameters must include '${parameter}'. `,
  );
}

function missingFromHeader(parameters: HeaderParameters, request: WireRequest): string[] {
  const missing = HEADER_PARAMETERS.filter((parameter) => !parameters.has(parameter)).map(
    (parameter) => `Authorization header requires '${parameter}' parameter. `,
  );
  if (!request.headers['x-amz-date'] && !request.headers.date) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  }
  return missing;
}

type HeaderParameters = ReadonlyMap<string, string>;

/** Parses `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, as leniently as the real service does. */
function headerParameters(header: string): HeaderParameters {
  const [, ...rest] = header.split(/[,\s]+/).filter((part) => part !== '');
  return new Map(
    rest.map((part) => {
      const equals = part.indexOf('=');
      return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}
