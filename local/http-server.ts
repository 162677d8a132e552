import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

/** Answers requests of both HTTP versions. */
export type RequestListener = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** What an HTTP/2 client without TLS sends first (RFC 9113, section 3.4). */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A connection that does not tell its protocol within this time is closed. */
const PREFACE_TIMEOUT_MS = 10_000;

/** How long an answer in flight may take once the server is closing. */
const CLOSE_GRACE_MS = 10_000;

/**
 * One port for HTTP/1.1 and HTTP/2 without TLS: the connection's first bytes tell which. The JavaScript SDK's Kinesis
 * client opens with HTTP/2, everyone else with HTTP/1.1.
 */
export class HttpServer {
  readonly #sockets = new Set<net.Socket>();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server;
  readonly #listener: net.Server;
  #inFlight = 0;
  #idle: (() => void) | undefined;

  constructor(listener: RequestListener) {
    const counted: RequestListener = (request, response) => {
      this.#inFlight += 1;
      response.once('close', () => this.#ended());
      listener(request, response);
    };
    this.#http1 = http.createServer(counted);
    this.#http2 = http2.createServer((request, response) =>
      counted(request as unknown as http.IncomingMessage, response as unknown as http.ServerResponse),
    );
    this.#http2.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
    this.#listener = net.createServer((socket) => this.#accept(socket));
  }

  /** @param port 0 for any free one @returns the port that is open now */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(port, host, () => resolve());
    });
    return (this.#listener.address() as net.AddressInfo).port;
  }

  /** Stops: no new connections, requests in flight are answered, then every connection is closed. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const session of this.#sessions) {
      session.close();
    }
    await this.#answered();
    for (const socket of this.#sockets) {
      // Ends after what has been written; a client that keeps its side open is cut off.
      socket.end();
      setTimeout(() => socket.destroy(), 100).unref();
    }
    await closed;
  }

  #answered(): Promise<void> {
    if (this.#inFlight === 0) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#idle = resolve;
      setTimeout(resolve, CLOSE_GRACE_MS).unref();
    });
  }

  #ended(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) {
      this.#idle?.();
    }
  }

  #accept(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // A client that resets its connection is its own affair.
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    const timeout = setTimeout(() => socket.destroy(), PREFACE_TIMEOUT_MS);
    const look = () => {
      const head = socket.read() as Buffer | null;
      if (head === null) {
        return;
      }
      const known = Math.min(head.length, HTTP2_PREFACE.length);
      const isHttp2 = head.subarray(0, known).equals(HTTP2_PREFACE.subarray(0, known));
      socket.unshift(head);
      if (isHttp2 && known < HTTP2_PREFACE.length) {
        // Still either: wait for more.
        return;
      }
      clearTimeout(timeout);
      socket.off('readable', look);
      (isHttp2 ? this.#http2 : this.#http1).emit('connection', socket);
    };
    socket.on('readable', look);
    socket.once('close', () => clearTimeout(timeout));
  }
}
