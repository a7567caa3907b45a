// Makes identifiers and secrets. The only place, besides tests, that asks for randomness.

import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

/**
 * A new UUID, version 7 (RFC 9562 §5.7): ids sort by the millisecond of their creation, so a table's primary key
 * is also its order of creation (docs/decisions/ids_are_uuid_v7.md).
 */
export function newId(): string {
  return v7();
}

/** A new API client's public id: 26 lower-case characters, as Amazon Cognito's are. */
export function newClientId(): string {
  return randomBytes(13).toString('hex');
}

/** A new secret of 256 bits: 64 lower-case hexadecimal characters, safe in a URL's query and in a form. */
export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

/** A new password for a person: 120 bits in 20 characters of A–Z a–z 0–9 - _ . */
export function newPassword(): string {
  return randomBytes(15).toString('base64url');
}

/** A new password for charging stations: 160 bits in 40 hexadecimal digits, as AuthorizationKey takes them. */
export function newStationPassword(): string {
  return randomBytes(20).toString('hex');
}

/** A new serial number of a certificate (RFC 5280 §4.1.2.2): 16 bytes, positive, without a leading zero; 126 bits of them random. */
export function newSerialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | (Number(bytes[0]) & 0x3f);
  return bytes;
}
