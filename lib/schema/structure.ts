/**
 * The schema types in which operations declare their input and output. One declaration defines the type checks, the
 * constraint checks, the JSON and CBOR encodings, and the static types of a handler's input and output.
 *
 * Members are declared in the order in which the real service reports their errors. Clients can observe this order.
 */

/** Text. Lengths count UTF-16 units, as Java does. */
export interface StringSchema {
  readonly type: 'string';
  readonly min?: number;
  readonly max?: number;
  /** A regular expression for the whole value. Messages print it unchanged. */
  readonly pattern?: string;
  /** An equivalent expression in linear time, where `pattern` would take quadratic time on a hostile value. */
  readonly linearPattern?: string;
  readonly enum?: readonly string[];
}

/** `integer` has 32 bits, `long` has 64. Both are numbers here. */
export interface NumberSchema {
  readonly type: 'integer' | 'long';
  readonly min?: number;
  readonly max?: number;
}

/** A point in time. In handlers it is epoch ms. */
export interface TimestampSchema {
  readonly type: 'timestamp';
}

export interface BooleanSchema {
  readonly type: 'boolean';
}

/** Bytes. In handlers they are a `Uint8Array`. Lengths count decoded bytes. */
export interface BlobSchema {
  readonly type: 'blob';
  readonly min?: number;
  readonly max?: number;
  /** The member holds customer data. Messages omit its value. */
  readonly sensitive?: boolean;
}

export interface ListSchema<M extends Schema = Schema> {
  readonly type: 'list';
  readonly member: M;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: boolean;
}

/** A map from strings to strings, the only kind of map in the API. */
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

/** Marks a member as required. */
export const required = <const S extends Schema>(schema: S) => ({ ...schema, required: true }) as const;

/** The value that a handler receives or returns for a schema. */
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
