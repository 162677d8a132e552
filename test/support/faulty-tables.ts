import { StoreThrottled } from '../../lib/store/store-errors.ts';
import { interceptCalls } from '../../lib/store/table-client.ts';
import type { Tables } from '../../lib/store/tables.ts';
import { openTestTables } from './engines.ts';

/** What goes wrong with a call. */
export type CallFault =
  /** The engine applies the call; its answer never arrives. */
  | 'answer-lost'
  /** The call never arrives. */
  | 'request-lost'
  /** DynamoDB refuses every attempt of the call for its load. */
  | 'throttled'
  /** The process stops before the call: it is never made, and nothing after it. */
  | 'crash';

/** The writer's process has stopped. */
export class Crashed extends Error {}

/** Decides what happens to a call; `pass` lets it through. It may also wait before it decides. */
export type FaultPlan = (command: string, input: CallInput) => CallFault | 'pass' | Promise<CallFault | 'pass'>;

/** What a plan may look at of a call. */
export interface CallInput {
  readonly TableName?: string;
  /** What is put. */
  // biome-ignore lint/suspicious/noExplicitAny: items of every kind
  readonly Item?: any;
  /** What is read, updated or deleted. */
  // biome-ignore lint/suspicious/noExplicitAny: keys of every kind
  readonly Key?: any;
}

/** Tables whose calls go wrong as a plan says: the client is real, and so is the engine behind it. */
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

/** Lets one call of a kind go wrong: the first that matches. */
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

/** A gate that calls of a kind wait at until it is opened. */
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
