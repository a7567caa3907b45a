// The condition that keeps rows which belong to a company, or are one, within a visibility.

import type { Visibility } from '../domain/index.ts';

/**
 * Answers the condition.
 *
 * @param parameter adds a value and answers its placeholder; $1 is the tenant's id
 * @param of.row    the row's name in the statement
 * @param of.column the one that says whose the row is
 */
export function isOfVisibleCompany(
  { company }: Visibility,
  parameter: (value: unknown) => string,
  { row = 's', column = 'company_id' }: { row?: string; column?: string } = {},
): string {
  if (company === undefined) return `${row}.tenant_id = $1`;
  const companyId = parameter(company.companyId);
  return company.withSubordinates
    ? `${row}.tenant_id = $1 and ${row}.${column} in (select a.company_id from company_ancestors a
         where a.tenant_id = $1 and a.ancestor_id = ${companyId})`
    : `${row}.tenant_id = $1 and ${row}.${column} = ${companyId}`;
}

/** The condition on rows that are the tenant's as a whole: who may see one company only sees none of them. */
export function isOfWholeTenant({ company }: Visibility): string {
  return company === undefined ? 's.tenant_id = $1' : 's.tenant_id = $1 and false';
}
