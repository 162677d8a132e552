import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { equalInConstantTime } from '../../lib/signing/constant-time.ts';

/** Why a request is refused. */
export interface Refusal {
  readonly status: 403 | 405 | 415;
  /** `SessionEnded`: the page is of an earlier start, and is to be loaded again. */
  readonly code: 'Forbidden' | 'SessionEnded';
  readonly message: string;
}

/** The most characters of a client's value in a message. */
const cut = (text: string | undefined): string => JSON.stringify((text ?? '').slice(0, 100));

/**
 * Lets only the console's own page use what the console signs. A page of another origin cannot: its requests have another `Origin`,
 * a name that was made to lead here has another `Host`, and neither has the secret, which is new with each start. The secret is in a cookie that no script can read.
 *
 * Every program that may open connections to this machine's loopback can load the page, and so use it.
 */
export class RequestGuard {
  readonly #secret = randomBytes(32).toString('base64url');
  readonly #hosts: ReadonlySet<string>;
  readonly #cookie: string;

  /** @param port where the console listens */
  constructor(port: number) {
    // Browsers leave out the port that HTTP has anyway.
    const suffix = port === 80 ? '' : `:${port}`;
    this.#hosts = new Set([`127.0.0.1${suffix}`, `localhost${suffix}`]);
    this.#cookie = `rivulet-console-${port}`;
  }

  /** The header that gives a browser the secret. It goes with the page, and comes back with calls alone. */
  get setCookie(): string {
    return `${this.#cookie}=${this.#secret}; HttpOnly; SameSite=Strict; Path=/api/`;
  }

  /** Looks at a request for the page or one of its files. */
  refusesFile({ headers, method }: Pick<IncomingMessage, 'headers' | 'method'>): Refusal | undefined {
    if (!this.#hosts.has(headers.host ?? '')) {
      return forbidden(`This console has no name ${cut(headers.host)}.`);
    }
    return method === 'GET' || method === 'HEAD'
      ? undefined
      : { status: 405, code: 'Forbidden', message: 'Files are read by GET.' };
  }

  /** Looks at a call of the page. Each one is a POST with JSON, which browsers send with an origin, and to other origins only after asking. */
  refusesCall({ headers, method }: Pick<IncomingMessage, 'headers' | 'method'>): Refusal | undefined {
    const host = headers.host ?? '';
    if (!this.#hosts.has(host)) {
      return forbidden(`This console has no name ${cut(host)}.`);
    }
    if (method !== 'POST') {
      return { status: 405, code: 'Forbidden', message: 'Calls are sent by POST.' };
    }
    if (headers.origin !== `http://${host}`) {
      return forbidden(`A page of the origin ${cut(headers.origin)} may not use this console.`);
    }
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') {
      return forbidden('Another site may not use this console.');
    }
    if (headers['content-type'] !== 'application/json') {
      return { status: 415, code: 'Forbidden', message: 'Calls are JSON.' };
    }
    return this.#hasSecret(headers.cookie ?? '')
      ? undefined
      : { status: 403, code: 'SessionEnded', message: 'The console was started anew: load the page again.' };
  }

  #hasSecret(cookies: string): boolean {
    const prefix = `${this.#cookie}=`;
    return cookies
      .split('; ')
      .some((cookie) => cookie.startsWith(prefix) && equalInConstantTime(cookie.slice(prefix.length), this.#secret));
  }
}

const forbidden = (message: string): Refusal => ({ status: 403, code: 'Forbidden', message });
