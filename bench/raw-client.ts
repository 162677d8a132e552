import net from 'node:net';
import { bodyHash, signatureOf, signatureTime } from '../lib/signing/signature.ts';

const REGION = 'us-east-1';
const ACCESS_KEY = 'AKIDEXAMPLE00000';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const SIGNED_HEADERS = ['content-type', 'host', 'x-amz-date', 'x-amz-target'];
const HEADERS_END = Buffer.from('\r\n\r\n');
const TIMEOUT_MS = 60_000;

/**
 * Calls Kinesis over persistent HTTP/1.1 connections, with as little work as possible: the client must not dominate
 * the measurement. Each action gets one well-formed signature, which all its requests repeat. Servers that allow
 * every caller check no more than its form.
 */
export class RawClient {
  readonly #url: URL;
  readonly #connections: number;
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  readonly #heads = new Map<string, string>();

  /** @param connections the most connections, and so the most requests that run at the same time */
  constructor(endpoint: string, connections: number) {
    this.#url = new URL(endpoint);
    this.#connections = connections;
  }

  /** @param body the input as JSON @returns the text of the response @throws Error unless the status is 200 */
  async call(action: string, body: string): Promise<string> {
    const connection = this.#free.pop() ?? (await this.#connection());
    try {
      const { status, text } = await connection.exchange(
        `${this.#head(action)}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      if (status !== 200) {
        throw new Error(`${action} answered ${status}: ${text.slice(0, 300)}`);
      }
      return text;
    } finally {
      this.#release(connection);
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: responses of every shape
  async json(action: string, input: object): Promise<any> {
    const text = await this.call(action, JSON.stringify(input));
    return text === '' ? undefined : JSON.parse(text);
  }

  close(): void {
    for (const connection of this.#all) {
      connection.close();
    }
  }

  #connection(): Promise<Connection> | Connection {
    if (this.#all.length >= this.#connections) {
      return new Promise((resolve) => this.#waiting.push(resolve));
    }
    const connection = new Connection(this.#url);
    this.#all.push(connection);
    return connection;
  }

  #release(connection: Connection): void {
    if (connection.isBroken) {
      this.#all.splice(this.#all.indexOf(connection), 1);
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free.push(connection);
    } else {
      next(connection);
    }
  }

  #head(action: string): string {
    const known = this.#heads.get(action) ?? this.#signedHead(action);
    this.#heads.set(action, known);
    return known;
  }

  #signedHead(action: string): string {
    const time = signatureTime(Date.now());
    const headers: Record<string, string> = {
      'content-type': 'application/x-amz-json-1.1',
      host: this.#url.host,
      'x-amz-date': time,
      'x-amz-target': `Kinesis_20131202.${action}`,
    };
    const scope = { date: time.slice(0, 8), region: REGION, service: 'kinesis' };
    const request = { method: 'POST', path: '/', query: new URLSearchParams(), headers, bodyHash: bodyHash('') };
    const signature = signatureOf(request, SIGNED_HEADERS, SECRET, scope, time);
    headers.authorization =
      `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/${scope.date}/${REGION}/kinesis/aws4_request, ` +
      `SignedHeaders=${SIGNED_HEADERS.join(';')}, Signature=${signature}`;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `POST / HTTP/1.1\r\n${lines.join('')}`;
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A connection that sends one request at a time. */
class Connection {
  isBroken = false;
  readonly #socket: net.Socket;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** The size of the current response with its headers. Infinite until the headers have arrived. */
  #wanted = Number.POSITIVE_INFINITY;
  #bodyAt = 0;
  #status = 0;
  #answer: PromiseWithResolvers<Answer> | undefined;

  constructor({ hostname, port }: URL) {
    this.#socket = net.connect(Number(port), hostname);
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(TIMEOUT_MS, () => this.#fail(new Error('the answer took too long')));
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  exchange(request: string): Promise<Answer> {
    this.#answer = Promise.withResolvers();
    this.#socket.write(request);
    return this.#answer.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.isBroken = true;
    this.#socket.destroy();
    this.#answer?.reject(error);
    this.#answer = undefined;
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#wanted === Number.POSITIVE_INFINITY) {
      this.#readHead();
    }
    if (this.#bytes < this.#wanted) {
      return;
    }
    const whole = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const answer = this.#answer;
    this.#chunks = [];
    this.#bytes = 0;
    this.#wanted = Number.POSITIVE_INFINITY;
    this.#answer = undefined;
    answer?.resolve({ status: this.#status, text: whole.toString('utf8', this.#bodyAt) });
  }

  #readHead(): void {
    const known = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [known];
    const end = known.indexOf(HEADERS_END);
    if (end === -1) {
      return;
    }
    const head = known.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.#fail(new Error(`an answer without a length: ${head}`));
      return;
    }
    this.#status = Number(head.slice(9, 12));
    this.#bodyAt = end + HEADERS_END.length;
    this.#wanted = this.#bodyAt + Number(length);
  }
}
