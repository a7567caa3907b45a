// Work that is done again and again, one at a time: where it takes longer than its interval, that is passed over.

export type Repeated = {
  /** Does it now. However often that is asked while it is under way, it is done once more. */
  now(): void;
  /** Begins nothing more; resolves when what is under way has ended. */
  close(): Promise<void>;
};

/** @param work never rejects */
export function repeated(everyMs: number, work: () => Promise<void>): Repeated {
  let underWay: Promise<void> | undefined;
  let isAskedFor = false;

  async function workOnceOrMore(): Promise<void> {
    try {
      do {
        isAskedFor = false;
        await work();
      } while (isAskedFor);
    } finally {
      // Without a pause after the last look: what is asked for now begins anew.
      underWay = undefined;
    }
  }

  function begin(): void {
    underWay ??= workOnceOrMore();
  }

  const timer = setInterval(begin, everyMs);
  timer.unref();
  return {
    now() {
      isAskedFor = true;
      begin();
    },
    async close() {
      clearInterval(timer);
      isAskedFor = false;
      await underWay;
    },
  };
}
