// The RSA keys that sign access tokens. A new key is published a day before it signs, and an old one stays published
// until the last token that it signed has expired, so keys change without a break for whoever caches them.

import { exportJWK, generateKeyPair, importJWK, calculateJwkThumbprint } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { Clock } from '../clock.ts';
import type { SigningKeyRow, Store } from '../store/index.ts';

export const accessTokenLifetimeSeconds = 86_400;

const dayMs = 86_400_000;
const signsForMs = 90 * dayMs;
const publishedAheadMs = dayMs;
const reloadedAfterMs = 5 * 60_000;
// An unknown kid asks the database at most this often, whoever sends it.
const reloadedForUnknownKidAfterMs = 1_000;

type Key = { readonly kid: string; readonly signsFrom: number; readonly publicJwk: JWK } & {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
};

export type SigningKeys = {
  /** The key that signs now. */
  current(): Promise<{ kid: string; privateKey: CryptoKey }>;
  /** The public key of that id, undefined when no such key is published. */
  find(kid: string): Promise<CryptoKey | undefined>;
  /** The published keys, RFC 7517 §5. */
  jwks(): Promise<{ keys: JWK[] }>;
};

export function createSigningKeys(deps: { store: Store['signingKeys']; clock: Clock }): SigningKeys {
  let keys: readonly Key[] = [];
  let loadedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    const now = deps.clock.now().getTime();
    let rows = await deps.store.list();
    if (needsSuccessor(rows, now)) {
      await deps.store.insertAfter(
        rows[0]?.kid,
        await newKey(rows.length === 0 ? now : now + publishedAheadMs, now),
      );
      rows = await deps.store.list();
    }
    // What was superseded longer ago than a token lives, with an hour for clocks that differ, verifies nothing any more.
    await deps.store.deleteSignedBefore(new Date(now - accessTokenLifetimeSeconds * 1000 - 3_600_000));
    keys = await Promise.all(rows.map(imported));
    loadedAt = now;
  }

  function loadedWithin(ms: number): Promise<void> {
    if (deps.clock.now().getTime() - loadedAt < ms) return Promise.resolve();
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  }

  return {
    async current() {
      await loadedWithin(reloadedAfterMs);
      const now = deps.clock.now().getTime();
      // A clock that is behind that of the key's maker still has a key to sign with: the oldest.
      const key = keys.find(({ signsFrom }) => signsFrom <= now) ?? keys.at(-1);
      if (key === undefined) throw new Error('There is no signing key.');
      return key;
    },
    async find(kid) {
      await loadedWithin(reloadedAfterMs);
      const known = keys.find((key) => key.kid === kid);
      if (known !== undefined) return known.publicKey;
      await loadedWithin(reloadedForUnknownKidAfterMs);
      return keys.find((key) => key.kid === kid)?.publicKey;
    },
    async jwks() {
      await loadedWithin(reloadedAfterMs);
      return { keys: keys.map(({ publicJwk }) => publicJwk) };
    },
  };
}

function needsSuccessor(rows: readonly SigningKeyRow[], now: number): boolean {
  const newest = rows[0];
  return newest === undefined || newest.signsFrom.getTime() + signsForMs - publishedAheadMs <= now;
}

async function newKey(signsFrom: number, now: number): Promise<SigningKeyRow & { createdAt: Date }> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const privateJwk = await exportJWK(privateKey);
  return {
    kid: await calculateJwkThumbprint(privateJwk),
    privateJwk,
    signsFrom: new Date(signsFrom),
    createdAt: new Date(now),
  };
}

async function imported(row: SigningKeyRow): Promise<Key> {
  const { kty, n, e } = row.privateJwk as { kty: string; n: string; e: string };
  const publicJwk: JWK = { kty, n, e, kid: row.kid, alg: 'RS256', use: 'sig' };
  return {
    kid: row.kid,
    signsFrom: row.signsFrom.getTime(),
    publicJwk,
    privateKey: (await importJWK(row.privateJwk as JWK, 'RS256')) as CryptoKey,
    publicKey: (await importJWK(publicJwk, 'RS256')) as CryptoKey,
  };
}
