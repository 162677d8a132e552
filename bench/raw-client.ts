import http from 'node:http';
import { bodyHash, signatureOf, signatureTime } from '../lib/authentication/signature.ts';

const REGION = 'us-east-1';
const ACCESS_KEY = 'AKIDEXAMPLE00000';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const SIGNED_HEADERS = ['content-type', 'host', 'x-amz-date', 'x-amz-target'];
const TIMEOUT_MS = 60_000;

/** Calls Kinesis over HTTP/1.1 with connections that are kept, signed, and with as little work as that takes. */
export class RawClient {
  readonly #url: URL;
  readonly #agent: http.Agent;

  /** @param connections requests that run at once at most */
  constructor(endpoint: string, connections: number) {
    this.#url = new URL(endpoint);
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @param body the input as JSON @returns the answer's text @throws Error unless the status is 200 */
  call(action: string, body: string): Promise<string> {
    const headers = this.#signed(action, body);
    return new Promise((resolve, reject) => {
      const request = http.request(
        this.#url,
        { method: 'POST', agent: this.#agent, headers, timeout: TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            if (response.statusCode === 200) {
              resolve(text);
            } else {
              reject(new Error(`${action} answered ${response.statusCode}: ${text.slice(0, 300)}`));
            }
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${action} took too long`)));
      request.on('error', reject);
      request.end(body);
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  async json(action: string, input: object): Promise<any> {
    const text = await this.call(action, JSON.stringify(input));
    return text === '' ? undefined : JSON.parse(text);
  }

  close(): void {
    this.#agent.destroy();
  }

  #signed(action: string, body: string): Record<string, string> {
    const time = signatureTime(Date.now());
    const headers: Record<string, string> = {
      'content-type': 'application/x-amz-json-1.1',
      host: this.#url.host,
      'x-amz-date': time,
      'x-amz-target': `Kinesis_20131202.${action}`,
    };
    const scope = { date: time.slice(0, 8), region: REGION, service: 'kinesis' };
    const request = { method: 'POST', path: '/', query: new URLSearchParams(), headers, bodyHash: bodyHash(body) };
    const signature = signatureOf(request, SIGNED_HEADERS, SECRET, scope, time);
    headers.authorization =
      `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/${scope.date}/${REGION}/kinesis/aws4_request, ` +
      `SignedHeaders=${SIGNED_HEADERS.join(';')}, Signature=${signature}`;
    headers['content-length'] = String(Buffer.byteLength(body));
    return headers;
  }
}
