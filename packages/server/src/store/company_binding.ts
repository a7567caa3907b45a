// The columns company_id and visibility of who can be bound to a company: API clients and users.

import type { CompanyVisibility, CompanyVisibilityMode } from '../domain/index.ts';

export function bindingColumns(company: CompanyVisibility | undefined): {
  company_id: string | null;
  visibility: CompanyVisibilityMode | null;
} {
  if (company === undefined) return { company_id: null, visibility: null };
  return { company_id: company.companyId, visibility: company.withSubordinates ? 'subtree' : 'company' };
}

export function bindingFrom(row: {
  companyId: string | null;
  visibility: CompanyVisibilityMode | null;
}): CompanyVisibility | undefined {
  const { companyId, visibility } = row;
  return companyId === null ? undefined : { companyId, withSubordinates: visibility === 'subtree' };
}
