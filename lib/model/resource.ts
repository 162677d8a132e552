/** The members that streams and consumers share, for operations that accept both. */
export interface ResourceMembers {
  readonly tags: Readonly<Record<string, string>>;
  /** The resource policy's text; `null` for none. */
  readonly policy: string | null;
}
