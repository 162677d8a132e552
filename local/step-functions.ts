import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { WorkflowStepHandler } from '../functions/workflow.ts';
import { isSameText } from '../lib/authentication/same-text.ts';
import { randomText } from '../lib/random.ts';
import type { LifecycleTask } from '../lib/workflows/task.ts';

/** Stands where Step Functions stands when deployed, for one state machine. */
export interface StepFunctions {
  readonly endpoint: string;
  /** Stops taking executions and aborts those that run; their transitions are started again from the table. */
  close(): Promise<void>;
}

/** Waits until an execution's time has come, epoch ms. */
export type Settle = (notBeforeMs: number) => Promise<void>;

const untilTime: Settle = (notBeforeMs) => sleep(Math.max(0, notBeforeMs - Date.now()), undefined, { ref: false });

/** Names of executions that are remembered: long enough to notice a repeated start. */
const REMEMBERED_NAMES = 10_000;

/**
 * Executes the state machine that CDK deploys, from the same file, by an interpreter of the Amazon States Language, and
 * takes executions as Step Functions does: by its `StartExecution` call, by names that can be used only once.
 * @param definition the state machine's definition
 * @param step       the Lambda function that its tasks call
 * @param onFailure  told of executions that failed
 * @param settle     what each step waits for: its time, unless a test waits otherwise
 */
export async function startStepFunctions(
  definition: object,
  step: WorkflowStepHandler,
  onFailure: (error: unknown) => void,
  settle: Settle = untilTime,
): Promise<StepFunctions> {
  const machine = new LocalStateMachine(definition, step, onFailure, settle);
  // Whoever is told the endpoint knows it: executions remove shards.
  const secret = randomText(24, 'base64url');
  const server = http.createServer((request, response) => {
    const isKnown = isSameText((request.url ?? '').split('/')[1] ?? '', secret);
    if (!isKnown || request.headers.origin !== undefined) {
      request.resume();
      response.writeHead(403).end();
      return;
    }
    answer(machine, request, response).catch((error) => {
      onFailure(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}`,
    close: async () => {
      machine.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function answer(
  machine: LocalStateMachine,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const reply = (status: number, body: object) => {
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(body));
  };
  if (request.headers['x-amz-target'] !== 'AWSStepFunctions.StartExecution') {
    return reply(400, { __type: 'UnknownOperationException' });
  }
  const { name, input, stateMachineArn } = JSON.parse(Buffer.concat(chunks).toString());
  if (!machine.start(name, JSON.parse(input))) {
    return reply(400, { __type: 'ExecutionAlreadyExists', message: `Execution Already Exists: '${name}'` });
  }
  const executionArn = `${String(stateMachineArn).replace(':stateMachine:', ':execution:')}:${name}`;
  return reply(200, { executionArn, startDate: Date.now() / 1000 });
}

type Execution = ReturnType<StateMachine['run']>;
type TaskHandlers = NonNullable<
  NonNullable<NonNullable<Parameters<StateMachine['run']>[1]>['overrides']>['taskResourceLocalHandlers']
>;
type Json = Parameters<TaskHandlers[string]>[0];

/**
 * The `lambda:invoke` integration: its parameters hold the payload, its result holds what the function answers. It ends when the
 * time of the next step has come: little more than a minute away at most.
 */
async function invoke(step: WorkflowStepHandler, settle: Settle, parameters: Json): Promise<Json> {
  const { Payload } = parameters as unknown as { Payload: LifecycleTask };
  const progress = await step(Payload);
  if (!progress.done) {
    await settle(Date.parse(progress.notBefore));
  }
  return { Payload: progress as unknown as Json } as Json;
}

class LocalStateMachine {
  readonly #machine: StateMachine;
  readonly #taskHandlers: TaskHandlers;
  readonly #onFailure: (error: unknown) => void;
  readonly #settle: Settle;
  readonly #names = new Set<string>();
  readonly #running = new Set<Execution>();
  #aborted = false;

  constructor(definition: object, step: WorkflowStepHandler, onFailure: (error: unknown) => void, settle: Settle) {
    // The definition is checked by a test; checking it at every start would cost a third of a second.
    this.#machine = new StateMachine(definition as StateMachineDefinition, {
      validationOptions: { noValidate: true },
    });
    this.#taskHandlers = Object.fromEntries(
      lambdaTasks(definition).map((state) => [state, (parameters) => invoke(step, settle, parameters)]),
    );
    this.#onFailure = onFailure;
    this.#settle = settle;
  }

  /** @returns false when there has been an execution of that name */
  start(name: string, input: LifecycleTask): boolean {
    if (this.#names.has(name)) {
      return false;
    }
    this.#remember(name);
    this.#settle(Date.parse(input.notBefore)).then(() => this.#run(input));
    return true;
  }

  #run(input: LifecycleTask): void {
    if (this.#aborted) {
      return;
    }
    const execution = this.#machine.run(input as unknown as Json, {
      overrides: {
        taskResourceLocalHandlers: this.#taskHandlers,
        // It has been waited already, here and after each step: the interpreter's own wait cannot be held.
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
