// Who asks, and may they? Steps that every route of the CPO API passes before its handler runs.

import { includesScope } from '@chargeyard/contract/scopes';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../domain/index.ts';
import { invalidToken, refused } from './errors.ts';

export type Authenticate = (accessToken: string) => Promise<Principal>;

/**
 * Answers the access token of an Authorization header: `Bearer <token>` (RFC 6750 §2.1, any case) or the token alone,
 * as in every sample of the CPO API's documentation.
 *
 * @throws {RequestRefused} missing_token, invalid_token
 */
export function accessTokenOf(request: FastifyRequest): string {
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
export function requireHost(principal: Principal, tenantSlug: string | undefined): void {
  if (tenantSlug === undefined || tenantSlug === principal.tenantSlug) return;
  throw invalidToken('The access token is not valid on this host.');
}

/** @throws {RequestRefused} cpo_api_not_licensed */
export function requireLicence(principal: Principal): void {
  if (principal.cpoApiIsLicensed) return;
  throw refused('cpo_api_not_licensed', 'The CPO API is not licensed for this tenant.');
}

/** @throws {RequestRefused} insufficient_scope */
export function requireScope(principal: Principal, scope: string): void {
  if (includesScope(principal.scopes, scope)) return;
  throw refused('insufficient_scope', `This request needs the scope ${scope}.`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  });
}
