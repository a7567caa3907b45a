// companies: the tree of a tenant's legal bodies, and its closure (company_ancestors), written together.

import { Conflict, Invalid } from '../domain/index.ts';
import type { Visibility } from '../domain/index.ts';
import { brokenConstraint } from './database.ts';
import type { Session } from './database.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { columnsOf, deleteRow, findRow, listedPage, updateRow } from './resource_rows.ts';

const table = {
  from: 'companies s',
  id: { sql: 's.id', type: 'uuid' },
  updatedAt: 's.updated_at',
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    name: { sql: 's.name', type: 'text' },
    parentId: { sql: 's.parent_id', type: 'uuid' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible,
} as const satisfies ListedTable<string>;

export type CompanyField = keyof typeof table.fields;
export const companyFields = Object.keys(table.fields) as readonly CompanyField[];

const written = { name: 'name' } as const;
export type WrittenCompany = { readonly name?: unknown };

export function companiesIn(session: Session) {
  return {
    page: (visibility: Visibility, query: ListQuery<CompanyField>) =>
      listedPage(session, table, visibility, query),

    find: (visibility: Visibility, id: string, now: Date) => findRow(session, table, visibility, { id, now }),

    /** @throws {Invalid} when the parent is no company of this tenant */
    async insert(
      tenantId: string,
      company: { id: string; name: unknown; parentId: string | undefined; createdAt: Date },
    ): Promise<void> {
      const parentId = company.parentId ?? null;
      await refusing(() =>
        session.transaction(
          [tenantId],
          [
            {
              text: `insert into companies (tenant_id, id, parent_id, name, created_at, updated_at)
                     values ($1, $2, $3, $4, $5, $5)`,
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
        ),
      );
    },

    /** @returns whether there was such a company, not changed since */
    update: (
      visibility: Visibility,
      change: { id: string; values: WrittenCompany; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> =>
      updateRow(session, table, 'companies', visibility, {
        ...change,
        columns: columnsOf(written, change.values),
      }),

    /**
     * @returns whether there was such a company, not changed since
     * @throws {Conflict} when stations, locations, driver tokens, subordinate companies, API clients or users belong to it
     */
    delete: (visibility: Visibility, id: string, ifUpdatedAt: string | undefined): Promise<boolean> =>
      refusing(() => deleteRow(session, table, 'companies', visibility, { id, ifUpdatedAt })),

    /** Answers a tenant's companies of that name, or the one with that id. */
    findByIdOrName: (tenantId: string, idOrName: string): Promise<{ id: string; name: string }[]> =>
      session.queryAs(
        tenantId,
        'select id, name from companies where tenant_id = $1 and (id::text = lower($2) or name = $2) order by id',
        [tenantId, idOrName],
      ),
  };
}

/** A company sees itself, and its subordinates where the API client may; $1 is the tenant's id. */
function visible({ company }: Visibility, parameter: (value: unknown) => string): string {
  if (company === undefined) return 's.tenant_id = $1';
  const companyId = parameter(company.companyId);
  return company.withSubordinates
    ? `s.tenant_id = $1 and s.id in (select a.company_id from company_ancestors a
         where a.tenant_id = $1 and a.ancestor_id = ${companyId})`
    : `s.tenant_id = $1 and s.id = ${companyId}`;
}

async function refusing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    switch (brokenConstraint(cause)) {
      case 'companies_tenant_id_parent_id_fkey':
        // The same constraint is broken by a parent that is not there and by deleting one that has subordinates.
        throw deleteOrInsert(cause);
      case 'charging_stations_tenant_id_company_id_fkey':
        throw new Conflict('There are charging stations that belong to this company.', { cause });
      case 'driver_tokens_tenant_id_company_id_fkey':
        throw new Conflict('There are driver tokens that belong to this company.', { cause });
      case 'locations_tenant_id_company_id_fkey':
        throw new Conflict('There are locations that belong to this company.', { cause });
      case 'api_clients_tenant_id_company_id_fkey':
        throw new Conflict('There are API clients that are bound to this company.', { cause });
      case 'users_tenant_id_company_id_fkey':
        throw new Conflict('There are users that are bound to this company.', { cause });
      default:
        throw cause;
    }
  }
}

function deleteOrInsert(cause: unknown): Conflict | Invalid {
  const isStillReferenced = cause instanceof Error && cause.message.startsWith('update or delete');
  return isStillReferenced
    ? new Conflict('There are subordinate companies of this company.', { cause })
    : new Invalid('There is no such parent company.', { cause, field: 'parentId' });
}
