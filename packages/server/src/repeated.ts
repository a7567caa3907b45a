// Work that is done again and again, one at a time: where it takes longer than its interval, that is passed over.

export type Repeated = {
  /** Begins nothing more; resolves when what is under way has ended. */
  close(): Promise<void>;
};

/** @param work never rejects */
export function repeated(everyMs: number, work: () => Promise<void>): Repeated {
  let underWay: Promise<void> = Promise.resolve();
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    underWay = work().finally(() => (isBusy = false));
  }, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await underWay;
    },
  };
}
