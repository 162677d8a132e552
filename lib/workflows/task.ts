/** What the lifecycle state machine hands to each step, and gets back for the next. */
export interface LifecycleTask {
  readonly streamName: string;
  readonly streamId: string;
  /** The id of the transition, or of the other run, that the steps belong to. */
  readonly runId: string;
  /** The step is not taken before, ISO 8601 in UTC. */
  readonly notBefore: string;
  /** Where a run that goes through a stream's records has got to. */
  readonly cursor?: LogCursor;
}

/** A place in a stream's records. */
export interface LogCursor {
  readonly shardIndex: number;
  readonly position: number;
}

/** What a step answers: the task for the next step, and whether there is one. */
export interface LifecycleProgress extends LifecycleTask {
  readonly done: boolean;
}
