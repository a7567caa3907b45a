// companies: the tree of a tenant's legal bodies, and its closure (company_ancestors), written together.

import { NotFound } from '../domain/index.ts';
import { brokenConstraint } from './database.ts';
import type { Database } from './database.ts';

export type Company = { readonly id: string; readonly name: string; readonly parentId: string | undefined };

export function companiesIn(database: Database) {
  return {
    /** @throws {NotFound} when the parent is no company of this tenant */
    async insert(tenantId: string, company: Company & { createdAt: Date }): Promise<void> {
      const parentId = company.parentId ?? null;
      try {
        await database.transaction(
          [tenantId],
          [
            {
              text: 'insert into companies (tenant_id, id, parent_id, name, created_at) values ($1, $2, $3, $4, $5)',
              values: [tenantId, company.id, parentId, company.name, company.createdAt],
            },
            {
              text: `insert into company_ancestors (tenant_id, ancestor_id, company_id)
                     select $1::uuid, $2::uuid, $2::uuid
                     union all
                     select tenant_id, ancestor_id, $2 from company_ancestors where tenant_id = $1 and company_id = $3`,
              values: [tenantId, company.id, parentId],
            },
          ],
        );
      } catch (error) {
        if (brokenConstraint(error) !== 'companies_tenant_id_parent_id_fkey') throw error;
        throw new NotFound('There is no such parent company in this tenant.', { cause: error });
      }
    },

    /** Answers a tenant's companies of that name, or the one with that id. */
    async findByIdOrName(tenantId: string, idOrName: string): Promise<Company[]> {
      return database.queryAs<Company>(
        tenantId,
        `select id, name, parent_id as "parentId" from companies
         where tenant_id = $1 and (id::text = lower($2) or name = $2) order by id`,
        [tenantId, idOrName],
      );
    },
  };
}
