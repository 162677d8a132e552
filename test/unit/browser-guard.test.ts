import { describe, expect, it } from 'vitest';
import { BrowserGuard } from '../../local/browser-guard.ts';

describe('a server that lets everybody in', () => {
  const guard = new BrowserGuard(['https://console.example.com']);

  it.each([
    ['an SDK by whatever name', { host: 'rivulet:4567' }],
    ['an SDK from a container', { host: 'host.docker.internal:4567' }],
    ['an SDK by an address of the network', { host: '10.1.2.3:4567' }],
    ['a page of this machine', { host: 'localhost:4567', origin: 'http://localhost:3000' }],
    ['a page of this machine over IPv6', { host: '[::1]:4567', origin: 'http://[::1]:3000' }],
    ['a page by a name of its own on this machine', { host: 'localhost:4567', origin: 'http://app.localhost' }],
    ['a page of this machine over HTTP/2', { ':authority': '127.0.0.1:4567', origin: 'http://127.0.0.1:80' }],
    ['the very page that it might serve', { host: 'localhost:4567', 'sec-fetch-site': 'same-origin' }],
    ['a page that was allowed', { host: 'localhost:4567', origin: 'https://console.example.com' }],
  ])('takes %s', (_who, headers) => {
    expect(guard.refuses({ headers })).toBeUndefined();
  });

  it.each([
    [
      'a page of the web',
      { host: 'localhost:4567', origin: 'https://example.com' },
      'the origin "https://example.com"',
    ],
    ['a page without an origin of its own', { host: 'localhost:4567', origin: 'null' }, 'the origin "null"'],
    ['a file', { host: 'localhost:4567', origin: 'file://' }, 'the origin "file://"'],
    ['a name that ends like this machine', { host: 'localhost', origin: 'http://evil-localhost' }, 'the origin'],
    ['a name that begins like it', { host: 'localhost', origin: 'http://localhost.example.com' }, 'the origin'],
    ['a user who is called like it', { host: 'localhost', origin: 'http://localhost:1@example.com' }, 'the origin'],
    ['a foreign name that leads here', { host: 'example.com:4567', 'sec-fetch-site': 'same-origin' }, 'the host'],
    ['the same with an origin', { host: 'example.com', origin: 'http://example.com' }, 'the origin'],
    ['the same over HTTP/2', { ':authority': 'example.com', 'sec-fetch-mode': 'cors' }, 'the host "example.com"'],
    ['a page that names no host', { 'sec-fetch-mode': 'cors' }, 'the host ""'],
  ])('refuses %s', (_who, headers, what) => {
    expect(guard.refuses({ headers })).toContain(what);
  });

  it('tells back little of what it was sent', () => {
    expect(guard.refuses({ headers: { origin: 'x'.repeat(10_000) } })?.length).toBeLessThan(200);
  });

  it('takes any page where all are allowed', () => {
    expect(new BrowserGuard(['*']).refuses({ headers: { origin: 'https://example.com' } })).toBeUndefined();
  });
});
