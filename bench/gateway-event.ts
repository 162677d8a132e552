import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

const HEADERS = {
  'content-type': 'application/x-amz-json-1.1',
  host: 'localhost',
  'x-amz-date': '20260101T000000Z',
  'x-forwarded-proto': 'https',
  authorization:
    'AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
};

/** The event of the HTTP API for a call in JSON. @param body the input as text */
export function gatewayEvent(operation: string, body: string): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: { ...HEADERS, 'x-amz-target': `Kinesis_20131202.${operation}` },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'bench',
      domainName: 'localhost',
      domainPrefix: 'bench',
      http: { method: 'POST', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
    body,
    isBase64Encoded: false,
  };
}
