/** A DynamoDB call, in DynamoDB's own JSON or in plain values. */
export interface PassingCall {
  readonly action: string;
  // biome-ignore lint/suspicious/noExplicitAny: every action has members of its own
  readonly input: any;
}

/** A text, in either notation. */
const text = (value: { readonly S?: string } | string | undefined): string =>
  (typeof value === 'object' ? value.S : value) ?? '';

const itemKey = ({ input }: PassingCall): string => text((input.Key ?? input.Item)?.pk);

const isTail = (call: PassingCall): boolean => itemKey(call).startsWith('TAIL#');

const isUpdate = (call: PassingCall, expression: string): boolean =>
  call.action === 'UpdateItem' && String(call.input.UpdateExpression).includes(expression);

const isPut = (call: PassingCall, kind: string): boolean =>
  call.action === 'PutItem' && text(call.input.Item.kind) === kind;

/** Moments at which a process is killed, or stopped: right before or after such a call is applied. */
export const MOMENTS: Readonly<Record<string, (call: PassingCall) => boolean>> = {
  'a reservation': (call) => isTail(call) && isUpdate(call, 'nextPosition'),
  'the put of a batch': (call) => isPut(call, 'data'),
  'the put of a chunk': (call) => call.action === 'PutItem' && itemKey(call).split('#').length === 3,
  'a fill': (call) => isPut(call, 'fill'),
  'the close of a tail': (call) => isTail(call) && call.input.ExpressionAttributeValues?.[':closed'] !== undefined,
  'a seal': (call) => isPut(call, 'seal'),
  'the opening of a tail': (call) => isTail(call) && call.input.ExpressionAttributeValues?.[':pending'] !== undefined,
  'a change of a shard': (call) => call.action === 'UpdateItem' && itemKey(call).startsWith('SHARD#'),
  'the writing of a shard': (call) => call.action === 'PutItem' && itemKey(call).startsWith('SHARD#'),
  'a change of a stream': (call) => call.action === 'UpdateItem' && itemKey(call) === 'STREAM',
  'the removal of a stream': (call) => call.action === 'DeleteItem',
};
