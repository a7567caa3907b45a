// How many requests a caller may send in a while. Counted per process, in memory: with several, a caller may send more.
// Header fields as in draft-ietf-httpapi-ratelimit-headers-07 §3, the refusal as in RFC 6585 §4.

import type { Clock } from '../clock.ts';
import type { Principal } from '../domain/index.ts';
import { refused } from './errors.ts';

/** So many requests in so many seconds. */
export type RateLimit = { readonly requests: number; readonly seconds: number };

/** Counts a request, and answers the header fields that tell what is left; throws {RequestRefused} too_many_requests. */
export type CountRequest = (principal: Principal) => Readonly<Record<string, string>>;

/** A caller's seconds begin with its first request, and after they are over with the next. */
type Counted = { readonly requests: number; readonly endsAt: number };

export function requestCounter({ requests: most, seconds }: RateLimit, clock: Clock): CountRequest {
  // Whose seconds began first is the first.
  const byCaller = new Map<string, Counted>();
  // Or the clock went back.
  const isOver = ({ endsAt }: Counted, now: number) => endsAt <= now || endsAt > now + seconds * 1000;
  const forgetEnded = (now: number) => {
    for (const [caller, counted] of byCaller) {
      if (!isOver(counted, now)) return;
      byCaller.delete(caller);
    }
  };
  return ({ visibility, callerId }) => {
    const now = clock.now().getTime();
    forgetEnded(now);
    const caller = `${visibility.tenantId}/${callerId}`;
    const { requests, endsAt } = byCaller.get(caller) ?? { requests: 0, endsAt: now + seconds * 1000 };
    byCaller.set(caller, { requests: requests + 1, endsAt });
    const reset = String(Math.ceil((endsAt - now) / 1000));
    const headers = {
      'ratelimit-limit': String(most),
      'ratelimit-remaining': String(Math.max(0, most - requests - 1)),
      'ratelimit-reset': reset,
      'ratelimit-policy': `${most};w=${seconds}`,
    };
    if (requests < most) return headers;
    throw refused('too_many_requests', `No more than ${most} requests in ${seconds} seconds.`, {
      headers: { ...headers, 'retry-after': reset },
    });
  };
}
