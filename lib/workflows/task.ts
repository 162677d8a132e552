/** What the lifecycle state machine hands to each step, and gets back for the next. */
export interface LifecycleTask {
  readonly streamName: string;
  readonly streamId: string;
  /** The id of the transition, or of the other run, that the steps belong to. */
  readonly runId: string;
  /** The step is not taken before, ISO 8601 in UTC. */
  readonly notBefore: string;
}

/** What a step answers: the task for the next step, and whether there is one. */
export interface LifecycleProgress extends LifecycleTask {
  readonly done: boolean;
}
