import { setTimeout as sleep } from 'node:timers/promises';
import type { StateMachine, StateMachineDefinition } from 'aws-local-stepfunctions';
import type { WorkflowStepHandler } from '../functions/workflow.ts';
import type { Workflows } from '../lib/deps.ts';
import { memoized } from '../lib/runtime/memoized.ts';
import { executionOf } from '../lib/workflows/execution.ts';
import type { LifecycleTask } from '../lib/workflows/task.ts';
import { loadInterpreter } from './interpreter.ts';

/** Waits until the time of an execution, epoch ms. */
export type Settle = (notBeforeMs: number) => Promise<void>;

const untilTime: Settle = (notBeforeMs) => sleep(Math.max(0, notBeforeMs - Date.now()), undefined, { ref: false });

/** The names of executions that are remembered, to notice a repeated start. */
const REMEMBERED_NAMES = 10_000;

type Execution = ReturnType<StateMachine['run']>;
type TaskHandlers = NonNullable<
  NonNullable<NonNullable<Parameters<StateMachine['run']>[1]>['overrides']>['taskResourceLocalHandlers']
>;
type Json = Parameters<TaskHandlers[string]>[0];

/**
 * The `lambda:invoke` integration: its parameters have the payload, its result has the function's result. It ends at the
 * time of the next step, which is at most little more than a minute away.
 */
async function invoke(step: WorkflowStepHandler, settle: Settle, parameters: Json): Promise<Json> {
  const { Payload } = parameters as unknown as { Payload: LifecycleTask };
  const progress = await step(Payload);
  if (!progress.done) {
    await settle(Date.parse(progress.notBefore));
  }
  return { Payload: progress as unknown as Json } as Json;
}

export interface ExecutionsOptions {
  /** The Lambda function that the state machine's tasks call. */
  readonly step: WorkflowStepHandler;
  /** Called for executions that failed. */
  readonly onFailure: (error: unknown) => void;
  /** How each step waits: until its time, unless a test waits otherwise. */
  readonly settle?: Settle | undefined;
}

/**
 * Executes the state machine that CDK deploys, from the same file, by an interpreter of the Amazon States Language, and
 * accepts executions as Step Functions does: each name once. The interpreter is loaded with the first execution.
 */
export class Executions {
  readonly #definition: object;
  readonly #taskHandlers: TaskHandlers;
  readonly #onFailure: (error: unknown) => void;
  readonly #settle: Settle;
  readonly #names = new Set<string>();
  readonly #running = new Set<Execution>();
  #aborted = false;

  /** @param definition the state machine's definition */
  constructor(definition: object, { step, onFailure, settle = untilTime }: ExecutionsOptions) {
    this.#definition = definition;
    this.#taskHandlers = Object.fromEntries(
      lambdaTasks(definition).map((state) => [state, (parameters) => invoke(step, settle, parameters)]),
    );
    this.#onFailure = onFailure;
    this.#settle = settle;
  }

  readonly #machine = memoized(async () => {
    const { StateMachine } = await loadInterpreter();
    // A test checks the definition. Checking it at every start would cost a third of a second.
    return new StateMachine(this.#definition as StateMachineDefinition, {
      validationOptions: { noValidate: true },
    });
  });

  /** @returns false if there was an execution with that name */
  start(name: string, input: LifecycleTask): boolean {
    if (this.#names.has(name)) {
      return false;
    }
    this.#remember(name);
    this.#settle(Date.parse(input.notBefore))
      .then(() => this.#run(input))
      .catch(this.#onFailure);
    return true;
  }

  async #run(input: LifecycleTask): Promise<void> {
    const machine = await this.#machine();
    if (this.#aborted) {
      return;
    }
    const execution = machine.run(input as unknown as Json, {
      overrides: {
        taskResourceLocalHandlers: this.#taskHandlers,
        // This code has already waited, here and after each step: tests cannot hold the interpreter's own wait.
        waitTimeOverrides: { Settle: 0 },
      },
    });
    this.#running.add(execution);
    execution.result
      .catch((error) => {
        if (this.#running.has(execution)) {
          this.#onFailure(error);
        }
      })
      .finally(() => this.#running.delete(execution));
  }

  /** Accepts no more executions and ends the running ones. Their transitions are restarted from the table. */
  abort(): void {
    this.#aborted = true;
    for (const execution of this.#running) {
      this.#running.delete(execution);
      execution.abort();
    }
  }

  #remember(name: string): void {
    const oldest = this.#names.values().next();
    if (this.#names.size >= REMEMBERED_NAMES && !oldest.done) {
      this.#names.delete(oldest.value);
    }
    this.#names.add(name);
  }
}

/** The names of the states that call a Lambda function. */
function lambdaTasks(definition: object): string[] {
  const { States } = definition as { States: Record<string, { Resource?: string }> };
  return Object.entries(States)
    .filter(([, state]) => state.Resource?.endsWith(':lambda:invoke'))
    .map(([name]) => name);
}

/** Workflows as this process carries them out. @param now the handlers' clock, epoch ms */
export const localWorkflows = (executions: Executions, now: () => number = Date.now): Workflows => ({
  async start(stream, run) {
    const { name, task } = executionOf(stream, run, now());
    // Where there has been one of that name, nothing is missing.
    executions.start(name, task);
  },
});
