// Guessing passwords is made slow: failures in a row make an account wait, and an address (failures.ts).

import type { Clock } from '../clock.ts';
import { createFailures, networkOf } from '../failures.ts';
import { refused } from '../json_api/index.ts';

const firstWaitMs = 1_000;
const rules = {
  firstWaitMs,
  longestWaitMs: 15 * 60_000,
  forgottenAfterMs: 60 * 60_000,
  mostRemembered: 10_000,
};
// Each attempt in the making holds memory and waits for a thread.
const mostAtOnce = 50;

export type Attempt = {
  /** The password was right: the account's failures are forgotten. */
  succeeded(): void;
  /** The attempt is over, whatever came of it. */
  ended(): void;
};

export type SignInThrottle = ReturnType<typeof createSignInThrottle>;

export function createSignInThrottle(clock: Clock) {
  const accounts = createFailures({ ...rules, free: 5 });
  const addresses = createFailures({ ...rules, free: 50 });
  let underWay = 0;
  return {
    /**
     * Begins an attempt. It counts as a failure until it succeeded, so that many at once gain nothing.
     *
     * @param account tenant and email address, whether or not there are such
     * @throws {RequestRefused} too_many_attempts, which counts for nothing
     */
    begin(account: string, address: string): Attempt {
      const now = clock.now().getTime();
      const network = networkOf(address);
      const waitMs = Math.max(
        accounts.waitMs(account, now),
        addresses.waitMs(network, now),
        underWay < mostAtOnce ? 0 : firstWaitMs,
      );
      if (waitMs > 0) {
        throw refused('too_many_attempts', 'Too many attempts to sign in. Try again later.', {
          headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
        });
      }
      underWay += 1;
      accounts.add(account, now);
      const undo = addresses.add(network, now);
      return {
        succeeded() {
          accounts.forget(account);
          undo();
        },
        ended: () => void (underWay -= 1),
      };
    },
  };
}
