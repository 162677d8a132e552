/**
 * Tags in items are stored as pairs. In an object, the document client would lose keys such as `__proto__` and
 * `constructor`, which tags may have.
 */
export type StoredTags = readonly (readonly [key: string, value: string])[];

/** Converts tags to the pairs that items store. */
export const storedTags = (tags: Readonly<Record<string, string>>): StoredTags => Object.entries(tags);

/** Converts stored pairs to tags. `fromEntries` makes an own member of any key. */
export const tagsFrom = (stored: unknown): Record<string, string> => Object.fromEntries(stored as StoredTags);
