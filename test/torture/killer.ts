import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick, type Random } from '../support/random.ts';
import type { Faults } from './faults.ts';
import type { TroubleEvent } from './history.ts';
import { MOMENTS } from './moments.ts';
import type { ApiProcess, Killable } from './processes.ts';
import type { Stopper } from './stopper.ts';

/** An API process, and the faults of its calls. */
export interface Victim {
  readonly process: ApiProcess;
  readonly faults: Faults;
}

/** How long a trap waits for its moment before another moment is chosen. */
const TRAP_MS = 4_000;

/** One in so many turns kills the engine, and another one kills a process, at no moment in particular. */
const EVERY_NTH = 6;

/** Kills API processes and the engine, and starts them again. It only stops some processes for a while. */
export class Killer {
  /** The number of kills, by their moments. */
  readonly kills = new Map<string, number>();
  readonly #victims: readonly Victim[];
  readonly #engine: Killable;
  readonly #stopper: Stopper;
  readonly #next: Random;
  /** What was dead, and when. The engine has no endpoint. */
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

  /** The first process that reaches a moment dies. Or it is stopped, and later goes on with what it knew. */
  async #trap(stopped: () => boolean): Promise<void> {
    const moment = pick(this.#next, Object.keys(MOMENTS));
    const when = this.#next() < 0.5 ? 'before' : 'after';
    const kills = when === 'before' || this.#next() < 0.5;
    const caught = Promise.withResolvers<void>();
    for (const victim of this.#victims) {
      victim.faults.trap = {
        moment,
        // One process is enough.
        caught: () => this.#disarm(),
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
    for (const { faults } of this.#victims) {
      faults.trap = undefined;
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
