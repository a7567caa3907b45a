// Who asks, and may they? What every request to the CPO API passes before its route's handler runs.

import type { FastifyRequest } from 'fastify';
import type { ApiClientPrincipal, Principal } from '../domain/index.ts';
import { invalidToken, refused } from '../json_api/index.ts';

export type Authentication = {
  /** Answers whose access token it is, or throws {InvalidToken}. */
  readonly checkAccessToken: (accessToken: string) => Promise<ApiClientPrincipal>;
  /**
   * Answers whose session the request's cookie tells; undefined when it has none. Throws {RequestRefused} for a session
   * that has ended, is another host's, or is used by another site.
   */
  readonly authenticateSession: (request: FastifyRequest) => Promise<Principal | undefined>;
  readonly tenantSlugOfHost: (host: string | undefined) => string | undefined;
};

/** Answers a function that tells who asks: an API client, by its access token; without one a user, by the session. */
export function authenticator({ checkAccessToken, authenticateSession, tenantSlugOfHost }: Authentication) {
  return async (request: FastifyRequest): Promise<Principal> => {
    if (request.headers.authorization === undefined) {
      const user = await authenticateSession(request);
      if (user !== undefined) return user;
    }
    const principal = await checkAccessToken(accessTokenOf(request));
    requireHost(principal, tenantSlugOfHost(request.host));
    requireLicence(principal);
    return principal;
  };
}

/**
 * Answers the access token of an Authorization header: `Bearer <token>` (RFC 6750 §2.1, any case) or the token alone,
 * as in every sample of the CPO API's documentation.
 *
 * @throws {RequestRefused} missing_token, invalid_token
 */
function accessTokenOf(request: FastifyRequest): string {
  const header = request.headers.authorization?.trim();
  if (header === undefined || header === '') {
    throw refused(
      'missing_token',
      'Send the access token in the header Authorization: Bearer <access_token>.',
      {
        source: { header: 'Authorization' },
        headers: { 'www-authenticate': 'Bearer realm="Chargeyard"' },
      },
    );
  }
  const token = /^(?:bearer +)?([^ ]+)$/i.exec(header)?.[1];
  if (token === undefined) throw invalidToken('The Authorization header holds no access token.');
  return token;
}

/**
 * Checks that a principal asks on its own tenant's host or on the bare one.
 *
 * @throws {RequestRefused} invalid_token on another tenant's host, as if the token were unknown there
 */
function requireHost(principal: Principal, tenantSlug: string | undefined): void {
  if (tenantSlug === undefined || tenantSlug === principal.tenantSlug) return;
  throw invalidToken('The access token is not valid on this host.');
}

/** @throws {RequestRefused} cpo_api_not_licensed */
function requireLicence(principal: ApiClientPrincipal): void {
  if (principal.cpoApiIsLicensed) return;
  throw refused('cpo_api_not_licensed', 'The CPO API is not licensed for this tenant.');
}
