import { randomUUID } from 'node:crypto';
import type { KinesisFault } from '../faults.ts';
import { randomText } from '../runtime/random-text.ts';
import type { StructureSchema } from '../schema/structure.ts';
import { formatCbor, formatCborTexts, formatLargeCbor } from './cbor.ts';
import { EVENT_STREAM, type EventStream } from './event-stream.ts';
import { formatJson, formatLargeJson } from './json.ts';
import { isLarge } from './large-output.ts';
import { CBOR_1_1, JSON_1_1, PLAIN_JSON, responseMediaType } from './media-type.ts';
import type { WireRequest, WireResponse } from './wire-message.ts';

/** The two ids of a response. */
export interface RequestIds {
  /** `x-amzn-RequestId`: a UUID. */
  readonly requestId: string;
  /** `x-amz-id-2`: base64 of 72 random bytes. */
  readonly extendedId: string;
}

export function newRequestIds(): RequestIds {
  return { requestId: randomUUID(), extendedId: randomText(72, 'base64') };
}

/** The response to a successful call: the output in the request's encoding, or an empty body without output. */
export async function outputResponse(
  request: WireRequest,
  ids: RequestIds,
  schema: StructureSchema | undefined,
  output: object | undefined,
): Promise<WireResponse> {
  const media = responseMediaType(request);
  const headers = { 'Content-Type': media, ...idHeaders(ids), ...corsHeaders(request) };
  if (schema === undefined || output === undefined) {
    return { status: 200, headers, body: '' };
  }
  return { status: 200, headers, body: await written(media, schema, output) };
}

function written(
  media: string,
  schema: StructureSchema,
  output: object,
): string | Uint8Array | Promise<string | Uint8Array> {
  if (isLarge(schema, output)) {
    return media === JSON_1_1 ? formatLargeJson(schema, output) : formatLargeCbor(schema, output);
  }
  return media === JSON_1_1 ? formatJson(schema, output) : formatCbor(schema, output);
}

/** The response to a successful call that streams events. */
export function streamResponse(request: WireRequest, ids: RequestIds, body: EventStream): WireResponse {
  return { status: 200, headers: { 'Content-Type': EVENT_STREAM, ...idHeaders(ids), ...corsHeaders(request) }, body };
}

/** The response for a fault, written in the fault's form. */
export function faultResponse(request: WireRequest, ids: RequestIds, fault: KinesisFault): WireResponse {
  if (fault.form === 'bare') {
    return { status: fault.status, headers: { 'Transfer-Encoding': 'chunked' }, body: '' };
  }
  const headers = { ...idHeaders(ids), ...corsHeaders(request) };
  if (fault.form === 'xml') {
    return { status: fault.status, headers, body: xmlBody(fault) };
  }
  if (fault.form === 'coral') {
    return { status: fault.status, headers: { 'Content-Type': PLAIN_JSON, ...headers }, body: coralBody(fault) };
  }
  const media = responseMediaType(request);
  const texts = { __type: fault.code, ...(fault.sentence !== undefined && { [fault.form]: fault.sentence }) };
  const body = media === CBOR_1_1 ? formatCborTexts(texts) : JSON.stringify(texts);
  return { status: fault.status, headers: { 'Content-Type': media, ...headers }, body };
}

/** Whether a request is a CORS preflight. Only the size of the body is checked before it is answered. */
export function isPreflight(request: WireRequest): boolean {
  return request.method === 'OPTIONS' && request.headers.origin !== undefined;
}

export function preflightResponse(request: WireRequest, ids: RequestIds): WireResponse {
  const allowHeaders = request.headers['access-control-request-headers'];
  const allowMethods = request.headers['access-control-request-method'];
  return {
    status: 200,
    headers: {
      'x-amzn-RequestId': ids.requestId,
      'Access-Control-Allow-Origin': '*',
      ...(allowHeaders !== undefined && { 'Access-Control-Allow-Headers': allowHeaders }),
      ...(allowMethods !== undefined && { 'Access-Control-Allow-Methods': allowMethods }),
      'Access-Control-Max-Age': '172800',
    },
    body: '',
  };
}

const idHeaders = (ids: RequestIds): Record<string, string> => ({
  'x-amzn-RequestId': ids.requestId,
  'x-amz-id-2': ids.extendedId,
});

function corsHeaders(request: WireRequest): Record<string, string> {
  if (request.headers.origin === undefined) {
    return {};
  }
  return {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers':
      'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date',
  };
}

function xmlBody(fault: KinesisFault): string {
  return fault.sentence === undefined
    ? `<${fault.code}/>\n`
    : `<${fault.code}>\n  <Message>${escapeXml(fault.sentence)}</Message>\n</${fault.code}>\n`;
}

const XML_ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Sentences quote headers. The text of a client must not become markup. */
const escapeXml = (text: string): string => text.replace(/[&<>]/g, (character) => XML_ENTITIES[character] as string);

function coralBody(fault: KinesisFault): string {
  return JSON.stringify({ Output: { __type: `com.amazon.coral.service#${fault.code}` }, Version: '1.0' });
}
