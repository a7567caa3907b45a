// Users: the people of a tenant. Some sign in, some are technicians, some both.

import { Invalid } from './errors.ts';
import type { Principal } from './principal.ts';
import { scopesOfRole } from './role.ts';
import type { Role } from './role.ts';
import type { Tenant } from './tenant.ts';
import type { CompanyVisibility } from './visibility.ts';

export type User = {
  /** Counted per tenant: `technicianUserId` on the wire. */
  readonly id: number;
  readonly uuid: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: Role;
  readonly company: CompanyVisibility | undefined;
  readonly isActive: boolean;
  readonly isTechnician: boolean;
};

/** A user who asks, after the session was checked. */
export type UserPrincipal = Principal & {
  readonly user: User;
  readonly session: { readonly id: string; readonly startedAt: Date };
};

export function userPrincipal(
  tenant: Tenant,
  { user, session }: Pick<UserPrincipal, 'user' | 'session'>,
): UserPrincipal {
  return {
    kind: 'user',
    // No client id has a slash.
    callerId: `user/${user.id}`,
    tenantSlug: tenant.slug,
    scopes: scopesOfRole(user.role),
    visibility: { tenantId: tenant.id, company: user.company },
    user,
    session,
  };
}

/** RFC 5321 §4.5.3.1.3 leaves 254 characters. What is before and after the at sign is the mail server's to judge. */
const emailForm = { pattern: '^[^\\s@\\u0000]+@[^\\s@\\u0000]+$', maxLength: 254 } as const;

/**
 * Checks an email address.
 *
 * @returns the same address
 * @throws {Invalid} when it has no at sign, or spaces, or more than 254 characters
 */
export function checkedEmail(email: string): string {
  if (email.length <= emailForm.maxLength && new RegExp(emailForm.pattern).test(email)) return email;
  throw new Invalid(`"${email.slice(0, 80)}" is no email address.`, { field: 'email' });
}

/** Answers the rules that a user's role and company break together. */
export function faultsOfUser({ role, company }: Partial<Pick<User, 'role' | 'company'>>): Invalid[] {
  if (role !== 'owner' || company === undefined) return [];
  return [new Invalid('An owner owns the whole tenant and is bound to no company.', { field: 'companyId' })];
}
