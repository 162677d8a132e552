import type { EventStream } from './event-stream.ts';

/** An HTTP request, whichever front door it came through. */
export interface WireRequest {
  readonly method: string;
  /** As the client sent it. */
  readonly path: string;
  /** The name under which the gateway knows itself. */
  readonly hostName: string;
  /** The client's address, as the gateway saw it. */
  readonly sourceIp: string;
  /** Names in lower case; several values of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** UTF-8 text or bytes, as the front door had it: neither is converted before someone needs the other. */
  readonly body: string | Uint8Array;
}

/** An HTTP answer. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | EventStream;
}

/** Whether a body has more bytes than that on the wire. A text's are counted only where it comes near. */
export function isBodyAbove(body: string | Uint8Array, bytes: number): boolean {
  // A UTF-16 unit takes at most three bytes.
  return body.length * (typeof body === 'string' ? 3 : 1) > bytes && bodyBytes(body) > bytes;
}

/** The bytes that a body has on the wire. */
export function bodyBytes(body: string | Uint8Array): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}
