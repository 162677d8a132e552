/** A mistake that is put into a copy of the code. At least one of its tests must fail then. */
export interface Mutation {
  /** What the code does wrong. */
  readonly mistake: string;
  readonly file: string;
  /** A text that occurs exactly once in the file, and its replacement. */
  readonly find: string;
  readonly instead: string;
  /** Test files, and a pattern of test names. Without a pattern, all tests of the files run. */
  readonly tests: readonly string[];
  readonly named?: string;
}
