/** What goes wrong with a call. */
export type FaultKind =
  /** The call exceeds a limit: `ProvisionedThroughputExceededException` or `LimitExceededException`, whichever the operation has. */
  | 'throttle'
  /** A 500 `InternalFailure`, and the call has no effect. */
  | 'error'
  /** A 500 `InternalFailure` after the call has had its effect: the client cannot know. */
  | 'lost-response'
  /** The call works, later: `delay` says by how much. */
  | 'delay'
  /** PutRecords stores a part of its records only: `share` says how many it refuses. */
  | 'partial';

/** A fault for the calls that match. */
export interface FaultRule {
  readonly fault: FaultKind;
  /** The operations that it hits, such as `PutRecords`. Default: all. */
  readonly operation?: string | readonly string[];
  /** The stream that it hits, by name. Default: all; calls that are about none match no stream. */
  readonly stream?: string;
  /** How likely a matching call is hit, from 0 to 1. Default: 1. */
  readonly chance?: number;
  /** How many calls it hits at most. Default: no limit. */
  readonly times?: number;
  /** For `delay`, such as `200ms`. Real time, whatever the clock shows. Default: `100ms`. */
  readonly delay?: string | number;
  /** For `partial`: how likely each record is refused, from 0 to 1. Default: 0.5. */
  readonly share?: number;
}

/** What a script does to the calls that match, one after the other. `ok` lets one through. */
export type ScriptStep = FaultKind | 'ok';

/** Faults on demand, for tests of what clients do about them. The same seed draws the same faults for the same calls. */
export interface Faults {
  /** Adds a rule. A call is hit by the first rule that matches and draws it. @throws Error for a rule that makes no sense */
  add(rule: FaultRule): void;
  /** Adds a script for the next calls that match. After its last step it does nothing. */
  script(steps: readonly ScriptStep[], matching?: Omit<FaultRule, 'fault' | 'chance' | 'times'>): void;
  /** Removes all rules and scripts. */
  clear(): void;
}
