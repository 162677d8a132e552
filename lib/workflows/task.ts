/** What the lifecycle state machine passes to each step, and receives back for the next step. */
export interface LifecycleTask {
  readonly streamName: string;
  readonly streamId: string;
  /** The id of the run that the steps belong to: a transition, or a run that moves expiry. */
  readonly runId: string;
  /** The step does not begin before this time, ISO 8601 in UTC. */
  readonly notBefore: string;
}

/** What a step returns: the task for the next step, and whether the run is done. */
export interface LifecycleProgress extends LifecycleTask {
  readonly done: boolean;
}
