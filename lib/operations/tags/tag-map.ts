import type { ResourceMembers } from '../../model/resource.ts';

type TagMap = ResourceMembers['tags'];

/** The tags without some keys. Unknown keys are ignored. */
export function withoutTags(tags: TagMap, removed: readonly string[]): TagMap {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.includes(key)));
}

/** Tags as lists return them: by key, in the order of code units. */
export function describedTags(tags: TagMap): { Key: string; Value: string }[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}
