// Failures in a row make whoever fails wait, each time longer. Kept in memory, per process: what is forgotten at a restart
// costs a guesser more time than it gains.

import { isIP } from 'node:net';

export type FailureRules = {
  /** So many in a row cost nothing. All of them are forgotten in `forgottenAfterMs`: who fails now and then never waits. */
  readonly free: number;
  /** After the first that is not free, and then twice as long with each. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  readonly forgottenAfterMs: number;
  /** Keys; of more, the one that failed least recently is forgotten. */
  readonly mostRemembered: number;
};

export type Failures = ReturnType<typeof createFailures>;

type Counted = { readonly count: number; readonly lastAt: number };

export function createFailures(rules: FailureRules) {
  const { free, firstWaitMs, longestWaitMs, forgottenAfterMs, mostRemembered } = rules;
  // The one that failed last is the last.
  const byKey = new Map<string, Counted>();
  const set = (key: string, failures: Counted) => {
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

/** Answers what counts of an address. Who has an IPv6 address has 2⁶⁴ of them: the network counts. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6 || address.startsWith('::ffff:')) return address;
  const [before = '', after = ''] = address.split('::');
  const head = before.split(':');
  const tail = after.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const groups = address.includes('::') ? [...head, ...zeros, ...tail] : head;
  return groups.slice(0, 4).join(':');
}
