import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick, type Random } from '../support/random.ts';
import type { Faults } from './faults.ts';
import type { TroubleEvent } from './history.ts';
import { MOMENTS } from './moments.ts';
import type { ApiProcess, Killable } from './processes.ts';
import type { Stopper } from './stopper.ts';

/** An API process, and what lets its calls go wrong. */
export interface Victim {
  readonly process: ApiProcess;
  readonly faults: Faults;
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
