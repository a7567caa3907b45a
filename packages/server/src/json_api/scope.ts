// The scopes that a request needs. Where an access token lacks one, a challenge names it (RFC 6750 §3.1).

import { includesScope } from '@chargeyard/contract/scopes';
import type { Principal } from '../domain/index.ts';
import { refused } from './errors.ts';

/** @throws {RequestRefused} insufficient_scope */
export function requireScope(principal: Principal, scope: string): void {
  if (includesScope(principal.scopes, scope)) return;
  const challenge = { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` };
  throw refused('insufficient_scope', `This request needs the scope ${scope}.`, {
    headers: principal.kind === 'api_client' ? challenge : {},
  });
}
