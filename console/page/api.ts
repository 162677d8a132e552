import { LineCutter } from '../../client/records/line-cutter.ts';

/** An error that the console or its endpoint has told. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Receives the page's own view of each call: what it did, and how long it took. */
type Watcher = (call: { input: object; latencyMs: number; code: string | undefined }) => void;

let watcher: Watcher = () => {};

export const watchCalls = (next: Watcher): void => {
  watcher = next;
};

/** Asks the console. @throws ApiError */
export async function ask<T>(name: string, input: object = {}, signal?: AbortSignal): Promise<T> {
  const response = await post(name, input, signal);
  const value = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw errorOf(value, response.status);
  }
  return value as T;
}

/** The region that the user has chosen for this tab. */
const REGION = 'rivulet.region';

/** Takes effect when the page is loaded again: until then, everything that goes on stays where it is. */
export function chooseRegion(region: string): void {
  sessionStorage.setItem(REGION, region);
}

/** A thread of the page has no such choice: the page tells it. */
let region = typeof sessionStorage === 'undefined' ? undefined : (sessionStorage.getItem(REGION) ?? undefined);

export const chosenRegion = (): string | undefined => region;

export function setThreadRegion(ofPage: string | undefined): void {
  region = ofPage;
}

function regionHeader(): Record<string, string> {
  return region === undefined ? {} : { 'X-Rivulet-Region': region };
}

/** Sends a call to the console. @throws ApiError if it has ended */
export async function post(name: string, input: object, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(`/api/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...regionHeader() },
      body: JSON.stringify(input),
      ...(signal && { signal }),
    });
  } catch (error) {
    if ((error as Error).name === 'AbortError') {
      throw error;
    }
    throw new ApiError('ConsoleEnded', 'The console does not answer. Was it ended?');
  }
}

let isReadOnly = false;

/** Whether the user has switched the page to looking only. Forms that were opened before do nothing then, and puts end. */
export function setLookingOnly(value: boolean): void {
  isReadOnly = value;
}

const LOOKING = /^(Describe|Get|List)/;

/** Calls an operation of Kinesis, with JSON as AWS' API reference has it. @throws ApiError with the endpoint's code */
export async function call<T = Record<string, never>>(
  operation: string,
  input: object,
  signal?: AbortSignal,
): Promise<T> {
  if (isReadOnly && !LOOKING.test(operation)) {
    throw new ApiError('ReadOnly', 'The page is switched to read-only.');
  }
  const begun = performance.now();
  let code: string | undefined;
  try {
    return await ask<T>(`call/${operation}`, input, signal);
  } catch (error) {
    code = (error as ApiError).code ?? 'Error';
    throw error;
  } finally {
    watcher({ input, latencyMs: performance.now() - begun, code });
  }
}

/** Errors of Kinesis are `{__type, message}`, those of the console `{error: {code, message}}`. */
export function errorOf(value: unknown, status: number): ApiError {
  const { error, __type, message, Message } = (value ?? {}) as Record<
    string,
    string | { code: string; message: string }
  >;
  if (typeof error === 'object') {
    return new ApiError(error.code, error.message);
  }
  const code = typeof __type === 'string' ? (__type.split('#').at(-1) ?? __type) : `HTTP ${status}`;
  return new ApiError(code, `${message ?? Message ?? 'The endpoint gave no reason.'}`);
}

/** Reads a response of lines, each a value in JSON. */
export async function* lines<T>(response: Response): AsyncGenerator<T, void> {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    return;
  }
  const cutter = new LineCutter();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      for (const line of cutter.push(value)) {
        yield JSON.parse(decoder.decode(line)) as T;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
