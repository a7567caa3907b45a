// A company as a person names it on the command line: by its UUID, or by its name where only one has it.

import { Conflict, NotFound } from '../domain/index.ts';
import type { Store } from '../store/index.ts';

/**
 * Answers the company's id.
 *
 * @throws {NotFound} when no company of the tenant has that id or name
 * @throws {Conflict} when several have that name
 */
export async function companyNamed(store: Store, tenantId: string, idOrName: string): Promise<string> {
  const [company, ...others] = await store.companies.findByIdOrName(tenantId, idOrName);
  if (company === undefined) throw new NotFound(`There is no company "${idOrName}" in this tenant.`);
  if (others.length > 0) {
    const ids = [company, ...others].map(({ id }) => id).join(', ');
    throw new Conflict(`Several companies are named "${idOrName}"; name one by its id: ${ids}`);
  }
  return company.id;
}
