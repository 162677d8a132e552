/** The most that a process handles at the same time. */
export interface IntakeLimits {
  /** Requests that are read or answered. */
  readonly requests: number;
  /** Bytes of their bodies. */
  readonly bodyBytes: number;
}

/** Far more than a machine can handle: more would only wait, and use memory. */
export const INTAKE_LIMITS: IntakeLimits = { requests: 4_096, bodyBytes: 256 * 1024 * 1024 };

/** A request that was taken in. */
export interface Admitted {
  /** Reserves room for more bytes of the body. @returns false if there is none */
  take(bytes: number): boolean;
  /** Gives the room back. */
  leave(): void;
}

/** Bounds the requests, and the bytes of their bodies, that a process holds at once. */
export class Intake {
  readonly #limits: IntakeLimits;
  #requests = 0;
  #bodyBytes = 0;

  constructor(limits: IntakeLimits) {
    this.#limits = limits;
  }

  /** @returns undefined when there is no room for another request */
  admit(): Admitted | undefined {
    if (this.#requests >= this.#limits.requests) {
      return undefined;
    }
    this.#requests += 1;
    let held = 0;
    return {
      take: (bytes) => {
        if (this.#bodyBytes + bytes > this.#limits.bodyBytes) {
          return false;
        }
        this.#bodyBytes += bytes;
        held += bytes;
        return true;
      },
      leave: () => {
        this.#requests -= 1;
        this.#bodyBytes -= held;
      },
    };
  }
}
