import { KinesisFault } from '../faults.ts';
import type { WireRequest } from './wire-message.ts';

const QUERY_PARAMETERS = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
] as const;

const HEADER_PARAMETERS = ['Credential', 'Signature', 'SignedHeaders'] as const;

/** What is wrong with the form of a request's signature. */
export interface AuthorizationProblem {
  readonly code: 'InvalidSignatureException' | 'MissingAuthenticationTokenException' | 'IncompleteSignatureException';
  readonly sentence: string;
}

/**
 * Looks at the form of a signature: in the `Authorization` header or in the query string, never both, and complete.
 * The sentences are the real service's (observed by kinesalite's tests).
 */
export function authorizationProblem(request: WireRequest): AuthorizationProblem | undefined {
  const header = request.headers.authorization;
  const inQuery = request.query.has('X-Amz-Algorithm');
  if (header && inQuery) {
    return {
      code: 'InvalidSignatureException',
      sentence: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    };
  }
  if (inQuery) {
    return incomplete(missingFromQuery(request.query), 'Re-examine the query-string parameters.');
  }
  if (header) {
    return incomplete(missingFromHeader(header, request), `Authorization=${header}`);
  }
  return { code: 'MissingAuthenticationTokenException', sentence: 'Missing Authentication Token' };
}

/** @throws KinesisFault when the signature's form is wrong, in the request's own encoding */
export function requireAuthorization(request: WireRequest): void {
  const problem = authorizationProblem(request);
  if (problem !== undefined) {
    throw new KinesisFault(problem.code, problem.sentence);
  }
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

function missingFromHeader(header: string, request: WireRequest): string[] {
  const parameters = headerParameters(header);
  const missing = HEADER_PARAMETERS.filter((parameter) => !parameters.has(parameter)).map(
    (parameter) => `Authorization header requires '${parameter}' parameter. `,
  );
  if (!request.headers['x-amz-date'] && !request.headers.date) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  }
  return missing;
}

/** `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, read as leniently as the real service does. */
function headerParameters(header: string): Map<string, string> {
  const [, ...rest] = header.split(/[,\s]+/).filter((part) => part !== '');
  return new Map(
    rest.map((part) => {
      const equals = part.indexOf('=');
      return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}
