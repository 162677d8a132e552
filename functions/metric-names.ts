/** The namespace of the metrics. Only AWS may write to namespaces that begin with `AWS/`. */
export const METRICS_NAMESPACE = 'Rivulet';

/** How many requests ended with an unexpected error. */
export const FAILURES_METRIC = 'InternalFailures';

/** How many requests were refused for their signature or by a policy. */
export const REFUSALS_METRIC = 'Refusals';

/** How many requests were throttled, as a whole or for some records. */
export const THROTTLES_METRIC = 'ThrottledRequests';

/** How many requests took longer than two seconds. */
export const SLOW_METRIC = 'SlowRequests';
