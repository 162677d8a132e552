/**
 * The vocabulary in which operations declare what they take and what they answer. One declaration drives the type
 * checks, the constraint checks, the JSON and CBOR encodings, and the static types of a handler's input and output.
 *
 * Members are declared in the order in which the real service reports their errors: the order is wire behaviour.
 */

/** Text. Lengths count UTF-16 units, as Java does. */
export interface StringSchema {
  readonly type: 'string';
  readonly min?: number;
  readonly max?: number;
  /** A regular expression for the whole value, printed in messages as written here. */
  readonly pattern?: string;
  /** The same in linear time, where the pattern itself would take quadratic time on a hostile value. */
  readonly linearPattern?: string;
  readonly enum?: readonly string[];
}

/** `integer` is 32 bits wide, `long` 64; both are numbers here. */
export interface NumberSchema {
  readonly type: 'integer' | 'long';
  readonly min?: number;
  readonly max?: number;
}

/** A point in time; epoch ms in handlers. */
export interface TimestampSchema {
  readonly type: 'timestamp';
}

export interface BooleanSchema {
  readonly type: 'boolean';
}

/** Bytes; a `Uint8Array` in handlers. Lengths count decoded bytes. */
export interface BlobSchema {
  readonly type: 'blob';
  readonly min?: number;
  readonly max?: number;
  /** Messages leave out the value of a member that holds customers' data. */
  readonly sensitive?: boolean;
}

export interface ListSchema<M extends Schema = Schema> {
  readonly type: 'list';
  readonly member: M;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: boolean;
}

/** A map from strings to strings: the only kind that the API has. */
export interface MapSchema {
  readonly type: 'map';
  readonly key: StringSchema;
  readonly value: StringSchema;
  readonly min?: number;
  readonly max?: number;
}

export type Members = Readonly<Record<string, Schema & { readonly required?: boolean }>>;

export interface StructureSchema<M extends Members = Members> {
  readonly type: 'structure';
  readonly members: M;
}

export type Schema =
  | StringSchema
  | NumberSchema
  | TimestampSchema
  | BooleanSchema
  | BlobSchema
  | ListSchema
  | MapSchema
  | StructureSchema;

export const string = <const O extends Omit<StringSchema, 'type'>>(options: O) =>
  ({ type: 'string', ...options }) as const;

export const integer = <const O extends Omit<NumberSchema, 'type'>>(options: O) =>
  ({ type: 'integer', ...options }) as const;

export const long = <const O extends Omit<NumberSchema, 'type'>>(options: O) => ({ type: 'long', ...options }) as const;

export const timestamp = { type: 'timestamp' } as const;

export const boolean = { type: 'boolean' } as const;

export const blob = <const O extends Omit<BlobSchema, 'type'>>(options: O) => ({ type: 'blob', ...options }) as const;

export const list = <const M extends Schema, const O extends Omit<ListSchema, 'type' | 'member'>>(
  member: M,
  options: O = {} as O,
) => ({ type: 'list', member, ...options }) as const;

export const map = <const O extends Omit<MapSchema, 'type'>>(options: O) => ({ type: 'map', ...options }) as const;

export const structure = <const M extends Members>(members: M): StructureSchema<M> => ({ type: 'structure', members });

/** Marks a member that must be there. */
export const required = <const S extends Schema>(schema: S) => ({ ...schema, required: true }) as const;

/** The value that a handler is given, or answers, for a schema. */
export type Infer<S> = S extends { type: 'string'; enum: readonly (infer E)[] }
  ? E
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'integer' | 'long' | 'timestamp' }
      ? number
      : S extends { type: 'boolean' }
        ? boolean
        : S extends { type: 'blob' }
          ? Uint8Array
          : S extends { type: 'list'; member: infer M }
            ? Infer<M>[]
            : S extends { type: 'map' }
              ? Record<string, string>
              : S extends { type: 'structure'; members: infer M }
                ? InferMembers<M>
                : never;

type RequiredKeys<M> = { [K in keyof M]: M[K] extends { required: true } ? K : never }[keyof M];

type InferMembers<M> = { [K in RequiredKeys<M>]: Infer<M[K]> } & {
  [K in Exclude<keyof M, RequiredKeys<M>>]?: Infer<M[K]> | undefined;
};
