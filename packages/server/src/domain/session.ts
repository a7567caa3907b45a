// Sessions of users who signed in: how long they last, and how their tokens are kept.

import { createHash } from 'node:crypto';

const hourMs = 3_600_000;

/** A session ends so long after its last request, … */
const sessionIdleMs = 12 * hourMs;
/** … and so long after the sign-in, whatever was requested. */
export const sessionLifetimeMs = 7 * 24 * hourMs;

/** Answers since when a session that lasts still must have begun, and been used. */
export function lastingSession(now: Date): { begunAfter: Date; usedAfter: Date } {
  return {
    begunAfter: new Date(now.getTime() - sessionLifetimeMs),
    usedAfter: new Date(now.getTime() - sessionIdleMs),
  };
}

/**
 * Answers the form in which a session's token is stored, by which it is also found.
 *
 * @param token 256 random bits: salt and slowness would protect nothing
 */
export function hashedSessionToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
