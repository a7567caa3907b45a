// The condition that keeps rows which belong to a company within a visibility.

import type { Visibility } from '../domain/index.ts';

/**
 * Answers the condition.
 *
 * @param row       the row's name in the statement; its column company_id says whose it is
 * @param parameter adds a value and answers its placeholder; $1 is the tenant's id
 */
export function isOfVisibleCompany(
  { company }: Visibility,
  parameter: (value: unknown) => string,
  row = 's',
): string {
  if (company === undefined) return `${row}.tenant_id = $1`;
  const companyId = parameter(company.companyId);
  return company.withSubordinates
    ? `${row}.tenant_id = $1 and ${row}.company_id in (select a.company_id from company_ancestors a
         where a.tenant_id = $1 and a.ancestor_id = ${companyId})`
    : `${row}.tenant_id = $1 and ${row}.company_id = ${companyId}`;
}
