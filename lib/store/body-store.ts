/** A service for objects, which keeps bodies for less than a table does (docs/log.md#bodies-in-objects). */
export interface BodyStore {
  /** Bodies with more bytes are kept here: below that, a table is cheaper. */
  readonly aboveBytes: number;
  /**
   * Stores an object, by one attempt. An attempt that fails may be applied later, in whole or, on some servers, in part: its key must
   * not be used again.
   */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** @returns undefined if there is no such object */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Copies an object. The copy begins a life of its own. @returns false if there is no such object */
  copy(from: string, to: string): Promise<boolean>;
}

/** The names of the calls, as the service bills them. */
export const OBJECT_CALLS = { put: 'PutObject', get: 'GetObject', copy: 'CopyObject' } as const;

/** One of these names. */
export type ObjectCall = (typeof OBJECT_CALLS)[keyof typeof OBJECT_CALLS];

/** Whether a call of the store is one for objects. */
export const isObjectCall = (name: string): name is ObjectCall => Object.values<string>(OBJECT_CALLS).includes(name);

/** The same store, which passes the name of each of its calls to `called` before it makes the call. */
export const interceptObjectCalls = (
  bodies: BodyStore,
  called: (name: ObjectCall, key: string) => unknown,
): BodyStore => ({
  aboveBytes: bodies.aboveBytes,
  async put(key, bytes) {
    await called(OBJECT_CALLS.put, key);
    return bodies.put(key, bytes);
  },
  async get(key) {
    await called(OBJECT_CALLS.get, key);
    return bodies.get(key);
  },
  async copy(from, to) {
    await called(OBJECT_CALLS.copy, from);
    return bodies.copy(from, to);
  },
});
