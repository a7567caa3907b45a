// Guessing passwords is made slow: failures in a row make an account wait, and an address, each longer than before. Kept in
// memory, per process: what is forgotten at a restart costs a guesser more time than it gains.

import { isIP } from 'node:net';
import type { Clock } from '../clock.ts';
import { refused } from '../json_api/index.ts';

const freeFailures = { account: 5, address: 50 } as const;
const firstWaitMs = 1_000;
const longestWaitMs = 15 * 60_000;
// All of the free ones in an hour: who mistypes now and then never waits.
const forgottenAfterMs = 60 * 60_000;
const mostRemembered = 10_000;
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
  const accounts = createFailures(freeFailures.account);
  const addresses = createFailures(freeFailures.address);
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

type Failures = { readonly count: number; readonly lastAt: number };

function createFailures(free: number) {
  // The one that failed last is the last.
  const byKey = new Map<string, Failures>();
  const set = (key: string, failures: Failures) => {
    byKey.delete(key);
    byKey.set(key, failures);
    const [oldest] = byKey.keys();
    if (byKey.size > mostRemembered && oldest !== undefined) byKey.delete(oldest);
  };
  return {
    /** Answers how long the key must wait still, in milliseconds. */
    waitMs(key: string, now: number): number {
      const { count, lastAt } = byKey.get(key) ?? { count: 0, lastAt: now };
      if (count < free) return 0;
      return lastAt + Math.min(firstWaitMs * 2 ** (count - free), longestWaitMs) - now;
    },
    /** Adds a failure; answers how to take it back: it was none, and the key waits as before. */
    add(key: string, now: number): () => void {
      const before = byKey.get(key) ?? { count: 0, lastAt: 0 };
      const forgotten = Math.floor(((now - before.lastAt) / forgottenAfterMs) * free);
      const count = now - before.lastAt > forgottenAfterMs ? 0 : Math.max(0, before.count - forgotten);
      const added = { count: count + 1, lastAt: now };
      set(key, added);
      return () => {
        const known = byKey.get(key);
        if (known === undefined) return;
        const lastAt = known === added ? before.lastAt : known.lastAt;
        set(key, { count: known.count - 1, lastAt });
      };
    },
    forget: (key: string) => void byKey.delete(key),
  };
}

/** Who has an IPv6 address has 2⁶⁴ of them: the network counts. */
function networkOf(address: string): string {
  if (isIP(address) !== 6 || address.startsWith('::ffff:')) return address;
  const [before = '', after = ''] = address.split('::');
  const head = before.split(':');
  const tail = after.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const groups = address.includes('::') ? [...head, ...zeros, ...tail] : head;
  return groups.slice(0, 4).join(':');
}
