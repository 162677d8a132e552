import type { WireRequest } from './wire-message.ts';

export const JSON_1_1 = 'application/x-amz-json-1.1';
export const CBOR_1_1 = 'application/x-amz-cbor-1.1';
/** The real service recognises this type, but never serves it. */
export const PLAIN_JSON = 'application/json';

/** The request's media type without parameters. It is case-sensitive. Empty when there is none. */
export function mediaType(request: WireRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
}

/** JSON for a request that declares JSON 1.1. Every other response in the request's own encoding is CBOR. */
export function responseMediaType(request: WireRequest): typeof JSON_1_1 | typeof CBOR_1_1 {
  return mediaType(request) === JSON_1_1 ? JSON_1_1 : CBOR_1_1;
}
