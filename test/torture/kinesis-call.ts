import http from 'node:http';
import { SIGNED } from '../support/test-api.ts';

/** What became of a call. */
export type CallResult =
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  | { readonly kind: 'answered'; readonly status: number; readonly body: any }
  /** Nobody was there to take it. */
  | { readonly kind: 'not-sent' }
  /** No answer came: it may have been carried out. */
  | { readonly kind: 'unclear' };

const TIMEOUT_MS = 30_000;

const agent = new http.Agent({ keepAlive: true });

/** Calls an operation in JSON, once: what an SDK would retry is the history's to know. */
export function callKinesis(endpoint: string, action: string, input: object): Promise<CallResult> {
  return new Promise((resolve) => {
    const request = http.request(
      endpoint,
      {
        method: 'POST',
        agent,
        timeout: TIMEOUT_MS,
        headers: {
          ...SIGNED,
          'Content-Type': 'application/x-amz-json-1.1',
          'X-Amz-Target': `Kinesis_20131202.${action}`,
        },
      },
      async (response) => {
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of response) {
            chunks.push(chunk);
          }
          const text = Buffer.concat(chunks).toString();
          resolve({
            kind: 'answered',
            status: response.statusCode ?? 0,
            body: text === '' ? undefined : JSON.parse(text),
          });
        } catch {
          resolve({ kind: 'unclear' });
        }
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: error.code === 'ECONNREFUSED' ? 'not-sent' : 'unclear' }),
    );
    request.end(JSON.stringify(input));
  });
}

/** Several API processes, of which each call meets any. */
export class AnyApi {
  readonly #endpoints: readonly string[];
  readonly #next: () => number;

  constructor(endpoints: readonly string[], next: () => number) {
    this.#endpoints = endpoints;
    this.#next = next;
  }

  call(action: string, input: object): Promise<CallResult> {
    return callKinesis(this.anyEndpoint(), action, input);
  }

  anyEndpoint(): string {
    return this.#endpoints[Math.floor(this.#next() * this.#endpoints.length)] as string;
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  async ok(action: string, input: object): Promise<any> {
    const result = await this.call(action, input);
    return result.kind === 'answered' && result.status === 200 ? (result.body ?? {}) : undefined;
  }
}
