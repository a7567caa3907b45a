// What a station must show by its security profile (OCPP 1.6 security whitepaper, §2 and §3.2): HTTP Basic, TLS, a client
// certificate.

import { isStationPassword } from '../domain/index.ts';
import type { ClientCertificate, StationAccess } from '../domain/index.ts';
import type { BasicCredentials } from './basic_credentials.ts';
import type { Refusal } from './http_refusal.ts';

/** What a handshake shows. */
export type Shown = {
  readonly slug: string;
  readonly identity: string;
  readonly credentials: BasicCredentials | undefined;
  readonly isEncrypted: boolean;
  readonly clientCertificate: ClientCertificate | undefined;
};

/** What a station must show. */
type Required = Pick<NonNullable<StationAccess['station']>, 'id' | 'securityProfile' | 'passwordHash'>;

export const wrongCredentials: Refusal = {
  status: 401,
  reason:
    'This charging station needs HTTP Basic: its identity or the tenant as user name, and its own password or, if it has ' +
    'none, one of the tenant’s.',
  headers: { 'WWW-Authenticate': 'Basic realm="chargeyard", charset="UTF-8"' },
};

/** Answers why a station is not let in; undefined when it is. */
export function refusalOf(
  { id, securityProfile, passwordHash }: Required,
  tenantPasswordHashes: readonly string[],
  shown: Shown,
): Refusal | undefined {
  if (securityProfile >= 2 && !shown.isEncrypted) {
    return forbidden(`Security profile ${securityProfile} is for TLS only: connect to wss://, not to ws://.`);
  }
  if (securityProfile === 3) return certificateRefusal(shown, id);
  if (securityProfile === 0 && passwordHash === undefined) return undefined;
  const hashes = passwordHash === undefined ? tenantPasswordHashes : [passwordHash];
  return isAuthentic(shown, hashes) ? undefined : wrongCredentials;
}

/**
 * Answers what a station has shown over TLS that no other one has, as a text that changes with it; undefined if nothing: a
 * tenant's password is many stations'.
 */
export function proofOf({ securityProfile, passwordHash }: Required): string | undefined {
  const isProven = securityProfile === 3 || (securityProfile === 2 && passwordHash !== undefined);
  return isProven ? `${securityProfile} ${passwordHash}` : undefined;
}

/** Answers why an identity that nobody created is not let in where the tenant takes all; undefined when it is. */
export function refusalOfUnknown(tenantPasswordHashes: readonly string[], shown: Shown): Refusal | undefined {
  const needsNone = tenantPasswordHashes.length === 0;
  return needsNone || isAuthentic(shown, tenantPasswordHashes) ? undefined : wrongCredentials;
}

function isAuthentic({ slug, identity, credentials }: Shown, hashes: readonly string[]): boolean {
  if (credentials === undefined || ![slug, identity].includes(credentials.user)) return false;
  return hashes.some((hash) => isStationPassword(credentials.password, hash));
}

function certificateRefusal({ identity, clientCertificate }: Shown, id: string): Refusal | undefined {
  if (clientCertificate === undefined) {
    return forbidden('Security profile 3 needs a client certificate that this server, or its proxy, trusts.');
  }
  const { commonName, owners } = clientCertificate;
  if (commonName === identity) {
    return owners.every((owner) => owner === id)
      ? undefined
      : forbidden('The client certificate was issued to another charging station of this identity.');
  }
  return forbidden(
    commonName === undefined
      ? 'The client certificate has no common name (CN), or several; it must be the identity.'
      : `The client certificate is of ${JSON.stringify(commonName.slice(0, 64))}; its common name (CN) must be the identity.`,
  );
}

const forbidden = (reason: string): Refusal => ({ status: 403, reason });
