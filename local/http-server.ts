import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import type { Certificate } from './certificate.ts';

/** Answers requests of both HTTP versions. */
export type RequestListener = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** What an HTTP/2 client without TLS sends first (RFC 9113, section 3.4). */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A connection that does not show its protocol within this time is closed, ms. */
const PREFACE_TIMEOUT_MS = 10_000;

/** A connection on which nothing moves for so long is closed: half a request does not hold one for ever. */
const IDLE_TIMEOUT_MS = 120_000;

/** A client that sends its headers more slowly than this is let go. */
const HEADERS_TIMEOUT_MS = 15_000;

/** How long a connection may rest between two requests: longer than clients keep theirs. */
const KEEP_ALIVE_MS = 90_000;

/** Beyond so many, connections are closed as they come. */
const MAX_CONNECTIONS = 16_000;

/** Requests that one HTTP/2 connection may have under way. */
const MAX_STREAMS = 1_024;

const HTTP2_OPTIONS = { settings: { maxConcurrentStreams: MAX_STREAMS } };

/** This machine only. */
const LOOPBACK = '127.0.0.1';
const LOOPBACK_6 = '::1';

/** What a machine without IPv6 says. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/** How long a response in progress may take once the server is closing, ms. */
const CLOSE_GRACE_MS = 5_000;

/** The first byte of a TLS connection: a handshake record (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;

/**
 * One port for HTTP/1.1, HTTP/2 without TLS, and TLS with either: the connection's first bytes tell which. The JavaScript
 * SDK's Kinesis client opens with HTTP/2, the Kinesis Producer Library with TLS, everyone else with HTTP/1.1.
 */
export class HttpServer {
  readonly #sockets = new Set<net.Socket>();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server;
  /** One for each address. */
  readonly #listeners: net.Server[] = [];
  readonly #counted: RequestListener;
  readonly #certificate: () => Promise<Certificate>;
  #tls: Promise<tls.Server> | undefined;
  #inFlight = 0;
  #closing = false;
  #idle: (() => void) | undefined;

