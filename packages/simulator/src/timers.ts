// The timers of what outlives a connection, so that closing a station ends them all.

// Above this, Node's timers fire at once instead of late.
const longestMs = 2_147_483_647;

export class Timers {
  #all: Set<NodeJS.Timeout> | undefined;
  #isClosed = false;

  /** @returns what `cancel` takes; undefined when the station is closed, and nothing will run */
  after(ms: number, run: () => void): NodeJS.Timeout | undefined {
    if (this.#isClosed) return undefined;
    const timer = setTimeout(
      () => {
        this.#all?.delete(timer);
        run();
      },
      Math.min(Math.max(ms, 0), longestMs),
    );
    this.#all ??= new Set();
    this.#all.add(timer);
    return timer;
  }

  /** Waits; for ever when the timers are closed meanwhile. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  cancel(timer: NodeJS.Timeout | undefined): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#all?.delete(timer);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#all ?? []) clearTimeout(timer);
    this.#all = undefined;
  }
}
