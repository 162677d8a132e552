import type { FaultKind } from './fault-schedule.ts';

/** Does something to a process when a call of a kind comes by: before it is applied, or when it has been. */
export interface Trap {
  /** By its name in MOMENTS. */
  readonly moment: string;
  readonly when: 'before' | 'after';
  /** Whether the process is dead then, or stands still, and will go on with its answer. */
  readonly kills: boolean;
  /** Told as soon as a call has come by. */
  caught(): void;
  /** Does it. */
  spring(): void;
}

/** A call that went wrong, and how long that took, epoch ms. */
export interface CallTrouble {
  readonly kind: FaultKind | 'overload';
  readonly startMs: number;
  readonly endMs: number;
}

/** What lets the calls of one API process go wrong. */
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
