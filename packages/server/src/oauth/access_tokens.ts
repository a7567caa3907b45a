// Access tokens: RS256 JWTs with the claims of Amazon Cognito's client-credentials tokens and our tenant. A token says
// who asks; whether that API client still exists, and what it may see, is asked of the database again after at most
// half a second, so that the tokens of a deleted client, or of a secret that was replaced, stop working at once and not at
// their expiry.

import { SignJWT, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { canonicalScope, includesScope } from '@chargeyard/contract/scopes';
import type { Clock } from '../clock.ts';
import { InvalidToken, secretIdOf } from '../domain/index.ts';
import type { ApiClientPrincipal, RegisteredApiClient } from '../domain/index.ts';
import { accessTokenLifetimeSeconds } from './signing_keys.ts';
import type { SigningKeys } from './signing_keys.ts';

export type AccessTokens = {
  /**
   * Issues an access token.
   *
   * @param scopes what it allows, a subset of the client's scopes
   * @param issuer the origin of the authorization server as the client knows it
   */
  issue(client: RegisteredApiClient, scopes: readonly string[], issuer: string): Promise<string>;

  /**
   * Answers who asks.
   *
   * @throws {InvalidToken} for whatever is not a valid, unexpired token of an API client that exists
   */
  check(accessToken: string): Promise<ApiClientPrincipal>;
};

type CheckedToken = {
  readonly clientId: string;
  /** Of the secret that it was fetched with. */
  readonly secretId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
};

const tokensRemembered = 10_000;
const clientTrustedForMs = 500;

export function createAccessTokens(deps: {
  signingKeys: SigningKeys;
  findApiClient: (clientId: string) => Promise<RegisteredApiClient | undefined>;
  clock: Clock;
  newId: () => string;
}): AccessTokens {
  const checkedTokens = new Map<string, CheckedToken>();
  const principals = new Map<string, { principal: Promise<ApiClientPrincipal>; askedAt: number }>();

  /** Verifying a signature costs more than all the rest of a request; the same token is verified once. */
  async function checked(accessToken: string): Promise<CheckedToken> {
    const known = checkedTokens.get(accessToken);
    if (known !== undefined) return known;
    const token = await verified(accessToken, deps.signingKeys, deps.clock.now());
    remember(checkedTokens, accessToken, token, tokensRemembered);
    return token;
  }

  function principalOf(accessToken: string, token: CheckedToken, now: number): Promise<ApiClientPrincipal> {
    const known = principals.get(accessToken);
    if (known !== undefined && Math.abs(now - known.askedAt) < clientTrustedForMs) return known.principal;
    const principal = deps.findApiClient(token.clientId).then((client) => {
      if (client === undefined)
        throw new InvalidToken('The API client of this access token does not exist any more.');
      if (secretIdOf(client.secretHash) !== token.secretId)
        throw new InvalidToken('The API client has another secret than this access token was fetched with.');
      return principalFrom(client, token.scopes);
    });
    principals.delete(accessToken);
    remember(principals, accessToken, { principal, askedAt: now }, tokensRemembered);
    return principal;
  }

  return {
    async issue(client, scopes, issuer) {
      const { kid, privateKey } = await deps.signingKeys.current();
      const now = Math.floor(deps.clock.now().getTime() / 1000);
      return new SignJWT({
        client_id: client.clientId,
        secret_id: secretIdOf(client.secretHash),
        token_use: 'access',
        scope: scopes.join(' '),
        auth_time: now,
        version: 2,
        tenant: client.tenantSlug,
      })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setSubject(client.clientId)
        .setIssuer(issuer)
        .setIssuedAt(now)
        .setExpirationTime(now + accessTokenLifetimeSeconds)
        .setJti(deps.newId())
        .sign(privateKey);
    },

    async check(accessToken) {
      const token = await checked(accessToken);
      const now = deps.clock.now().getTime();
      if (token.expiresAt <= now) {
        checkedTokens.delete(accessToken);
        throw new InvalidToken('The access token has expired.');
      }
      return principalOf(accessToken, token, now);
    },
  };
}

/** Keeps the newest `most` entries: a Map's order is that of insertion. */
function remember<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.set(key, value);
  if (map.size > most) for (const oldest of map.keys()) return void map.delete(oldest);
}

// The issuer is not compared: one authorization server answers on the base host and on every tenant's, and what makes a
// token ours is the key that signed it.
async function verified(accessToken: string, signingKeys: SigningKeys, now: Date): Promise<CheckedToken> {
  try {
    const { kid } = decodeProtectedHeader(accessToken);
    const key = kid === undefined ? undefined : await signingKeys.find(kid);
    if (key === undefined) throw new InvalidToken('The access token was not issued here.');
    const { payload } = await jwtVerify(accessToken, key, {
      algorithms: ['RS256'],
      currentDate: now,
      requiredClaims: ['exp', 'client_id', 'scope', 'token_use'],
    });
    const { client_id: clientId, secret_id: secretId, scope, token_use: use, exp } = payload;
    if (
      use !== 'access' ||
      typeof clientId !== 'string' ||
      typeof secretId !== 'string' ||
      typeof scope !== 'string' ||
      exp === undefined
    ) {
      throw new InvalidToken('This is not an access token of the CPO API.');
    }
    return { clientId, secretId, scopes: scope.split(' '), expiresAt: exp * 1000 };
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw new InvalidToken('The access token has expired.', { cause: error });
    if (error instanceof errors.JOSEError || error instanceof TypeError) {
      throw new InvalidToken('The access token cannot be verified.', { cause: error });
    }
    throw error;
  }
}

function principalFrom(client: RegisteredApiClient, tokenScopes: readonly string[]): ApiClientPrincipal {
  return {
    kind: 'api_client',
    callerId: client.clientId,
    tenantSlug: client.tenantSlug,
    cpoApiIsLicensed: client.cpoApiIsLicensed,
    scopes: commonScopes(
      tokenScopes.map((scope) => canonicalScope(scope) ?? scope),
      client.scopes,
    ),
    visibility: { tenantId: client.tenantId, company: client.company },
  };
}

/** What both allow: a right that was taken from the client since counts no more, though its token still names it. */
function commonScopes(ofToken: readonly string[], ofClient: readonly string[]): string[] {
  return [
    ...ofToken.filter((scope) => includesScope(ofClient, scope)),
    ...ofClient.filter((scope) => includesScope(ofToken, scope)),
  ];
}
