/** A mistake that is put into a copy of the code, and the tests of which one has to fail then. */
export interface Mutation {
  /** What the code does wrong. */
  readonly mistake: string;
  readonly file: string;
  /** A text that occurs once in the file, and what stands there instead. */
  readonly find: string;
  readonly instead: string;
  /** Test files, and a pattern of the tests' names; without one, all of them. */
  readonly tests: readonly string[];
  readonly named?: string;
}
