import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { fromGatewayEvent, toGatewayResult } from '../../functions/middleware/exchange.ts';
import functionUrlEvent from '../fixtures/function-url-event.json' with { type: 'json' };
import httpApiEvent from '../fixtures/http-api-event.json' with { type: 'json' };

const event = (changes: object, base: object = httpApiEvent) => ({ ...base, ...changes }) as APIGatewayProxyEventV2;

describe.each([
  ['HTTP API', httpApiEvent],
  ['function URL', functionUrlEvent],
])('an event of the %s', (_door, base) => {
  it('is read whatever the spelling of its headers; several values of one are joined', () => {
    const headers = { 'X-Amz-Target': 'a', 'CONTENT-TYPE': 'b', 'x-several': 'c,d' };

    expect(fromGatewayEvent(event({ headers }, base)).headers).toEqual({
      'x-amz-target': 'a',
      'content-type': 'b',
      'x-several': 'c,d',
    });
  });

  it('tells its own host name, the client, the path and the query', () => {
    const wire = fromGatewayEvent(event({ rawPath: '/a%20b', rawQueryString: 'x=1&x=2&y=%2F' }, base));

    expect(wire).toMatchObject({
      method: 'POST',
      path: '/a%20b',
      hostName: base.requestContext.domainName,
      sourceIp: '203.0.113.7',
    });
    expect([...wire.query]).toEqual([
      ['x', '1'],
      ['x', '2'],
      ['y', '/'],
    ]);
  });

  it('has its body as text or as base64, as its flag says, or none', () => {
    expect(fromGatewayEvent(event({ body: '{"a":"é"}', isBase64Encoded: false }, base)).body).toBe('{"a":"é"}');
    expect(fromGatewayEvent(event({ body: '/wA=', isBase64Encoded: true }, base)).body).toEqual(Buffer.from([255, 0]));
    expect(fromGatewayEvent(event({ body: undefined, isBase64Encoded: false }, base)).body).toBe('');
  });
});

describe('an answer', () => {
  const answer = { status: 200, headers: { a: 'b' } };

  it('of text goes as text, of bytes as base64', () => {
    expect(toGatewayResult({ ...answer, body: '{}' })).toEqual({
      statusCode: 200,
      headers: { a: 'b' },
      body: '{}',
      isBase64Encoded: false,
    });
    // A view of a larger buffer: the result has only the view's own bytes.
    expect(toGatewayResult({ ...answer, body: new Uint8Array([9, 255, 0, 9]).subarray(1, 3) })).toMatchObject({
      body: '/wA=',
      isBase64Encoded: true,
    });
  });
});
