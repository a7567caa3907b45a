// Who may connect as a charging station: what is known at the door, how passwords are kept, and what is told of refusals.

import type { StationHabits } from './charging_station.ts';
import { hashedSecret, isSecret } from './secret.ts';

/** OCPP 1.6 security whitepaper: 0 none, 1 HTTP Basic, 2 HTTP Basic over TLS, 3 a client certificate. */
export type SecurityProfile = 0 | 1 | 2 | 3;

/** What the handshake needs to know of a tenant and of a station in it. */
export type StationAccess = {
  readonly tenantId: string;
  readonly unknownChargingStations: 'wait' | 'accept';
  /** Undefined when nobody has created it. */
  readonly station:
    | {
        readonly id: string;
        readonly securityProfile: SecurityProfile;
        readonly passwordHash: string | undefined;
        /** What it was told to connect with, and has not yet; undefined where it was told nothing. */
        readonly offered:
          | { readonly securityProfile: SecurityProfile; readonly passwordHash: string | undefined }
          | undefined;
        /** The subprotocol of a station that offers none of ours. */
        readonly assumedSubprotocol: string | undefined;
        readonly habits: StationHabits;
      }
    | undefined;
  /** Of the tenant's OCPP passwords; [] where the station has one of its own. */
  readonly tenantPasswordHashes: readonly string[];
};

/** A handshake that was refused, for the operator. */
export type StationRefused = {
  readonly tenantId: string;
  readonly at: Date;
  readonly address: string;
  /** The station, or of one that nobody created what it said of itself. */
  readonly who:
    | { readonly chargingStationId: string; readonly reason: string }
    | { readonly identity: string; readonly subprotocols: readonly string[] };
};

// AuthorizationKey is written in hexadecimal digits, and stands for 16 to 20 bytes (OCPP 1.6 security whitepaper, 2.6).
const hexadecimalKey = /^(?:[0-9a-f]{2}){16,20}$/i;

/** What a station's password may be: shorter ones are guessed. */
export const stationPasswordForm = /^[\x21-\x7e]{16,40}$/;

/**
 * Answers the form in which a station's password is stored.
 *
 * @param password 16 to 40 printable ASCII characters
 */
export function hashedStationPassword(password: string): string {
  return hashedSecret(normalised(password));
}

/**
 * Answers whether a station sent the password that was hashed: as it is written, or, of one in hexadecimal digits, the
 * bytes that these stand for.
 *
 * @param sent as it came in HTTP Basic
 */
export function isStationPassword(sent: Buffer, stored: string): boolean {
  return (
    isSecret(normalised(sent.toString('utf8')), stored) ||
    (sent.length >= 16 && sent.length <= 20 && isSecret(sent.toString('hex'), stored))
  );
}

/** Hexadecimal digits are the same in either case. */
const normalised = (password: string) => (hexadecimalKey.test(password) ? password.toLowerCase() : password);
