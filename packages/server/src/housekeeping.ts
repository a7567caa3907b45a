// When the store's housekeeping is done: at the start, and then every ten minutes.

import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { repeated } from './repeated.ts';
import type { Store } from './store/index.ts';

const everyMs = 600_000;

export type Housekeeping = {
  /** Ends what is under way, soon, and begins nothing more. */
  close(): Promise<void>;
};

/** Answers when all is prepared for what will be written soon. What fails is logged, and done the next time. */
export async function startHousekeeping({
  store: { housekeeping, endLeftTransactions, forgetAwaited, forgetCommands, forgetUploads },
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
    await run(forgetAwaited);
    await run(forgetCommands);
    await run(forgetUploads);
    await run(housekeeping.keep);
  }

  await run(housekeeping.prepare);
  const chores = repeated(everyMs, keep);
  chores.now();
  return {
    async close() {
      stopped.abort();
      await chores.close();
    },
  };
}
