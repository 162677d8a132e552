import type { FaultKind } from './fault-schedule.ts';

/** Does something to a process when it makes a certain kind of call: before the call is applied, or after. */
export interface Trap {
  /** The kind of call, by its name in `MOMENTS`. */
  readonly moment: string;
  readonly when: 'before' | 'after';
  /** Whether the process dies. Otherwise it is stopped, and goes on with the response later. */
  readonly kills: boolean;
  /** Called as soon as the process makes such a call. */
  caught(): void;
  /** Kills or stops the process. */
  spring(): void;
}

/** A call that went wrong, and when it began and ended, epoch ms. */
export interface CallTrouble {
  readonly kind: FaultKind | 'overload';
  readonly startMs: number;
  readonly endMs: number;
}

/** Injects faults into the calls of one API process. */
export interface Faults {
  readonly injected: ReadonlyMap<FaultKind, number>;
  /** When calls went wrong. */
  readonly troubles: readonly CallTrouble[];
  readonly calls: number;
  /** Faults are injected while it is true. */
  active: boolean;
  trap: Trap | undefined;
  close(): Promise<void>;
}
