/** Items written at once by one step: enough for speed, few enough to leave the table's capacity to others. */
const CONCURRENCY = 16;

/** Runs work for each member, a bounded number at a time. @throws the first failure, after its group has ended */
export async function inGroups<T>(
  members: readonly T[],
  work: (member: T) => Promise<unknown>,
  concurrency = CONCURRENCY,
): Promise<void> {
  for (let from = 0; from < members.length; from += concurrency) {
    await Promise.all(members.slice(from, from + concurrency).map(work));
  }
}
