/** An item, or its key: plain values, with bytes as `Uint8Array`. Undefined members are not stored. */
export type Item = Record<string, unknown>;

interface Call {
  readonly TableName: string;
  readonly ReturnConsumedCapacity?: 'TOTAL';
}

interface Expressions {
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

interface ConditionalWrite extends Call, Expressions {
  readonly ConditionExpression?: string;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

/** The input of `get`. */
export interface GetInput extends Call {
  readonly Key: Item;
  readonly ConsistentRead?: boolean;
}

/** The input of `put`. */
export interface PutInput extends ConditionalWrite {
  readonly Item: Item;
}

/** The input of `update`. */
export interface UpdateInput extends ConditionalWrite {
  readonly Key: Item;
  readonly UpdateExpression: string;
  readonly ReturnValues?: 'NONE' | 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW';
}

/** The input of `delete`. */
export interface DeleteInput extends ConditionalWrite {
  readonly Key: Item;
}

interface PageInput extends Call, Expressions {
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly Limit?: number;
  readonly ConsistentRead?: boolean;
  readonly ExclusiveStartKey?: Item;
}

/** The input of `query`. */
export interface QueryInput extends PageInput {
  readonly KeyConditionExpression: string;
  /** Undefined means true. */
  readonly ScanIndexForward?: boolean;
}

/** The input of `scan`. */
export type ScanInput = PageInput;

interface Answer {
  readonly ConsumedCapacity?: { readonly CapacityUnits?: number | undefined } | undefined;
}

/** The output of `get`. */
export interface GetOutput extends Answer {
  readonly Item?: Item | undefined;
}

/** The output of `put`, `update` and `delete`. */
export interface WriteOutput extends Answer {
  readonly Attributes?: Item | undefined;
}

/** The output of `query` and `scan`. */
export interface PageOutput extends Answer {
  readonly Items?: Item[] | undefined;
  /** Where the next page continues. Undefined: there is no next page. */
  readonly LastEvaluatedKey?: Item | undefined;
}

/**
 * The DynamoDB calls that the store makes, with the inputs and outputs of the SDK's document client. Every call to an
 * engine goes through this interface. Code that measures, delays or fails calls wraps it, in the same way for every
 * engine.
 *
 * Errors have DynamoDB's names: `ConditionalCheckFailedException` (its `Item` is the existing item in plain values, if
 * the call requested it), `ProvisionedThroughputExceededException`, `ValidationException`, …
 */
export interface TableClient {
  get(input: GetInput): Promise<GetOutput>;
  put(input: PutInput): Promise<WriteOutput>;
  update(input: UpdateInput): Promise<WriteOutput>;
  delete(input: DeleteInput): Promise<WriteOutput>;
  query(input: QueryInput): Promise<PageOutput>;
  scan(input: ScanInput): Promise<PageOutput>;
}

/** DynamoDB's name of each call. */
export const CALL_NAMES = {
  get: 'GetItem',
  put: 'PutItem',
  update: 'UpdateItem',
  delete: 'DeleteItem',
  query: 'Query',
  scan: 'Scan',
} as const satisfies Record<keyof TableClient, string>;

/** One of DynamoDB's names of the calls. */
export type CallName = (typeof CALL_NAMES)[keyof TableClient];

/** The input of any call, for code that handles calls of every kind. */
export type AnyInput = GetInput | PutInput | UpdateInput | DeleteInput | QueryInput | ScanInput;
/** The output of any call, for the same code. */
export type AnyOutput = GetOutput & WriteOutput & PageOutput;

/**
 * A client that passes all its calls to `intercept`.
 * @param intercept receives the call's name and input, and a function that makes the call with this or another input
 */
export function interceptCalls(
  client: TableClient,
  intercept: (name: CallName, input: AnyInput, call: (input: AnyInput) => Promise<AnyOutput>) => Promise<AnyOutput>,
): TableClient {
  const methods = Object.entries(CALL_NAMES).map(([method, name]) => {
    const call = client[method as keyof TableClient].bind(client) as (input: AnyInput) => Promise<AnyOutput>;
    return [method, (input: AnyInput) => intercept(name, input, call)];
  });
  return Object.fromEntries(methods);
}
