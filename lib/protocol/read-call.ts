import { ImitatedFailure, KinesisFault } from '../faults.ts';
import { checkConstraints } from '../schema/check-constraints.ts';
import { checkTypes, type WireTypes } from '../schema/check-types.ts';
import type { StructureSchema } from '../schema/structure.ts';
import { type PresentedSignature, presentedSignature } from './authorization.ts';
import { cborTypes, parseCbor } from './cbor.ts';
import { jsonTypes, parseJson } from './json.ts';
import { CBOR_1_1, JSON_1_1, mediaType, PLAIN_JSON } from './media-type.ts';
import { notACall } from './not-a-call.ts';
import { target } from './target.ts';
import { isBodyAbove, type WireRequest } from './wire-message.ts';

/** The part of an operation that reading a request needs. */
export interface Callable {
  readonly input: StructureSchema;
  readonly streams?: true;
}

/** A request that passed every check that needs no stored data, and its principal. */
export interface Call<O extends Callable, P> {
  readonly operation: O;
  readonly input: object;
  readonly principal: P;
}

/** Finds the principal that signed a request. */
export interface Authentication<P> {
  /** @throws KinesisFault */
  authenticate(request: WireRequest, presented: PresentedSignature): Promise<P>;
  /** Whether invalid signatures are rejected. If so, only small bodies are parsed before the signature is verified. */
  readonly verifies: boolean;
}

/** Parsing so many bytes takes a few milliseconds. Any client may cause that without a valid signature. */
const MAX_UNVERIFIED_BYTES = 64 * 1024;

interface Protocol {
  readonly parse: (body: string | Uint8Array) => unknown;
  readonly types: WireTypes;
}

/** A map, not an object, because clients choose the names that are looked up. */
const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  [JSON_1_1, { parse: parseJson, types: jsonTypes }],
  [CBOR_1_1, { parse: parseCbor, types: cborTypes }],
  [PLAIN_JSON, { parse: parseJson, types: jsonTypes }],
]);

/**
 * Reads a request in the order of the real service's checks. The first check that fails decides the response. Clients
 * can observe the steps before authentication: an unsigned request with a broken body gets the error for the body.
 * There is one exception: when signatures are verified and the body is large, authentication comes first. docs/wire.md
 * lists the order.
 * @param operations every operation by its action name
 * @throws KinesisFault
 */
export async function readCall<O extends Callable, P>(
  request: WireRequest,
  operations: ReadonlyMap<string, O>,
  authentication: Authentication<P>,
): Promise<Call<O, P>> {
  const called = target(request);
  const operation = called.serviceKnown ? operations.get(called.operation) : undefined;
  if (request.method !== 'POST') {
    throw notACall(request, called, operations.has(called.operation));
  }
  if (request.body.length === 0) {
    throw new KinesisFault(operation === undefined ? 'UnknownOperationException' : 'SerializationException');
  }
  const media = mediaType(request);
  const protocol = PROTOCOLS.get(media);
  if (protocol === undefined) {
    throw notACall(request, called, operations.has(called.operation));
  }
  const authenticated = () => authentication.authenticate(request, presentedSignature(request));
  const isVerifiedFirst = authentication.verifies && isBodyAbove(request.body, MAX_UNVERIFIED_BYTES);
  const early = isVerifiedFirst ? await authenticated() : undefined;
  const body = parseBody(request, protocol.parse, media);
  if (media === PLAIN_JSON) {
    throw new KinesisFault('UnknownOperationException', undefined, 'coral', 404);
  }
  if (operation === undefined) {
    throw new KinesisFault('UnknownOperationException');
  }
  const principal = early ?? (await authenticated());
  const input = checkTypes(operation.input, body, protocol.types);
  checkConstraints(operation.input, input);
  if (operation.streams && media === CBOR_1_1) {
    // As in the real service: the events inside an event stream are JSON.
    throw new ImitatedFailure();
  }
  return { operation, input, principal };
}

/** Runs before every other check. @throws KinesisFault for a body above the limit */
export function requireBodyWithin(request: WireRequest, maxBodyBytes: number): void {
  if (isBodyAbove(request.body, maxBodyBytes)) {
    throw new KinesisFault('RequestEntityTooLarge', undefined, 'bare');
  }
}

/** A body must hold an object. Any other value gets the same fault as a body that does not parse. */
function parseBody(request: WireRequest, parse: (body: string | Uint8Array) => unknown, media: string): object {
  const form = media === PLAIN_JSON ? 'coral' : 'message';
  let value: unknown;
  try {
    value = parse(request.body);
  } catch {
    // The parser's reason does not help the client, and the real service does not return it either.
    throw new KinesisFault('SerializationException', undefined, form);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new KinesisFault('SerializationException', undefined, form);
  }
  return value;
}
