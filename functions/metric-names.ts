/** The namespace of the metrics. Those that begin with `AWS/` are closed to others than AWS. */
export const METRICS_NAMESPACE = 'Rivulet';

/** How many requests failed in a way that nobody foresaw. */
export const FAILURES_METRIC = 'InternalFailures';

/** How many requests were refused for their signature or for what policies say. */
export const REFUSALS_METRIC = 'Refusals';
