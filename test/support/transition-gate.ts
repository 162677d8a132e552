/** A gate at which transitions wait before their first step. It is open unless a test holds it. */
export class TransitionGate {
  #held: PromiseWithResolvers<void> | undefined;

  /** Resolves when the gate is open. It does not wait for a transition's own time. */
  readonly passed = async (): Promise<void> => this.#held?.promise;

  /** Does something while no transition can pass. */
  async whileHeld<T>(work: () => Promise<T>): Promise<T> {
    const held = Promise.withResolvers<void>();
    this.#held = held;
    try {
      return await work();
    } finally {
      this.#held = undefined;
      held.resolve();
    }
  }
}
