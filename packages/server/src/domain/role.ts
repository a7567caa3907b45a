// What a user may do follows from the role, by this table alone. How much of the tenant the user sees is another matter:
// visibility.ts.

import type { Role } from '@chargeyard/contract/resources/users';
import { allRights, includesScope, ownersScope, scopes } from '@chargeyard/contract/scopes';

export { roles } from '@chargeyard/contract/resources/users';
export type { Role };

// What administrators manage; operators read it.
const managed = ['companies', 'charging_station_models'];

const reads = scopes.filter((scope) => scope.endsWith(':read'));
const operations = scopes.filter(
  (scope) => scope !== allRights && !managed.some((type) => scope === `cpoapi:${type}:write`),
);
const ownSession = ['settings:session:write', 'settings:tenant:read'];
const administration = [
  'settings:tenant:write',
  'settings:api_clients:write',
  'settings:ocpp_passwords:write',
  'settings:users:write',
];

const scopesByRole: Readonly<Record<Role, readonly string[]>> = {
  viewer: [...reads, ...ownSession],
  operator: [...operations, ...ownSession],
  admin: [allRights, ...ownSession, ...administration],
  owner: [allRights, ...ownSession, ...administration, ownersScope],
};

export function scopesOfRole(role: Role): readonly string[] {
  return scopesByRole[role];
}

/** Answers whether scopes include all that a role gives: nobody gives, or takes away, more than he has. */
export function includesRole(given: readonly string[], role: Role): boolean {
  return scopesByRole[role].every((scope) => includesScope(given, scope));
}
