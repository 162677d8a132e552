/**
 * Tags as items hold them: pairs. As an object they would lose keys such as `__proto__` and `constructor`, which tags may
 * have, on their way through the document client.
 */
export type StoredTags = readonly (readonly [key: string, value: string])[];

export const storedTags = (tags: Readonly<Record<string, string>>): StoredTags => Object.entries(tags);

/** `fromEntries` makes own members of any key. */
export const tagsFrom = (stored: unknown): Record<string, string> => Object.fromEntries(stored as StoredTags);
