import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import S3rver from '@20minutes/s3rver';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BodyStore } from '../../lib/store/body-store.ts';
import { openS3Bodies } from '../../lib/store/s3-bodies.ts';

export const BUCKET = 'bodies';

/** The only key that the server knows. */
export const S3_KEY = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

const DAY_MS = 86_400_000;

/** What goes wrong with a request. */
export type S3Fault =
  /** The service asks for fewer requests, and does nothing. */
  | 'slow-down'
  /** The service does what is asked, and its response never arrives. */
  | 'answer-lost'
  /** The connection breaks before anything is done. */
  | 'request-lost'
  /** The response begins, and never ends. */
  | 'stalled'
  /** The service does what is asked, ms later. */
  | { readonly afterMs: number };

/** Decides what happens to a request; undefined lets it through. */
export type S3FaultPlan = (method: string, key: string) => S3Fault | undefined;

const SLOW_DOWN =
  '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** An S3-compatible server, with faults before it and lifecycle rules by a clock that tests turn. */
export class S3Server {
  readonly endpoint: string;
  /** The clock by which objects are created, epoch ms. */
  now: () => number = Date.now;
  plan: S3FaultPlan = () => undefined;
  /** Requests that are not done yet, those included whose clients have given up. */
  pending = 0;
  /** How many requests there were, by method. */
  readonly calls = new Map<string, number>();
  readonly #created = new Map<string, number>();
  readonly #server: http.Server;
  readonly #folder: string;
  readonly #client: S3Client;
  readonly #stores: { close(): Promise<void> }[] = [];

  private constructor(server: http.Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#client = new S3Client({
      endpoint: this.endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: S3_KEY,
    });
  }

  static async start(): Promise<S3Server> {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-s3-'));
    const s3 = new S3rver({
      directory: folder,
      silent: true,
      // It takes the signatures of lists, whose path ends in a slash, for others.
      allowMismatchedSignatures: true,
      configureBuckets: [{ name: BUCKET, configs: [] }],
    });
    await s3.configureBuckets();
    const respond = s3.callback();
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const started = new S3Server(server, folder);
    server.on('request', (request, response) => {
      started.pending += 1;
      started
        .#respond(request, response, respond)
        .catch(() => response.destroy())
        .finally(() => {
          started.pending -= 1;
        });
    });
    return started;
  }

  /** The bodies that this server keeps, as a process would reach them. */
  bodies(aboveBytes: number, bucket = BUCKET): BodyStore {
    const store = openS3Bodies(
      { account: { accountId: '000000000000', region: 'us-east-1' }, s3Endpoint: this.endpoint },
      { bucket, aboveBytes },
      S3_KEY,
    );
    this.#stores.push(store);
    return store;
  }

  /** The keys of all objects. */
  get keys(): string[] {
    return [...this.#created.keys()];
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    this.#created.delete(key);
  }

  /**
   * What the lifecycle rules remove. They may remove an object as soon as the days of its prefix are over.
   * @param isRemoved chooses among these objects
   */
  async expire(isRemoved: (key: string) => boolean): Promise<void> {
    for (const [key, createdMs] of this.#created) {
      const days = Number(/^(\d+)d\//.exec(key)?.[1]);
      if (this.now() - createdMs >= days * DAY_MS && isRemoved(key)) {
        await this.remove(key);
      }
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
    for (const store of this.#stores) {
      await store.close();
    }
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #respond(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    respond: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>,
  ): Promise<void> {
    const { method = '', url = '' } = request;
    const key = decodeURIComponent(new URL(url, this.endpoint).pathname.slice(`/${BUCKET}/`.length));
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
    const fault = this.plan(method, key);
    if (fault === 'request-lost') {
      request.socket.destroy();
      return;
    }
    if (fault === 'stalled') {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write('a part');
      return;
    }
    if (fault === 'slow-down') {
      request.resume();
      response.writeHead(503, { 'content-type': 'application/xml' }).end(SLOW_DOWN);
      return;
    }
    if (typeof fault === 'object') {
      await sleep(fault.afterMs);
    }
    if (method === 'PUT') {
      this.#created.set(key, this.now());
    }
    if (fault === 'answer-lost') {
      response.end = (() => request.socket.destroy()) as never;
    }
    await respond(request, response);
  }
}
