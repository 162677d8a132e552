/** Runs a function on the first call, and returns the same result to all calls. A failure is not cached. */
export function memoized<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= run().catch((error) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}
