/** The namespace of the metrics. Those that begin with `AWS/` are closed to others than AWS. */
export const METRICS_NAMESPACE = 'Rivulet';
