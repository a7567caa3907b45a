// signing_keys: the private keys that sign access tokens, shared by all processes of an installation.

import type { Session } from './database.ts';

/** An RSA private key as a JWK (RFC 7517) and the instant from which it signs. */
export type SigningKeyRow = {
  readonly kid: string;
  readonly privateJwk: Record<string, unknown>;
  readonly signsFrom: Date;
};

// Any number of our own.
const addingLock = 7_203_120;

export function signingKeysIn(session: Session) {
  return {
    /** Answers all keys that have not been deleted, the newest `signsFrom` first. */
    list(): Promise<SigningKeyRow[]> {
      return session.query<SigningKeyRow>(
        'select kid, private_jwk as "privateJwk", signs_from as "signsFrom" from signing_keys order by signs_from desc, kid',
      );
    },

    /**
     * Adds a key unless another process has added one since the caller looked.
     *
     * @param newestKnown the newest key's `kid` that the caller knows, undefined for none
     */
    async insertAfter(
      newestKnown: string | undefined,
      key: SigningKeyRow & { createdAt: Date },
    ): Promise<void> {
      await session.transaction(
        [],
        [
          { text: 'select pg_advisory_xact_lock($1)', values: [addingLock] },
          {
            text: `insert into signing_keys (kid, private_jwk, signs_from, created_at)
                   select $1, $2, $3, $4
                   where (select kid from signing_keys order by signs_from desc, kid limit 1) is not distinct from $5::text`,
            values: [key.kid, key.privateJwk, key.signsFrom, key.createdAt, newestKnown ?? null],
          },
        ],
      );
    },

    async deleteSignedBefore(instant: Date): Promise<void> {
      await session.query(
        `delete from signing_keys k where exists
           (select 1 from signing_keys newer where newer.signs_from > k.signs_from and newer.signs_from < $1)`,
        [instant],
      );
    },
  };
}
