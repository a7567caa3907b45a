// The charging station: the form of its identity, and how its calls are taken.

import { Invalid } from './errors.ts';

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

/** How a station's calls are taken, and whose make it is: what is known of its vendor and model, by its boot or its model. */
export type StationHabits = {
  /** A call that its schema refuses is refused, and not repaired. */
  readonly isStrict: boolean;
  readonly vendor: string | undefined;
  readonly model: string | undefined;
  /** IANA name of where it stands. */
  readonly timeZone: string | undefined;
};
