/** How many calls of one command run side by side. */
const AT_ONCE = 16;

/** Maps values side by side, a bounded number at once. The results are in the order of the values. */
export async function inParallel<T, R>(
  values: readonly T[],
  work: (value: T) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const results: R[] = new Array(values.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < values.length; index = next++) {
      results[index] = await work(values[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, values.length) }, worker));
  return results;
}
