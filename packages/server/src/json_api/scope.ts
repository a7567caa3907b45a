// The scopes that a request needs (RFC 6750 §3.1).

import { includesScope } from '@chargeyard/contract/scopes';
import type { Principal } from '../domain/index.ts';
import { refused } from './errors.ts';

/** @throws {RequestRefused} insufficient_scope */
export function requireScope(principal: Principal, scope: string): void {
  if (includesScope(principal.scopes, scope)) return;
  throw refused('insufficient_scope', `This request needs the scope ${scope}.`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  });
}
