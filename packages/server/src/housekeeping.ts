// When the store's housekeeping is done: at the start, and then every ten minutes.

import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Store } from './store/index.ts';

const everyMs = 600_000;

export type Housekeeping = {
  /** Ends what is under way, soon, and begins nothing more. */
  close(): Promise<void>;
};

/** Answers when all is prepared for what will be written soon. What fails is logged, and done the next time. */
export async function startHousekeeping({
  store: { housekeeping, endLeftTransactions, forgetCommands },
  clock,
  log,
}: {
  store: Store;
  clock: Clock;
  log: Logger;
}): Promise<Housekeeping> {
  const stopped = new AbortController();

  async function run(chore: typeof housekeeping.keep): Promise<void> {
    try {
      await chore(clock.now(), stopped.signal);
    } catch (error) {
      log.warn({ err: error }, 'housekeeping failed; it is tried again');
    }
  }

  async function keep(): Promise<void> {
    await run(endLeftTransactions);
    await run(forgetCommands);
    await run(housekeeping.keep);
  }

  await run(housekeeping.prepare);
  let underWay = keep();
  const timer = setInterval(() => {
    underWay = underWay.then(keep);
  }, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      stopped.abort();
      await underWay;
    },
  };
}
