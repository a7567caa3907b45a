// The charging station: its words and the form of its identity.

import { Invalid } from './errors.ts';

/**
 * How a station's connection stands. `pending` and `offline` by silence follow be.ENERGISED (30 and 60 minutes
 * unless the tenant chose other intervals); `no_communication`: nothing was ever heard.
 */
export const connectionStatuses = ['online', 'pending', 'offline', 'no_communication'] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

// OCPP 2.0.1 Part 2, identifierString, without the colon, which HTTP Basic reserves in a user name (RFC 7617 §2); 48 is
// its length limit for an identity.
const identityForm = /^[A-Za-z0-9*\-_=+|@.]{1,48}$/;

/**
 * Checks a charging station's identity (`chargeBoxIdentity` on the wire).
 *
 * @returns the same identity
 * @throws {Invalid} when it is empty, longer than 48 characters, or has a character outside A–Z a–z 0–9 * - _ = + | @ .
 */
export function checkedIdentity(identity: string): string {
  if (identityForm.test(identity)) return identity;
  throw new Invalid(
    `"${identity.slice(0, 64)}" is no charging station identity: 1 to 48 characters of A–Z a–z 0–9 * - _ = + | @ .`,
  );
}
