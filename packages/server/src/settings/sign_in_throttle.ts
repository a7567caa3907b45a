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
// Each attempt in the making holds memory and waits for a thread. No address may take the place of all others.
const mostAtOnce = { all: 50, address: 10 } as const;

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
  const underWayFrom = new Map<string, number>();
  const isTooMuch = (network: string) =>
    underWay >= mostAtOnce.all || (underWayFrom.get(network) ?? 0) >= mostAtOnce.address;
  /** @param by 1 or -1 */
  const count = (network: string, by: number) => {
    underWay += by;
    const ofNetwork = (underWayFrom.get(network) ?? 0) + by;
    if (ofNetwork === 0) underWayFrom.delete(network);
    else underWayFrom.set(network, ofNetwork);
  };
  return {
    /**
     * Begins an attempt. It counts as a failure until it succeeded, so that many at once gain nothing.
     *
     * @param account tenant, email address and the password's hash, whether or not there are such: another password has no
     *                failures
     * @throws {RequestRefused} too_many_attempts, which counts for nothing
     */
    begin(account: string, address: string): Attempt {
      const now = clock.now().getTime();
      const network = networkOf(address);
      const waitMs = Math.max(
        accounts.waitMs(account, now),
        addresses.waitMs(network, now),
        isTooMuch(network) ? firstWaitMs : 0,
      );
      if (waitMs > 0) {
        throw refused('too_many_attempts', 'Too many attempts to sign in. Try again later.', {
          headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
        });
      }
      count(network, 1);
      accounts.add(account, now);
      const undo = addresses.add(network, now);
      return {
        succeeded() {
          accounts.forget(account);
          undo();
        },
        ended: () => count(network, -1),
      };
    },
  };
}
