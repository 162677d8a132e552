/** The namespace of the metrics. Those that begin with `AWS/` are closed to others than AWS. */
export const METRICS_NAMESPACE = 'Rivulet';

/** How many requests ended with an unexpected error. */
export const FAILURES_METRIC = 'InternalFailures';

/** How many requests were refused for their signature or by a policy. */
export const REFUSALS_METRIC = 'Refusals';
