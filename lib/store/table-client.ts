/** An item, or its key: plain values, bytes as `Uint8Array`. Members that are undefined are left out. */
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

export interface GetInput extends Call {
  readonly Key: Item;
  readonly ConsistentRead?: boolean;
}

export interface PutInput extends ConditionalWrite {
  readonly Item: Item;
}

export interface UpdateInput extends ConditionalWrite {
  readonly Key: Item;
  readonly UpdateExpression: string;
  readonly ReturnValues?: 'NONE' | 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW';
}

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

export interface QueryInput extends PageInput {
  readonly KeyConditionExpression: string;
  /** Undefined: true. */
  readonly ScanIndexForward?: boolean;
}

export type ScanInput = PageInput;

interface Answer {
  readonly ConsumedCapacity?: { readonly CapacityUnits?: number | undefined } | undefined;
}

export interface GetOutput extends Answer {
  readonly Item?: Item | undefined;
}

export interface WriteOutput extends Answer {
  readonly Attributes?: Item | undefined;
}

export interface PageOutput extends Answer {
  readonly Items?: Item[] | undefined;
  /** Where the next page goes on; undefined: there is none. */
  readonly LastEvaluatedKey?: Item | undefined;
}

/**
 * What the store needs of DynamoDB: the calls of the SDK's document client that it makes, and no others. Whatever is asked of an
 * engine goes through this; what measures, delays or fails calls wraps it, for every engine alike.
 *
 * Errors are known by their names, which are DynamoDB's: `ConditionalCheckFailedException` (its `Item` is the item that is
 * there, where it was asked for, as plain values), `ProvisionedThroughputExceededException`, `ValidationException`, …
 */
export interface TableClient {
  get(input: GetInput): Promise<GetOutput>;
  put(input: PutInput): Promise<WriteOutput>;
  update(input: UpdateInput): Promise<WriteOutput>;
  delete(input: DeleteInput): Promise<WriteOutput>;
  query(input: QueryInput): Promise<PageOutput>;
  scan(input: ScanInput): Promise<PageOutput>;
}

/** DynamoDB's names of the calls. */
export const CALL_NAMES = {
  get: 'GetItem',
  put: 'PutItem',
  update: 'UpdateItem',
  delete: 'DeleteItem',
  query: 'Query',
  scan: 'Scan',
} as const satisfies Record<keyof TableClient, string>;

export type CallName = (typeof CALL_NAMES)[keyof TableClient];

/** Everything that a call may be given, for what looks at calls of every kind. */
export type AnyInput = GetInput | PutInput | UpdateInput | DeleteInput | QueryInput | ScanInput;
export type AnyOutput = GetOutput & WriteOutput & PageOutput;

/**
 * A client whose calls all go through something.
 * @param intercept is given the call's name and input, and what makes it, with that input or another one
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
