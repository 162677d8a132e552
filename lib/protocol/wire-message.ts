import type { EventStream } from './event-stream.ts';

/** An HTTP request. It is the same for every front door (docs/glossary.md). */
export interface WireRequest {
  readonly method: string;
  /** As the client sent it. */
  readonly path: string;
  /** The gateway's own host name. */
  readonly hostName: string;
  /** The client's address, as the gateway saw it. */
  readonly sourceIp: string;
  /** Names in lower case; several values of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** UTF-8 text or bytes, as the front door received it. It is converted only where the other form is needed. */
  readonly body: string | Uint8Array;
}

/** An HTTP response. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | EventStream;
}

/** Whether a body has more bytes on the wire than a limit. A text is counted only if it may exceed the limit. */
export function isBodyAbove(body: string | Uint8Array, bytes: number): boolean {
  // A UTF-16 unit takes at most three bytes of UTF-8.
  return body.length * (typeof body === 'string' ? 3 : 1) > bytes && bodyBytes(body) > bytes;
}

/** The size of a body on the wire, in bytes. */
export function bodyBytes(body: string | Uint8Array): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}
