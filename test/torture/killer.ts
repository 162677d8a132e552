import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick, type Random } from '../support/random.ts';
import type { DynamoDbCall, FaultProxy } from './fault-proxy.ts';
import type { TroubleEvent } from './history.ts';
import type { ApiProcess, Killable } from './processes.ts';
import type { Stopper } from './stopper.ts';

const itemKey = ({ input }: DynamoDbCall): string => (input.Key ?? input.Item)?.pk?.S ?? '';

const isTail = (call: DynamoDbCall): boolean => itemKey(call).startsWith('TAIL#');

const isUpdate = (call: DynamoDbCall, expression: string): boolean =>
  call.action === 'UpdateItem' && String(call.input.UpdateExpression).includes(expression);

const isPut = (call: DynamoDbCall, kind: string): boolean =>
  call.action === 'PutItem' && call.input.Item.kind?.S === kind;

/** Moments at which a process is killed, or stopped: right before or after such a call is applied. */
export const MOMENTS: Readonly<Record<string, (call: DynamoDbCall) => boolean>> = {
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

/** An API process with the proxy that it calls DynamoDB through. */
export interface Victim {
  readonly process: ApiProcess;
  readonly proxy: FaultProxy;
}

/** How long a trap waits for its moment before it is moved to another. */
const TRAP_MS = 4_000;

/** Every so many kills are of the engine, and as many of a process at no moment in particular. */
const EVERY_NTH = 6;

/** Kills API processes and the engine, and starts them again; some only stand still. */
export class Killer {
  /** Kills by their moments. */
  readonly kills = new Map<string, number>();
  readonly #victims: readonly Victim[];
  readonly #engine: Killable;
  readonly #stopper: Stopper;
  readonly #next: Random;
  /** When something was dead, and what; the engine has no endpoint. */
  readonly troubles: TroubleEvent[] = [];
  readonly #restarts: Promise<void>[] = [];
  readonly #stops: Promise<void>[] = [];

  constructor(victims: readonly Victim[], engine: Killable, stopper: Stopper, next: Random) {
    this.#victims = victims;
    this.#engine = engine;
    this.#stopper = stopper;
    this.#next = next;
  }

  async run(stopped: () => boolean): Promise<void> {
    for (let turn = 1; !stopped(); turn++) {
      await sleep(between(this.#next, 200, 2_500));
      if (turn % EVERY_NTH === 0) {
        this.#count('the engine, at any moment');
        await this.#killAndRestart(this.#engine);
      } else if (turn % EVERY_NTH === 1) {
        this.#count('a process, at any moment');
        await this.#killAndRestart(pick(this.#next, this.#victims).process);
      } else {
        await this.#trap(stopped);
      }
    }
    await Promise.all([...this.#restarts, ...this.#stops]);
  }

  /** Whichever process comes first to a moment dies of it, or stands still and goes on with what it knew. */
  async #trap(stopped: () => boolean): Promise<void> {
    const moment = pick(this.#next, Object.keys(MOMENTS));
    const when = this.#next() < 0.5 ? 'before' : 'after';
    const kills = when === 'before' || this.#next() < 0.5;
    const caught = Promise.withResolvers<void>();
    for (const victim of this.#victims) {
      victim.proxy.trap = {
        matches: (call) => {
          const isMoment = MOMENTS[moment]?.(call) === true;
          if (isMoment) {
            // One process is enough.
            this.#disarm();
          }
          return isMoment;
        },
        when,
        kills,
        spring: () => {
          if (kills) {
            this.#count(`${when} ${moment}`);
            this.#restarts.push(this.#killAndRestart(victim.process));
          } else {
            this.#stops.push(this.#stopper.stop(victim.process, `${when} ${moment}`, stopped));
          }
          caught.resolve();
        },
      };
    }
    await Promise.race([caught.promise, sleep(TRAP_MS)]);
    this.#disarm();
    await Promise.all(this.#restarts);
  }

  #disarm(): void {
    for (const { proxy } of this.#victims) {
      proxy.trap = undefined;
    }
  }

  async #killAndRestart(process: Killable): Promise<void> {
    const startMs = Date.now();
    process.kill();
    await sleep(between(this.#next, 50, 1_000));
    await process.restart();
    const { endpoint } = process;
    this.troubles.push({
      ...{ kind: 'trouble', stream: '', what: 'kill', ...(endpoint !== undefined && { endpoint }) },
      ...{ startMs, endMs: Date.now() },
    });
  }

  #count(moment: string): void {
    this.kills.set(moment, (this.kills.get(moment) ?? 0) + 1);
  }
}
