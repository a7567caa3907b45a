// The options --company and --visibility: to which company a user or an API client is bound.

import { Invalid, companyVisibilities } from '../domain/index.ts';
import type { CompanyVisibility } from '../domain/index.ts';
import type { Store } from '../store/index.ts';
import { companyNamed } from './company_named.ts';

/**
 * Answers the binding; undefined without a company.
 *
 * @throws {Invalid} for a visibility that there is not, or without a company; what `companyNamed` throws
 */
export async function companyVisibilityOf(
  store: Store,
  tenantId: string,
  { company, visibility }: { company?: string; visibility?: string },
): Promise<CompanyVisibility | undefined> {
  if (company === undefined) {
    if (visibility !== undefined) throw new Invalid('--visibility goes with --company.');
    return undefined;
  }
  const mode = companyVisibilities.find((known) => known === (visibility ?? 'subtree'));
  if (mode === undefined) throw new Invalid(`--visibility is one of ${companyVisibilities.join(', ')}.`);
  return { companyId: await companyNamed(store, tenantId, company), withSubordinates: mode === 'subtree' };
}
