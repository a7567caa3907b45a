// How many requests a caller may send in a while. Counted per process (counts.ts): with several, a caller may send more.
// Header fields as in draft-ietf-httpapi-ratelimit-headers-07 §3, the refusal as in RFC 6585 §4.

import type { Clock } from '../clock.ts';
import { createCounts } from '../counts.ts';
import type { Principal } from '../domain/index.ts';
import { refused } from './errors.ts';

/** So many requests in so many seconds. */
export type RateLimit = { readonly requests: number; readonly seconds: number };

/** Counts a request, and answers the header fields that tell what is left; throws {RequestRefused} too_many_requests. */
export type CountRequest = (principal: Principal) => Readonly<Record<string, string>>;

export function requestCounter({ requests: most, seconds }: RateLimit, clock: Clock): CountRequest {
  const requests = createCounts(seconds * 1000);
  return ({ visibility, callerId }) => {
    const now = clock.now().getTime();
    const { count, endsAt } = requests.add(`${visibility.tenantId}/${callerId}`, now);
    const reset = String(Math.ceil((endsAt - now) / 1000));
    const headers = {
      'ratelimit-limit': String(most),
      'ratelimit-remaining': String(Math.max(0, most - count)),
      'ratelimit-reset': reset,
      'ratelimit-policy': `${most};w=${seconds}`,
    };
    if (count <= most) return headers;
    throw refused('too_many_requests', `No more than ${most} requests in ${seconds} seconds.`, {
      headers: { ...headers, 'retry-after': reset },
    });
  };
}
