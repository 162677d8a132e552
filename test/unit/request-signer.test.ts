import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestSigner } from '../../lib/signing/request-signer.ts';

/** The hash that AWS' signer uses, made with Node's. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  update(content: string | Uint8Array): void {
    this.#hash.update(content);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

const request = () => ({
  protocol: 'https:',
  method: 'POST',
  hostname: 'dynamodb.eu-west-1.amazonaws.com',
  path: '/',
  query: {},
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    host: 'dynamodb.eu-west-1.amazonaws.com',
    'x-amz-target': 'DynamoDB_20120810.PutItem',
  },
  body: '{"TableName":"records","Item":{"pk":{"S":"ключ"}}}',
});

describe('a call', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2030-05-06T07:08:09Z') });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['dynamodb', 'without a session token', {}],
    ['dynamodb', 'with a session token', { sessionToken: 'token' }],
    ['kinesis', 'with a session token', { sessionToken: 'token' }],
  ] as const)(
    'to %s is signed as AWS own signer signs it, %s, and again on the next day',
    async (service, _what, token) => {
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', ...token };
      const aws = new SignatureV4({
        service,
        region: 'eu-west-1',
        credentials,
        sha256: Sha256 as never,
        applyChecksum: false,
      });
      const lean = new RequestSigner('eu-west-1', service, async () => credentials);
      for (let days = 0; days < 2; days++) {
        const expected = (await aws.sign(request() as never)) as unknown as { headers: object };
        const signed = (await lean.sign(request() as never)) as unknown as { headers: object };

        expect(signed.headers).toEqual(expected.headers);
        vi.advanceTimersByTime(86_400_000);
      }
    },
  );
});
