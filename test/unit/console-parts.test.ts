import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../../client/failure.ts';
import { streamAddress, streamOf } from '../../console/page/address.ts';
import { cliOption, isPlainValue } from '../../console/page/model/snippets.ts';
import { RequestGuard } from '../../console/server/request-guard.ts';

describe('the names of a console', () => {
  const isRefused = (port: number, host: string) =>
    new RequestGuard(port).refusesFile({ method: 'GET', headers: { host } }) !== undefined;

  it('are those that browsers send, which leave out the port of HTTP itself', () => {
    expect(['127.0.0.1:4568', 'localhost:4568'].map((host) => isRefused(4_568, host))).toEqual([false, false]);
    expect(['127.0.0.1', 'localhost'].map((host) => isRefused(80, host))).toEqual([false, false]);
    expect(['127.0.0.1', '127.0.0.1:80', 'evil.example'].map((host) => isRefused(4_568, host))).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('an endpoint that does not answer in time', () => {
  it('is told by its name', async () => {
    const error = await new Promise((resolve) => {
      const { signal } = { signal: AbortSignal.timeout(0) };
      signal.addEventListener('abort', () => resolve(signal.reason));
    });

    expect(sentenceOf(error, 'http://127.0.0.1:1')).toBe('http://127.0.0.1:1 cannot be reached: nothing answers there');
  });
});

describe('a line for the AWS CLI', () => {
  it('has values that begin with a dash, which are no options', () => {
    expect(cliOption('partition-key', "it's")).toBe(`--partition-key 'it'\\''s'`);
    expect(cliOption('partition-key', '--output')).toBe('--partition-key=--output');
  });

  it('is not offered for values that the AWS CLI takes for places', () => {
    expect(['file:///etc/passwd', 'fileb://a', 'http://a', 'https://a'].map(isPlainValue)).toEqual(
      Array(4).fill(false),
    );
    expect(['file', 'a file://b', 'order-1'].map(isPlainValue)).toEqual([true, true, true]);
  });
});

describe('the address of a stream', () => {
  it.each(['orders', '.', '..', '...', '-x', 'a.b', 'constructor'])('leads to %s, and is no other folder', (name) => {
    const { pathname } = new URL(streamAddress(name, 'records'), 'http://127.0.0.1');
    const [, folder, segment = '', screen] = pathname.split('/');

    expect([folder, screen]).toEqual(['streams', 'records']);
    expect(streamOf(decodeURIComponent(segment))).toBe(name);
  });
});
