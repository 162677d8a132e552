import { decode } from 'cborg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../local/store.ts';
import { SIGNED, TestApi } from '../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ environment: { ALLOWED_ORIGINS: 'https://example.org' } });
});

afterAll(() => api.close());

const JSON_1_1 = 'application/x-amz-json-1.1';
const CBOR_1_1 = 'application/x-amz-cbor-1.1';
const LIST_STREAMS = 'Kinesis_20131202.ListStreams';

interface Sent {
  readonly method?: string;
  readonly type?: string | null;
  readonly target?: string | null;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly query?: string;
}

function send({ method = 'POST', type = JSON_1_1, target = LIST_STREAMS, body, headers = SIGNED, query }: Sent) {
  const all: Record<string, string> = { ...headers };
  if (type !== null) {
    all['Content-Type'] = type;
  }
  if (target !== null) {
    all['X-Amz-Target'] = target;
  }
  return api.send({ method, headers: all, ...(body !== undefined && { body }) }, query);
}

const xml = (code: string, sentence?: string) =>
  sentence === undefined ? `<${code}/>\n` : `<${code}>\n  <Message>${sentence}</Message>\n</${code}>\n`;

const UNDETERMINED = xml('AccessDeniedException', 'Unable to determine service/operation name to be authorized');

describe('every answer', () => {
  it('carries two ids, its own length and type, and no white space', async () => {
    const { status, headers, text } = await send({ body: '{}' });

    expect(status).toBe(200);
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(Buffer.from(headers.get('x-amz-id-2') ?? '', 'base64')).toHaveLength(72);
    expect(headers.get('content-type')).toBe(JSON_1_1);
    expect(headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(headers.get('date')).toBeTruthy();
    expect(headers.has('access-control-allow-origin')).toBe(false);
    expect(text).toBe('{"StreamNames":[],"HasMoreStreams":false,"StreamSummaries":[]}');
  });

  it('to another origin carries the CORS headers', async () => {
    const { headers } = await send({ body: '{}', headers: { ...SIGNED, Origin: 'https://example.org' } });

    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBe(
      'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date',
    );
  });

  it('uses the media type of the request without its parameters', async () => {
    expect((await send({ type: `${JSON_1_1};charset=UTF-8`, body: '{}' })).headers.get('content-type')).toBe(JSON_1_1);
  });

  it('in CBOR holds what the JSON one holds', async () => {
    const response = await fetch(`${api.endpoint}/any/path`, {
      method: 'POST',
      headers: { ...SIGNED, 'Content-Type': CBOR_1_1, 'X-Amz-Target': LIST_STREAMS },
      body: Buffer.from('a0', 'hex'),
    });

    expect(response.headers.get('content-type')).toBe(CBOR_1_1);
    expect(decode(new Uint8Array(await response.arrayBuffer()))).toEqual({
      StreamNames: [],
      HasMoreStreams: false,
      StreamSummaries: [],
    });
  });
});

describe('a CORS preflight', () => {
  it('is answered without authentication and without the second id', async () => {
    const { status, headers, text } = await send({
      method: 'OPTIONS',
      type: null,
      target: null,
      headers: {
        Origin: 'https://example.org',
        'Access-Control-Request-Headers': 'x-amz-target',
        'Access-Control-Request-Method': 'POST',
      },
    });

    expect([status, text]).toEqual([200, '']);
    expect(headers.get('access-control-allow-headers')).toBe('x-amz-target');
    expect(headers.get('access-control-allow-methods')).toBe('POST');
    expect(headers.get('access-control-max-age')).toBe('172800');
    expect(headers.has('x-amzn-requestid')).toBe(true);
    expect(headers.has('x-amz-id-2')).toBe(false);
    expect(headers.has('content-type')).toBe(false);
    expect(headers.get('content-length')).toBe('0');
  });
});

describe('what is no Kinesis call is answered in XML', () => {
  it.each<[string, Sent, number, string]>([
    ['GET without a target', { method: 'GET', target: null, type: null }, 403, UNDETERMINED],
    ['PUT with one part of a target', { method: 'PUT', target: 'Kinesis_20131202', body: '{}' }, 403, UNDETERMINED],
    ['OPTIONS without an origin', { method: 'OPTIONS', target: null, type: null }, 403, UNDETERMINED],
    [
      'GET without authentication',
      { method: 'GET', target: null, headers: {} },
      403,
      xml('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    ],
    [
      'DELETE with an incomplete signature',
      { method: 'DELETE', target: null, headers: { Authorization: 'a' } },
      403,
      xml(
        'IncompleteSignatureException',
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
          "Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either " +
          "a 'X-Amz-Date' or a 'Date' header. Authorization=a",
      ),
    ],
    ['an unknown content type', { type: 'text/plain', body: '{}' }, 404, xml('UnknownOperationException')],
    ['an unknown content type without a target', { type: 'text/plain', target: null, body: '{}' }, 403, UNDETERMINED],
    [
      'an unknown content type and service',
      { type: 'text/plain', target: 'other.ListStreams', body: '{}' },
      403,
      xml(
        'UnrecognizedClientException',
        'No authorization strategy was found for service: other, operation: ListStreams',
      ),
    ],
    ['a content type of Object.prototype', { type: 'constructor', body: '{}' }, 404, xml('UnknownOperationException')],
    ['a known operation of no service', { type: 'text/plain', target: '.ListStreams', body: '{}' }, 403, UNDETERMINED],
    [
      'an unknown content type and operation',
      { type: 'text/plain', target: 'Kinesis_20131202.Other', body: '{}' },
      500,
      xml('InternalFailure'),
    ],
  ])('%s', async (_what, sent, status, text) => {
    const answer = await send(sent);

    expect([answer.status, answer.text]).toEqual([status, text]);
    expect(answer.headers.has('content-type')).toBe(false);
    expect(answer.headers.has('x-amz-id-2')).toBe(true);
  });

  it('without letting the client write markup', async () => {
    const { text } = await send({ method: 'GET', target: null, headers: { Authorization: '<b>&' } });

    expect(text).toContain('Authorization=&lt;b&gt;&amp;</Message>');
  });
});

describe('a body that cannot be served', () => {
  it.each<[string, Sent, number, object]>([
    ['empty', { body: '' }, 400, { __type: 'SerializationException' }],
    ['empty, target unknown', { body: '', target: 'x' }, 400, { __type: 'UnknownOperationException' }],
    ['not JSON', { body: '{', headers: {} }, 400, { __type: 'SerializationException' }],
    ['null', { body: 'null' }, 400, { __type: 'SerializationException' }],
    ['a number', { body: '1' }, 400, { __type: 'SerializationException' }],
    ['a list', { body: '[]' }, 400, { __type: 'SerializationException' }],
    [
      'plain JSON that does not parse',
      { type: 'application/json', body: '{' },
      400,
      { Output: { __type: 'com.amazon.coral.service#SerializationException' }, Version: '1.0' },
    ],
    [
      'plain JSON',
      { type: 'application/json', body: '{}' },
      404,
      { Output: { __type: 'com.amazon.coral.service#UnknownOperationException' }, Version: '1.0' },
    ],
    ['for no target', { body: '{}', target: null }, 400, { __type: 'UnknownOperationException' }],
    [
      'for an unknown operation',
      { body: '{}', target: 'Kinesis_20131202.X' },
      400,
      { __type: 'UnknownOperationException' },
    ],
    ['for another service', { body: '{}', target: 'X.ListStreams' }, 400, { __type: 'UnknownOperationException' }],
  ])('%s', async (_what, sent, status, body) => {
    const answer = await send(sent);

    expect([answer.status, answer.body]).toEqual([status, body]);
  });

  it.each([
    ['an unknown type', 'text/plain', 'SerializationException', LIST_STREAMS],
    ['plain JSON', 'application/json', 'UnknownOperationException', 'x'],
    ['CBOR', CBOR_1_1, 'SerializationException', LIST_STREAMS],
  ])('empty with %s is answered in CBOR', async (_what, type, __type, target) => {
    const response = await fetch(api.endpoint, {
      method: 'POST',
      headers: { 'Content-Type': type, 'X-Amz-Target': target },
    });

    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe(CBOR_1_1);
    expect(decode(new Uint8Array(await response.arrayBuffer()))).toEqual({ __type });
  });

  it.each([
    ['POST', {}],
    ['OPTIONS', { Origin: 'https://example.org' }],
  ])('above the size limit gets 413 and nothing else, by %s', async (method, more) => {
    const body = 'x'.repeat(16 * 1024 * 1024 + 1);
    const { status, headers, text } = await send({ method, body, headers: { ...SIGNED, ...more } });

    expect([status, text]).toEqual([413, '']);
    expect(headers.get('transfer-encoding')).toBe('chunked');
    expect(headers.has('x-amzn-requestid')).toBe(false);
  });
});

describe('authentication', () => {
  it.each<[string, Sent, object]>([
    [
      'missing',
      { headers: {} },
      { __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' },
    ],
    [
      'in header and query',
      { query: '?X-Amz-Algorithm=' },
      {
        __type: 'InvalidSignatureException',
        message: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
      },
    ],
    [
      'incomplete in the header',
      { headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b', 'X-Amz-Date': 'x' } },
      {
        __type: 'IncompleteSignatureException',
        message:
          "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b",
      },
    ],
    [
      'incomplete in the query',
      { headers: {}, query: '?X-Amz-Algorithm=&X-Amz-Credential=a&X-Amz-Date=b&X-Amz-Signature=c' },
      {
        __type: 'IncompleteSignatureException',
        message:
          "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include " +
          "'X-Amz-SignedHeaders'. Re-examine the query-string parameters.",
      },
    ],
  ])('%s', async (_what, sent, body) => {
    expect(await send({ body: '{}', ...sent })).toMatchObject({ status: 400, body });
  });

  it('in the query is as good as in the header', async () => {
    const query = '?X-Amz-Algorithm=a&X-Amz-Credential=a&X-Amz-Date=b&X-Amz-Signature=c&X-Amz-SignedHeaders=d';

    expect(await send({ body: '{}', headers: {}, query })).toMatchObject({ status: 200 });
  });

  it('comes before types, and after the target', async () => {
    expect((await send({ body: '{"Limit":"x"}', headers: {} })).body.__type).toBe(
      'MissingAuthenticationTokenException',
    );
    expect((await send({ body: '{"Limit":"x"}' })).body).toEqual({
      __type: 'SerializationException',
      Message: 'class java.lang.String can not be converted to an Integer',
    });
  });
});

describe('a fault that nobody foresaw', () => {
  it('is answered as an internal failure without a word about it, and logged', async () => {
    const store = await openStore({
      ACCOUNT_ID: '000000000000',
      AWS_REGION: 'us-east-1',
      STREAMS_TABLE: 'streams',
      RECORDS_TABLE: 'records',
    });
    const broken = await TestApi.start({ store, environment: { STREAMS_TABLE: 'streams', RECORDS_TABLE: 'records' } });
    await broken.createStream('stream');
    await broken.call('PutRecord', { StreamName: 'stream', PartitionKey: 'secret key', Data: '' });
    store.close();

    const answer = await broken.call('ListStreams', {});

    expect(answer).toMatchObject({ status: 500, text: '{"__type":"InternalFailure"}' });
    expect(broken.logged.join()).toContain('ListStreams');
    expect(broken.logged.join()).not.toContain('secret key');
    await broken.close();
  });
});
