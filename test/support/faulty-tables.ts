import { StoreThrottled } from '../../lib/store/store-errors.ts';
import { interceptCalls } from '../../lib/store/table-client.ts';
import type { Tables } from '../../lib/store/tables.ts';
import { openTestTables } from './engines.ts';

/** What goes wrong with a call. */
export type CallFault =
  /** The engine applies the call, but its response never arrives. */
  | 'answer-lost'
  /** The call never arrives. */
  | 'request-lost'
  /** DynamoDB throttles every attempt of the call. */
  | 'throttled'
  /** The process stops: the call throws `Crashed` instead, so nothing after it runs. */
  | 'crash';

/** The process that makes the calls has stopped. */
export class Crashed extends Error {}

/** Decides what happens to a call; `pass` lets it through. It may also wait before it decides. */
export type FaultPlan = (command: string, input: CallInput) => CallFault | 'pass' | Promise<CallFault | 'pass'>;

/** The members of a call that a plan may read. */
export interface CallInput {
  readonly TableName?: string;
  /** The item that is put. */
  // biome-ignore lint/suspicious/noExplicitAny: items of every kind
  readonly Item?: any;
  /** The key of the item that is read, updated or deleted. */
  // biome-ignore lint/suspicious/noExplicitAny: keys of every kind
  readonly Key?: any;
}

/** Tables whose calls meet the faults of a plan. The client and the engine behind it are real. */
export function faultyTables(endpoint: string, plan: FaultPlan): Tables {
  const tables = openTestTables(endpoint);
  const client = interceptCalls(tables.client, async (name, input, call) => {
    const fault = await plan(name, input);
    if (fault === 'crash') {
      throw new Crashed('the process has stopped');
    }
    if (fault === 'throttled') {
      throw new StoreThrottled('DynamoDB refused a call for its load');
    }
    if (fault === 'request-lost') {
      throw lost();
    }
    const output = await call(input);
    if (fault === 'answer-lost') {
      throw lost();
    }
    return output;
  });
  return { ...tables, client };
}

function lost(): Error {
  const error = new Error('the connection was reset') as NodeJS.ErrnoException;
  error.code = 'ECONNRESET';
  return error;
}

/** A plan with a fault in one call: the first that matches. */
export function once(fault: CallFault, command: string, table: string): FaultPlan {
  let used = false;
  return (called, input) => {
    if (used || called !== command || !input.TableName?.endsWith(table)) {
      return 'pass';
    }
    used = true;
    return fault;
  };
}

/** A gate at which matching calls wait until it is opened. */
export function gate(
  command: string,
  table: string,
): { readonly plan: FaultPlan; readonly reached: Promise<void>; open(): void } {
  let open = () => {};
  let reach = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    reached,
    open,
    plan: async (called, input) => {
      if (called === command && input.TableName?.endsWith(table)) {
        reach();
        await opened;
      }
      return 'pass' as const;
    },
  };
}
