import { describe, expect, it } from 'vitest';
import { asViewed } from '../../lib/authentication/proxied-request.ts';
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
    expect(asViewed(request({ ...told, 'x-rivulet-proxy': SECRET }), SECRET)).toMatchObject({
      hostName: 'd111.cloudfront.net',
      sourceIp: '203.0.113.9',
      headers: { host: 'D111.cloudfront.net' },
    });
  });

  it.each([
    ['nothing', {}, SECRET],
    ['another secret', { 'x-rivulet-proxy': 'guessed' }, SECRET],
    ['an empty secret where there is no proxy', { 'x-rivulet-proxy': '' }, ''],
    ['any secret where there is no proxy', { 'x-rivulet-proxy': 'undefined' }, undefined],
  ])('that proves itself by %s is taken as it came', (_what, proof, secret) => {
    const received = request({ ...told, ...proof } as Record<string, string>);

    expect(asViewed(received, secret)).toBe(received);
  });
});
