import type { IncomingMessage } from 'node:http';

/** Names of this very machine, as a page of one's own and its requests have them. */
const LOCAL_NAME = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Keeps web pages of others out of a server that lets everybody in: any page that is open in a browser of this machine, or of its network,
 * could call it otherwise. A request that shows a browser is refused where its origin is foreign, or the name by which it came (a
 * foreign name that was made to lead here). Clients that are no browsers come by whatever name.
 */
export class BrowserGuard {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowedOrigins such as `https://console.example.com`; `*` for all */
  constructor(allowedOrigins: readonly string[]) {
    this.#allowed = new Set(allowedOrigins);
  }

  /** @returns why a request is foreign, for its response; undefined if it is not */
  refuses({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
    const { origin } = headers;
    const isBrowser = origin !== undefined || Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));
    if (!isBrowser || this.#allowed.has('*') || (origin !== undefined && this.#allowed.has(origin))) {
      return undefined;
    }
    if (origin !== undefined && !isLocalOrigin(origin)) {
      return `the origin ${cut(origin)}`;
    }
    // HTTP/2 has its own name for it.
    const host = headers.host ?? (headers[':authority'] as string | undefined) ?? '';
    return isLocalHost(host) ? undefined : `the host ${cut(host)}`;
  }
}

const isLocalHost = (host: string): boolean => LOCAL_NAME.test(host.replace(/:\d+$/, '').toLowerCase());

/** `null`, as sandboxed pages and files have it, is anybody's. */
function isLocalOrigin(origin: string): boolean {
  const [, host] = /^https?:\/\/([^/]+)$/.exec(origin) ?? [];
  return host !== undefined && isLocalHost(host);
}

/** The most characters of a client's value in the response. */
const cut = (text: string): string => JSON.stringify(text.slice(0, 100));
