/** What streams and consumers have in common for the operations that take either. */
export interface ResourceMembers {
  readonly tags: Readonly<Record<string, string>>;
  /** The resource policy's text; `null` for none. */
  readonly policy: string | null;
}
