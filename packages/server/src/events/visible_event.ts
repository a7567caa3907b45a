// Who may be told of an event: who sees its station, as it belongs to companies when the event is read.

import type { CompanyVisibility } from '../domain/index.ts';
import type { StoredEvent } from '../store/index.ts';

/** @param company undefined: the whole tenant, whose events of deleted stations are seen, too */
export function isVisibleEvent(
  company: CompanyVisibility | undefined,
  { companyId, ancestorIds }: Pick<StoredEvent, 'companyId' | 'ancestorIds'>,
): boolean {
  if (company === undefined) return true;
  return company.withSubordinates ? ancestorIds.includes(company.companyId) : companyId === company.companyId;
}
