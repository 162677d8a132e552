import http from 'node:http';
import { SIGNED } from '../support/test-api.ts';
import type { RefusalEvent } from './history.ts';
import { refusalsOf } from './refusals.ts';
import { JSON_ENCODING, type WireEncoding } from './wire-encoding.ts';

/** The result of a call. */
export type CallResult =
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  | { readonly kind: 'answered'; readonly status: number; readonly body: any }
  /** No process accepted the connection. */
  | { readonly kind: 'not-sent' }
  /** No response came: the call may have been carried out. `late`: a stopped process may still carry it out. */
  | { readonly kind: 'unclear'; readonly late: boolean };

const TIMEOUT_MS = 15_000;

/** Clients avoid a process that did not respond in time for so long, ms, as load balancers do. */
const AVOIDED_MS = 10_000;

/** Until when clients avoid each endpoint, epoch ms. */
const avoided = new Map<string, number>();

const agent = new http.Agent({ keepAlive: true });

export interface CallOptions {
  readonly encoding?: WireEncoding;
  readonly timeoutMs?: number;
}

/** Calls an operation once. An SDK would retry, but the history has to contain every attempt. */
export function callKinesis(
  endpoint: string,
  action: string,
  input: object,
  { encoding = JSON_ENCODING, timeoutMs = TIMEOUT_MS }: CallOptions = {},
): Promise<CallResult> {
  return new Promise((resolve) => {
    let late = false;
    const request = http.request(
      endpoint,
      {
        method: 'POST',
        agent,
        timeout: timeoutMs,
        headers: {
          ...SIGNED,
          'Content-Type': encoding.contentType,
          'X-Amz-Target': `Kinesis_20131202.${action}`,
        },
      },
      async (response) => {
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of response) {
            chunks.push(chunk);
          }
          const body = Buffer.concat(chunks);
          resolve({
            kind: 'answered',
            status: response.statusCode ?? 0,
            body: body.length === 0 ? undefined : encoding.parse(body),
          });
        } catch {
          resolve({ kind: 'unclear', late });
        }
      },
    );
    request.on('timeout', () => {
      late = true;
      avoided.set(endpoint, Date.now() + AVOIDED_MS);
      request.destroy();
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? { kind: 'not-sent' } : { kind: 'unclear', late }),
    );
    request.end(encoding.format(input));
  });
}

export interface ApiOptions extends CallOptions {
  /** Called for every call that has ended, in whatever way. */
  readonly called?: () => void;
  /** Called for every error in a response. */
  readonly refused?: (refusal: RefusalEvent) => void;
}

/** Several API processes. Each call goes to any of them. */
export class AnyApi {
  /** The number of calls without a response in time. They may still be carried out. */
  unanswered = 0;
  readonly #endpoints: readonly string[];
  readonly #next: () => number;
  readonly #options: ApiOptions;

  constructor(endpoints: readonly string[], next: () => number, options: ApiOptions = {}) {
    this.#endpoints = endpoints;
    this.#next = next;
    this.#options = options;
  }

  async call(action: string, input: object): Promise<CallResult> {
    const endpoint = this.anyEndpoint();
    const startMs = Date.now();
    const result = await callKinesis(endpoint, action, input, this.#options);
    this.#options.called?.();
    if (result.kind === 'unclear' && result.late) {
      this.unanswered += 1;
    }
    if (result.kind === 'answered') {
      const { StreamName: stream = '' } = input as { readonly StreamName?: string };
      this.noteRefusals({ stream, action, endpoint, startMs }, result);
    }
    return result;
  }

  noteRefusals(
    call: Pick<RefusalEvent, 'stream' | 'action' | 'endpoint' | 'startMs'>,
    answer: { readonly status: number; readonly body: unknown },
  ): void {
    for (const refusal of refusalsOf(call.action, answer)) {
      this.#options.refused?.({ kind: 'refusal', ...call, ...refusal, endMs: Date.now() });
    }
  }

  anyEndpoint(): string {
    const nowMs = Date.now();
    const healthy = this.#endpoints.filter((endpoint) => (avoided.get(endpoint) ?? 0) <= nowMs);
    const endpoints = healthy.length > 0 ? healthy : this.#endpoints;
    return endpoints[Math.floor(this.#next() * endpoints.length)] as string;
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  async ok(action: string, input: object): Promise<any> {
    const result = await this.call(action, input);
    return result.kind === 'answered' && result.status === 200 ? (result.body ?? {}) : undefined;
  }
}
