// Guessing stations' passwords is made slow: failures in a row make an identity wait at the address that they came from, and
// an address for all identities (failures.ts). An identity waits nowhere else: whoever guesses at a station's password must
// not keep the station itself away. Nor does an address make those wait that were let in from it before: behind it may be a
// site with one station of a wrong password among many.

import type { Clock } from '../clock.ts';
import { createFailures, networkOf } from '../failures.ts';

const rules = {
  firstWaitMs: 1_000,
  longestWaitMs: 60_000,
  forgottenAfterMs: 60 * 60_000,
  mostRemembered: 10_000,
};
// A fleet of ten thousand, and as many more.
const mostKnown = 20_000;

type Place = { readonly slug: string; readonly identity: string; readonly address: string };

const keyOf = ({ slug, identity, address }: Place) => `${networkOf(address)} ${slug}/${identity}`;

export function createPasswordThrottle(clock: Clock) {
  const identities = createFailures({ ...rules, free: 5 });
  const addresses = createFailures({ ...rules, free: 100 });
  // Those that were let in, the last of them at the end.
  const known = new Set<string>();
  return {
    /** Answers how long a station must wait before its password is looked at, in milliseconds; 0 or less: not at all. */
    waitMs: (place: Place): number => {
      const now = clock.now().getTime();
      const key = keyOf(place);
      const ofAddress = known.has(key) ? 0 : addresses.waitMs(networkOf(place.address), now);
      return Math.max(identities.waitMs(key, now), ofAddress);
    },
    failed: (place: Place): void => {
      const now = clock.now().getTime();
      identities.add(keyOf(place), now);
      addresses.add(networkOf(place.address), now);
    },
    succeeded: (place: Place): void => {
      const key = keyOf(place);
      identities.forget(key);
      known.delete(key);
      known.add(key);
      const [oldest] = known;
      if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
    },
  };
}
