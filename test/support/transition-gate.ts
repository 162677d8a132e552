/** Where transitions wait before their first step: open, unless a test holds them. */
export class TransitionGate {
  #held: PromiseWithResolvers<void> | undefined;

  /** Ends when the gate is open. It is not waited for a transition's own time. */
  readonly passed = async (): Promise<void> => this.#held?.promise;

  /** Does something while no transition passes. */
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