  /**
   * @param certificate      asked for by the first connection with TLS
   * @param headersTimeoutMs how long a client may take to send the headers of a request
   */
  constructor(
    listener: RequestListener,
    certificate: () => Promise<Certificate>,
    headersTimeoutMs: number = HEADERS_TIMEOUT_MS,
  ) {
    this.#certificate = certificate;
    this.#counted = (request, response) => {
      this.#inFlight += 1;
      if (this.#closing && request.httpVersionMajor < 2) {
        response.setHeader('Connection', 'close');
      }
      response.once('close', () => this.#ended());
      listener(request, response);
    };
    this.#http1 = http.createServer(
      {
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: headersTimeoutMs,
        connectionsCheckingInterval: headersTimeoutMs,
      },
      this.#counted,
    );
    this.#http1.timeout = IDLE_TIMEOUT_MS;
    // It never listens itself, but checks for slow headers only if it believes so.
    this.#http1.emit('listening');
    this.#http2 = http2.createServer(HTTP2_OPTIONS, this.#counted2);
    this.#http2.on('session', (session) => this.#track(session));
  }

  /** HTTP/2's compatibility API has all parts of HTTP/1.1's that are used here. */
  readonly #counted2 = (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse): void =>
    this.#counted(request as unknown as http.IncomingMessage, response as unknown as http.ServerResponse);

  #track(session: http2.ServerHttp2Session): void {
    this.#sessions.add(session);
    session.setTimeout(IDLE_TIMEOUT_MS, () => session.destroy());
    session.once('close', () => this.#sessions.delete(session));
  }

  /**
   * Clients may choose HTTP/2 or HTTP/1.1 (ALPN). What counts is what they send: the Java SDK's asynchronous client begins with
   * HTTP/2 inside TLS without having chosen anything.
   */
  async #createTls(): Promise<tls.Server> {
    const server = tls.createServer(
      {
        ...(await this.#certificate()),
        ALPNProtocols: ['h2', 'http/1.1'],
        handshakeTimeout: PREFACE_TIMEOUT_MS,
      },
      (socket) => this.#whenTold(socket, (protocol) => this.#serveDecrypted(protocol, socket)),
    );
    // A handshake that fails is the client's affair, as is a connection that breaks.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  /**
   * @param port 0 for any free one
   * @param host undefined: this machine only, by IPv4 and, where there is one, by IPv6
   * @returns the port that is open now
   */
  async listen(port: number, host: string | undefined): Promise<number> {
    if (host !== undefined) {
      return this.#listenAt(port, host);
    }
    const opened = await this.#listenAt(port, LOOPBACK);
    await this.#listenAt(opened, LOOPBACK_6).catch((error: NodeJS.ErrnoException) => {
      if (!NO_SUCH_ADDRESS.has(error.code ?? '')) {
        throw error;
      }
    });
    return opened;
  }

  async #listenAt(port: number, host: string): Promise<number> {
    const listener = net.createServer((socket) => this.#accept(socket));
    listener.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(port, host, () => resolve());
    });
    this.#listeners.push(listener);
    return (listener.address() as net.AddressInfo).port;
  }

  /** Stops: no new connections, requests in flight are answered, then every connection is closed. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = Promise.all(
      this.#listeners.map((listener) => new Promise<void>((resolve) => listener.close(() => resolve()))),
    );
    for (const session of this.#sessions) {
      session.close();
    }
    await this.#answered();
    this.#http1.close();
    for (const socket of this.#sockets) {
      // Ends after the written data. A client that keeps its side open is disconnected.
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
    socket.setNoDelay(true);
    this.#whenTold(socket, (protocol) => {
      this.#serve(protocol, socket).catch(() => socket.destroy());
    });
  }

  /** Reads the first bytes of a connection, and leaves them for the server that handles it. */
  #whenTold(socket: net.Socket, serve: (protocol: Protocol) => void): void {
    // A client that resets its connection is its own affair.
    socket.on('error', () => socket.destroy());
    const timeout = setTimeout(() => socket.destroy(), PREFACE_TIMEOUT_MS);
    let head = Buffer.alloc(0);
    const look = () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) {
        return;
      }
      // The bytes go back only once it is clear who reads them: putting them back emits an event again.
      head = Buffer.concat([head, chunk]);
      const protocol = protocolOf(head);
      if (protocol !== undefined) {
        clearTimeout(timeout);
        socket.off('readable', look);
        socket.unshift(head);
        serve(protocol);
      }
    };
    socket.on('readable', look);
    socket.once('close', () => clearTimeout(timeout));
  }

  #serveDecrypted(protocol: Protocol, socket: tls.TLSSocket): void {
    switch (protocol) {
      case 'tls':
        // No client speaks TLS inside TLS.
        socket.destroy();
        break;
      case 'http2':
        markAsHttp2(socket);
        this.#http2.emit('connection', socket);
        break;
      case 'http1':
        this.#http1.emit('connection', socket);
    }
  }

  async #serve(protocol: Protocol, socket: net.Socket): Promise<void> {
    if (protocol === 'tls') {
      this.#tls ??= this.#createTls();
      (await this.#tls).emit('connection', socket);
    } else {
      (protocol === 'http2' ? this.#http2 : this.#http1).emit('connection', socket);
    }
  }
}

type Protocol = 'tls' | 'http2' | 'http1';

/** Node serves HTTP/2 on a connection with TLS only where that was chosen in its handshake, or seems to have been. */
function markAsHttp2(socket: tls.TLSSocket): void {
  socket.alpnProtocol = 'h2';
}

/** @returns undefined as long as the bytes could be the beginning of several */
function protocolOf(head: Buffer): Protocol | undefined {
  if (head[0] === TLS_HANDSHAKE) {
    return 'tls';
  }
  const known = Math.min(head.length, HTTP2_PREFACE.length);
  if (!head.subarray(0, known).equals(HTTP2_PREFACE.subarray(0, known))) {
    return 'http1';
  }
  return known < HTTP2_PREFACE.length ? undefined : 'http2';
}
