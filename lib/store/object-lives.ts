/**
 * The lives of objects, days. Each has a prefix, and the bucket has one lifecycle rule for each prefix. A rule for each
 * stream would not scale, and directory buckets have no tags for rules. The shortest holds what is kept for a day; the
 * longest what is kept for a year.
 */
export const OBJECT_LIVES_DAYS = [2, 4, 8, 15, 31, 61, 91, 181, 367] as const;

/** The prefix of the objects with a life. The lifecycle rules of the bucket and the keys are both made by it. */
export const objectPrefix = (days: number): string => `${days}d/`;
