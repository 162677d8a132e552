import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pause } from '../../client/pause.ts';
import { BadCall, LineStream, parseObject, readBody, sendError, sendFile, sendJson } from './answers.ts';
import type { Calls } from './calls.ts';
import { pageFile } from './page-files.ts';
import { pageNames } from './page-types.ts';
import { RequestGuard } from './request-guard.ts';

/** The address that the console has: this machine, by a name that no other server's cookies belong to. */
const HOST = '127.0.0.1';

/** The page itself, which every address of a screen is. It brings the secret. */
const PAGE = 'index.html';

/** Far more than browsers open. */
const MAX_CONNECTIONS = 256;

/**
 * Tails and subscriptions at once, of all tabs together. A browser opens six connections to an address: two are left for calls and for
 * the page itself.
 */
const MAX_LINE_STREAMS = 4;

/** A page that starts anew ends its last tail at the same moment, by another connection. That end is waited for, ms. */
const ENDING_MS = 1_000;
const LOOK_MS = 20;

const TOO_MANY =
  `${MAX_LINE_STREAMS} tails and subscriptions go on already, in other tabs: close one of them, or leave its screen. ` +
  'A browser has no connections for more.';

/** A console that listens. */
export interface ConsoleServer {
  /** For a browser. */
  readonly address: string;
  close(): Promise<void>;
}

export interface ConsoleOptions {
  /** Makes what the page's calls need, with the first one. @param region undefined: the endpoint's own */
  readonly openCalls: (region: string | undefined) => Promise<Calls>;
  /** `0`: any free one. */
  readonly port: number;
  /** Whether another free port is taken where this one is not free. */
  readonly anyPort?: boolean;
  readonly onError: (error: unknown) => void;
}

/** Serves the console's page, and what it calls, on this machine alone. @throws Error if the port is taken */
export async function serveConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const server = http.createServer();
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server, options.port).catch((error: NodeJS.ErrnoException) => {
    if (options.anyPort && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) {
      return listen(server, 0);
    }
    throw error;
  });
  const console = new ConsoleRequests(new RequestGuard(port), options);
  server.on('request', console.answer);
  return {
    address: `http://${HOST}:${port}/`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const listen = (server: http.Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

/** The region that the page has chosen. @throws BadCall for what is none */
function regionOf({ headers }: IncomingMessage): string | undefined {
  const region = headers['x-rivulet-region'];
  if (region !== undefined && !/^[a-z]{2}(-[a-z]{1,20}){1,3}-\d$/.test(`${region}`)) {
    throw new BadCall('This is no region.');
  }
  return region === undefined ? undefined : `${region}`;
}

/** @returns a signal that aborts when the page has left: from the first moment on, because it may leave at any */
function goneWith(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}

class ConsoleRequests {
  readonly #guard: RequestGuard;
  readonly #options: ConsoleOptions;
  #lineStreams = 0;

  constructor(guard: RequestGuard, options: ConsoleOptions) {
    this.#guard = guard;
    this.#options = options;
  }

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    this.#answer(request, response).catch((error: unknown) => this.#failed(response, error));
  };

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const isCall = path.startsWith('/api/');
    const refusal = isCall ? this.#guard.refusesCall(request) : this.#guard.refusesFile(request);
    if (refusal !== undefined) {
      request.resume();
      sendError(response, refusal.status, refusal);
    } else if (isCall) {
      await this.#call(path.slice('/api/'.length), request, response);
    } else {
      request.resume();
      await this.#file(path, response);
    }
  }

  /** Every address that is no file is one of the page: it finds its screen by the address. */
  async #file(path: string, response: ServerResponse): Promise<void> {
    const name = path.slice(1);
    if (name !== PAGE && pageNames.includes(name)) {
      const { type, body } = await pageFile(name);
      sendFile(response, type, body, { 'Cache-Control': 'no-cache' });
    } else if (name !== PAGE && /\.\w+$/.test(path) && !path.startsWith('/streams/')) {
      sendError(response, 404, { code: 'NotFound', message: 'There is no such file.' });
    } else {
      const { type, body } = await pageFile(PAGE);
      sendFile(response, type, body, { 'Cache-Control': 'no-store', 'Set-Cookie': this.#guard.setCookie });
    }
  }

  async #call(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = goneWith(response);
    const body = await readBody(request);
    const calls = await this.#options.openCalls(regionOf(request));
    const [kind, operation = '', ...rest] = name.split('/');
    if (rest.length > 0 || (kind !== 'call' && operation !== '')) {
      throw new BadCall('There is no such call.', 404);
    }
    switch (kind) {
      case 'about':
        return sendJson(response, 200, await calls.about());
      case 'call': {
        const answer = await calls.call(operation, body, gone);
        return sendJson(response, answer.status, answer.body);
      }
      case 'traffic':
        return sendJson(response, 200, await calls.traffic(parseObject(body)));
      case 'rates':
        return sendJson(response, 200, await calls.rates());
      case 'tail':
        return this.#lines(calls.tail(parseObject(body)), response, gone);
      case 'watch':
        return this.#lines(calls.watch(parseObject(body)), response, gone);
      default:
        throw new BadCall('There is no such call.', 404);
    }
  }

  async #lines(
    write: (lines: LineStream) => Promise<void>,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    await this.#room(gone);
    if (gone.aborted) {
      return;
    }
    this.#lineStreams += 1;
    const lines = new LineStream(response, gone);
    try {
      await write(lines);
    } finally {
      this.#lineStreams -= 1;
      lines.end();
    }
  }

  /** Resolves when one more may begin, or its page has left. @throws BadCall if none ends soon */
  async #room(gone: AbortSignal): Promise<void> {
    const endMs = performance.now() + ENDING_MS;
    while (this.#lineStreams >= MAX_LINE_STREAMS && !gone.aborted) {
      if (performance.now() > endMs) {
        throw new BadCall(TOO_MANY, 429, 'TooMany');
      }
      await pause(LOOK_MS, gone);
    }
  }

  #failed(response: ServerResponse, error: unknown): void {
    if (response.destroyed || response.headersSent) {
      response.destroy();
    } else if (error instanceof BadCall) {
      sendError(response, error.status, error);
    } else {
      this.#options.onError(error);
      sendError(response, 500, { code: 'InternalFailure', message: 'The console failed. Its terminal says more.' });
    }
  }
}
