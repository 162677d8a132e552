import type { Deps } from '../deps.ts';
import type { FaultCode } from '../faults.ts';
import type { EventStream } from '../protocol/event-stream.ts';
import type { CallRate } from '../quotas/call-rate.ts';
import type { FindAccessedResource } from '../resources/accessed-resource.ts';
import type { Infer, StructureSchema } from '../schema/structure.ts';

/** The caller of an operation, for streaming responses. */
export interface Caller {
  /** @throws KinesisFault AccessDeniedException once the key is gone or has expired, or policies deny the call */
  requireAllowed(): Promise<void>;
}

/** An API action: its input, its output, its faults, and what it does. */
export interface Operation<I extends StructureSchema = StructureSchema, O extends StructureSchema = StructureSchema> {
  /** The action's name in the API. */
  readonly name: string;
  readonly input: I;
  /** Undefined: a success has an empty body. */
  readonly output: O | undefined;
  readonly faults: readonly FaultCode[];
  /** How often it may be called. Undefined: only the limits of the shards apply. */
  readonly rate?: CallRate;
  /** The resource that a call accesses: policies are asked about it. @throws KinesisFault for an invalid token */
  readonly accesses: FindAccessedResource<Infer<I>>;
  /** Whether its response is an event stream, which not every encoding supports. */
  readonly streams?: true;
  /** @throws KinesisFault */
  handle(input: Infer<I>, deps: Deps, caller?: Caller): Promise<O extends StructureSchema ? Infer<O> : undefined>;
}

/** Declares an operation. The types of input and output follow from the schemas. */
export function operation<I extends StructureSchema, O extends StructureSchema>(
  declaration: Operation<I, O>,
): Operation<I, O> {
  return declaration;
}

/** Declares an operation whose success has an empty body. */
export function operationWithoutOutput<I extends StructureSchema>(
  declaration: Omit<Operation<I>, 'output' | 'handle'> & { handle(input: Infer<I>, deps: Deps): Promise<void> },
): Operation<I> {
  const { handle } = declaration;
  return {
    ...declaration,
    output: undefined,
    handle: async (input, deps) => (await handle(input, deps)) as never,
  };
}

/** Declares an operation whose success is an event stream. `output` is the schema of its frames. */
export function streamingOperation<I extends StructureSchema, O extends StructureSchema>(
  declaration: Omit<Operation<I, O>, 'handle' | 'streams'> & {
    open(input: Infer<I>, deps: Deps, caller?: Caller): Promise<EventStream>;
  },
): Operation<I, O> {
  const { open, ...rest } = declaration;
  return { ...rest, streams: true, handle: async (input, deps, caller) => (await open(input, deps, caller)) as never };
}
