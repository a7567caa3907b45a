// Tenants: isolated customers of one installation. The slug is the tenant's host name below the base domain.

import { Invalid } from './errors.ts';

export type Tenant = { readonly id: string; readonly slug: string };

// One DNS label (RFC 1035 §2.3.1), lower case.
const slugForm = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Checks a tenant's slug.
 *
 * @returns the same slug
 * @throws {Invalid} when it is not one DNS label of 1 to 63 characters a–z 0–9 - (no hyphen at either end)
 */
export function checkedSlug(slug: string): string {
  if (slugForm.test(slug)) return slug;
  throw new Invalid(
    `"${slug.slice(0, 80)}" is no tenant slug: 1 to 63 characters of a–z 0–9 and hyphens, no hyphen at either end.`,
  );
}
