/** The items that one step writes at once: enough for speed, few enough to leave table capacity to other calls. */
const CONCURRENCY = 16;

/** Runs work for each member, at most `concurrency` at a time. @throws the first error; no further group begins */
export async function inGroups<T>(
  members: readonly T[],
  work: (member: T) => Promise<unknown>,
  concurrency = CONCURRENCY,
): Promise<void> {
  for (let from = 0; from < members.length; from += concurrency) {
    await Promise.all(members.slice(from, from + concurrency).map(work));
  }
}
