// How many requests a caller may send in a while. Counted per process, in memory: with several, a caller may send more.
// Header fields as in draft-ietf-httpapi-ratelimit-headers-07 §3, the refusal as in RFC 6585 §4.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Principal } from '../domain/index.ts';
import { refused } from './errors.ts';

/** So many requests in so many seconds. */
export type RateLimit = { readonly requests: number; readonly seconds: number };

/** Counts a request, and answers the header fields that tell what is left; throws {RequestRefused} too_many_requests. */
export type CountRequest = (principal: Principal) => Promise<Readonly<Record<string, string>>>;

export function requestCounter({ requests, seconds }: RateLimit): CountRequest {
  const limiter = new RateLimiterMemory({ points: requests, duration: seconds });
  const fields = ({ remainingPoints, msBeforeNext }: RateLimiterRes) => ({
    'ratelimit-limit': String(requests),
    'ratelimit-remaining': String(remainingPoints),
    'ratelimit-reset': String(Math.ceil(msBeforeNext / 1000)),
    'ratelimit-policy': `${requests};w=${seconds}`,
  });
  return async ({ visibility, callerId }) => {
    try {
      return fields(await limiter.consume(`${visibility.tenantId}/${callerId}`));
    } catch (cause) {
      if (!(cause instanceof RateLimiterRes)) throw cause;
      const headers = fields(cause);
      throw refused('too_many_requests', `No more than ${requests} requests in ${seconds} seconds.`, {
        headers: { ...headers, 'retry-after': headers['ratelimit-reset'] },
      });
    }
  };
}
