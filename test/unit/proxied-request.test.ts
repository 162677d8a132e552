import { describe, expect, it } from 'vitest';
import { viewerRequest } from '../../lib/authentication/proxied-request.ts';
import type { WireRequest } from '../../lib/protocol/wire-message.ts';

const SECRET = 'known-to-the-proxy';

const request = (headers: Record<string, string>): WireRequest => ({
  method: 'POST',
  path: '/',
  hostName: 'url.example',
  sourceIp: '198.51.100.1',
  headers: { host: 'url.example', ...headers },
  query: new URLSearchParams(),
  body: '{}',
});

const told = {
  'x-rivulet-viewer-host': 'D111.cloudfront.net',
  'x-rivulet-viewer-ip': '203.0.113.9',
};

describe('a request through a proxy', () => {
  it('that proves itself has the host and the address that the proxy saw', () => {
    expect(viewerRequest(request({ ...told, 'x-rivulet-proxy': SECRET }), SECRET)).toMatchObject({
      hostName: 'd111.cloudfront.net',
      sourceIp: '203.0.113.9',
      headers: { host: 'D111.cloudfront.net' },
    });
  });

  it.each([
    ['nothing', {}, SECRET],
    ['another secret', { 'x-rivulet-proxy': 'guessed' }, SECRET],
    ['an empty secret', { 'x-rivulet-proxy': '' }, ''],
  ])('that proves itself by %s is refused', (_what, proof, secret) => {
    expect(() => viewerRequest(request({ ...told, ...proof } as Record<string, string>), secret)).toThrow(
      'Requests have to come through the CloudFront distribution.',
    );
  });

  it('is taken as it came where there is no proxy', () => {
    const received = request({ ...told, 'x-rivulet-proxy': 'undefined' });

    expect(viewerRequest(received, undefined)).toBe(received);
  });
});
