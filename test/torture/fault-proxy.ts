import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, type FaultKind, MAX_STALENESS_MS } from './fault-schedule.ts';
import type { CallTrouble, Faults, Trap } from './faults.ts';
import { MOMENTS, type PassingCall } from './moments.ts';

/** Decides what goes wrong with the next call. @param mayBeStale whether it is an eventually consistent read */
export type Draw = (mayBeStale: boolean) => Fault | undefined;

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** When batches and chunks were written, through any proxy of a round. Stale reads do not see the latest ones. */
export type WrittenTimes = Map<string, number>;

/** If a call takes longer, ms, the engine is overloaded. */
const BUSY_MS = 1_000;

/** Every read sees writes that are older than this, ms. */
const REMEMBERED_MS = MAX_STALENESS_MS + 1_000;

/** A proxy between one API process and the engine. It injects the faults that `draw` decides. */
export class FaultProxy implements Faults {
  readonly injected = new Map<FaultKind, number>();
  readonly troubles: CallTrouble[] = [];
  calls = 0;
  active = true;
  trap: Trap | undefined;
  readonly #draw: Draw;
  readonly #engine: () => URL;
  readonly #written: WrittenTimes;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #server = http.createServer((request, response) => {
    this.#pass(request, response).catch(() => request.socket.destroy());
  });

  private constructor(draw: Draw, engine: () => URL, written: WrittenTimes) {
    this.#draw = draw;
    this.#engine = engine;
    this.#written = written;
  }

  /** @param engine returns the current address of the engine */
  static async start(draw: Draw, engine: () => URL, written: WrittenTimes = new Map()): Promise<FaultProxy> {
    const proxy = new FaultProxy(draw, engine, written);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', () => resolve()));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #pass(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await wholeBody(request);
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const call = { action, input: JSON.parse(body.toString()) };
    this.calls += 1;
    const armed = this.trap;
    const trap = armed !== undefined && MOMENTS[armed.moment]?.(call) ? armed : undefined;
    trap?.caught();
    if (trap?.when === 'before') {
      trap.spring();
      request.socket.destroy();
      return;
    }
    const fault = this.active ? this.#drawn(call) : undefined;
    const startMs = Date.now();
    const answer = await this.#answered(call, fault, () => this.#forward(request, body));
    const endMs = Date.now();
    if (fault !== undefined) {
      this.troubles.push({ kind: fault.kind, startMs, endMs });
    } else if (endMs - startMs > BUSY_MS) {
      this.troubles.push({ kind: 'overload', startMs, endMs });
    }
    if (trap !== undefined) {
      trap.spring();
    }
    if (answer === undefined || trap?.kills) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  #drawn(call: PassingCall): Fault | undefined {
    const fault = this.#draw(isEventuallyConsistent(call));
    if (fault !== undefined) {
      this.injected.set(fault.kind, (this.injected.get(fault.kind) ?? 0) + 1);
    }
    return fault;
  }

  /** @returns undefined when the connection has to break */
  async #answered(
    call: PassingCall,
    fault: Fault | undefined,
    forward: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    switch (fault?.kind) {
      case undefined:
        return this.#noted(call, await forward());
      case 'slow-request':
      case 'late':
        await sleep(fault.delayMs);
        return this.#noted(call, await forward());
      case 'slow-answer': {
        const answer = this.#noted(call, await forward());
        await sleep(fault.delayMs);
        return answer;
      }
      case 'request-lost':
        return undefined;
      case 'answer-lost':
        this.#noted(call, await forward());
        return undefined;
      case 'throttled':
        return failure(400, fault.error, 'Rate of requests exceeds the allowed throughput.');
      case 'failed':
        return failure(500, 'InternalServerError', 'The request could not be processed.');
      case 'failed-after':
        this.#noted(call, await forward());
        return failure(500, 'InternalServerError', 'The request may have been processed.');
      case 'stale':
        return this.#stale(call, await forward(), Date.now() - fault.delayMs);
    }
  }

  /** Remembers when an item of the records table was written. */
  #noted(call: PassingCall, answer: Answer): Answer {
    if (call.action === 'PutItem' && answer.status === 200 && call.input.Item.sk.N !== undefined) {
      const nowMs = Date.now();
      this.#written.set(itemName(call.input.Item), nowMs);
      for (const [name, writtenMs] of this.#written) {
        if (nowMs - writtenMs < REMEMBERED_MS) {
          break;
        }
        this.#written.delete(name);
      }
    }
    return answer;
  }

  /** The response of a replica that does not have the latest writes yet. */
  #stale(call: PassingCall, answer: Answer, sinceMs: number): Answer {
    if (answer.status !== 200) {
      return answer;
    }
    const output = JSON.parse(answer.body.toString());
    const isOld = (item: Parameters<typeof itemName>[0]) => (this.#written.get(itemName(item)) ?? 0) <= sinceMs;
    if (call.action === 'GetItem') {
      return output.Item === undefined || isOld(output.Item) ? answer : jsonAnswer(200, {});
    }
    const Items = output.Items.filter(isOld);
    return jsonAnswer(200, { ...output, Items, Count: Items.length });
  }

  #forward(request: http.IncomingMessage, body: Buffer): Promise<Answer> {
    const engine = this.#engine();
    return new Promise((resolve, reject) => {
      const { host: _host, ...headers } = request.headers;
      const options = { method: 'POST', host: engine.hostname, port: engine.port, headers, agent: this.#agent };
      const forwarded = http.request(options, async (answered) => {
        try {
          const { statusCode: status = 500, headers: given } = answered;
          resolve({ status, headers: given, body: await wholeBody(answered) });
        } catch (error) {
          reject(error);
        }
      });
      forwarded.on('error', reject);
      forwarded.end(body);
    });
  }
}

/** Whether a call is an eventually consistent read. Only reads of the records table are. */
function isEventuallyConsistent({ action, input }: PassingCall): boolean {
  return (action === 'Query' || action === 'GetItem') && input.ConsistentRead !== true;
}

const itemName = ({ pk, sk }: { readonly pk: { readonly S: string }; readonly sk: { readonly N: string } }) =>
  `${pk.S} ${sk.N}`;

function failure(status: number, error: string, message: string): Answer {
  return jsonAnswer(status, { __type: `com.amazonaws.dynamodb.v20120810#${error}`, message });
}

function jsonAnswer(status: number, content: object): Answer {
  const body = Buffer.from(JSON.stringify(content));
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'content-length': String(body.length) },
    body,
  };
}

async function wholeBody(message: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
