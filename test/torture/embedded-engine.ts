import { CALL_NAMES, type TableClient } from '../../lib/store/table-client.ts';
import type { ApiNote } from './api-process.ts';
import type { FaultKind } from './fault-schedule.ts';
import type { CallTrouble, Faults, Trap } from './faults.ts';
import type { ApiProcess } from './processes.ts';

/** The faults of an API process with an embedded engine. The process injects them itself, in all of its lives. */
export class EmbeddedFaults implements Faults {
  readonly injected = new Map<FaultKind, number>();
  readonly troubles: CallTrouble[] = [];
  calls = 0;
  readonly #process: ApiProcess;
  #active = true;
  #trap: Trap | undefined;

  constructor(process: ApiProcess) {
    this.#process = process;
    process.listen({
      note: (note) => this.#heard(note),
      // The notes that it sent before it died may not have arrived.
      exit: () => this.#sprung('kills'),
    });
  }

  get active(): boolean {
    return this.#active;
  }

  set active(active: boolean) {
    this.#active = active;
    this.#order();
  }

  get trap(): Trap | undefined {
    return this.#trap;
  }

  set trap(trap: Trap | undefined) {
    this.#trap = trap;
    this.#order();
  }

  async close(): Promise<void> {}

  #order(): void {
    const trap = this.#trap && { moment: this.#trap.moment, when: this.#trap.when, kills: this.#trap.kills };
    this.#process.order({ order: 'faults', faults: { active: this.#active, trap } });
  }

  #heard(note: ApiNote): void {
    switch (note.note) {
      case 'ready':
        this.#order();
        break;
      case 'calls':
        this.calls += note.calls;
        break;
      case 'injected':
        this.troubles.push(note.trouble);
        this.injected.set(note.trouble.kind as FaultKind, (this.injected.get(note.trouble.kind as FaultKind) ?? 0) + 1);
        break;
      case 'trapped':
        this.#sprung('kills or stops');
    }
  }

  #sprung(how: 'kills' | 'kills or stops'): void {
    const trap = this.#trap;
    if (trap !== undefined && (trap.kills || how !== 'kills')) {
      trap.caught();
      trap.spring();
    }
  }
}

/** The engine inside an API process, without faults. A call fails if the process is dead, or dies of the call. */
export function engineInside(process: ApiProcess): TableClient {
  const waiting = new Map<number, PromiseWithResolvers<object>>();
  let calls = 0;
  process.listen({
    note: (note) => {
      if (note.note === 'called') {
        const { id, output, error } = note;
        if (error === undefined) {
          waiting.get(id)?.resolve(output ?? {});
        } else {
          waiting.get(id)?.reject(new Error(error));
        }
        waiting.delete(id);
      }
    },
    exit: () => {
      for (const { reject } of waiting.values()) {
        reject(new Error('the process with the engine has ended'));
      }
      waiting.clear();
    },
  });
  const methods = Object.keys(CALL_NAMES) as (keyof TableClient)[];
  return Object.fromEntries(
    methods.map((method) => [
      method,
      (input: Parameters<TableClient['scan']>[0]) => {
        const called = Promise.withResolvers<object>();
        calls += 1;
        waiting.set(calls, called);
        if (!process.order({ order: 'call', id: calls, method, input })) {
          waiting.delete(calls);
          called.reject(new Error('the process with the engine is not there'));
        }
        return called.promise;
      },
    ]),
  ) as unknown as TableClient;
}
