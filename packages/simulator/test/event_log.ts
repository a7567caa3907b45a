// Keeps what happened, and waits for what has not happened yet.

/** A list that can be waited on. */
export class EventLog<T> {
  readonly all: T[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly push = (event: T): void => {
    this.all.push(event);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  /** Answers the first event, past or future, that fits. Waits as long as the test may last. */
  async first(fits: (event: T) => boolean): Promise<T> {
    const [event] = await this.firsts(1, fits);
    return event as T;
  }

  /** Answers the first `count` events that fit, in their order. */
  async firsts(count: number, fits: (event: T) => boolean): Promise<T[]> {
    for (;;) {
      const found = this.all.filter(fits);
      if (found.length >= count) return found.slice(0, count);
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }
}
