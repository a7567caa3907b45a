// A company that a write names must be one that its writer may see, or a bound API client could put its stations
// elsewhere.

import { Invalid } from '../domain/index.ts';
import type { Write } from '../json_api/index.ts';

/** @throws {Invalid} when the field names a company that the principal may not see; null names none */
export async function requireVisibleCompany(
  { tables, principal, values, now }: Write,
  field: string,
): Promise<void> {
  const companyId = values[field];
  if (companyId === undefined) return;
  if (companyId === null) {
    if (principal.visibility.company === undefined) return;
    throw new Invalid('An API client that is bound to a company must name a company.', { field });
  }
  if (await tables.companies.isVisible(principal.visibility, companyId as string, now)) return;
  throw new Invalid('There is no such company.', { field });
}
