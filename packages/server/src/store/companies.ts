// companies: the tree of a tenant's legal bodies, and its closure (company_ancestors), written together.

import { Conflict, Invalid } from '../domain/index.ts';
import type { Visibility } from '../domain/index.ts';
import { refusingBy } from './broken_rules.ts';
import type { Session } from './database.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { columnsOf, resourceRows } from './resource_rows.ts';
import type { Page, Row } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';

const table = {
  name: 'companies',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    name: { sql: 's.name', type: 'text' },
    parentId: { sql: 's.parent_id', type: 'uuid' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  // A company sees itself, and its subordinates where it may.
  visible: (visibility, parameter) => isOfVisibleCompany(visibility, parameter, { column: 'id' }),
} as const satisfies ListedTable<string>;

export type CompanyField = keyof typeof table.fields;
export const companyFields = Object.keys(table.fields) as readonly CompanyField[];

const written = { name: 'name' } as const;
export type WrittenCompany = { readonly name?: unknown };

const columns = (values: WrittenCompany) => columnsOf(written, values);
const refusing = refusingBy({
  companies_tenant_id_parent_id_fkey: deleteOrInsert,
  charging_stations_tenant_id_company_id_fkey: (cause) =>
    new Conflict('There are charging stations that belong to this company.', { cause }),
  driver_tokens_tenant_id_company_id_fkey: (cause) =>
    new Conflict('There are driver tokens that belong to this company.', { cause }),
  locations_tenant_id_company_id_fkey: (cause) =>
    new Conflict('There are locations that belong to this company.', { cause }),
  api_clients_tenant_id_company_id_fkey: (cause) =>
    new Conflict('There are API clients that are bound to this company.', { cause }),
  users_tenant_id_company_id_fkey: (cause) =>
    new Conflict('There are users that are bound to this company.', { cause }),
  webhooks_tenant_id_company_id_fkey: (cause) =>
    new Conflict('There are webhooks that are sent the events of this company.', { cause }),
});

const [idAt, parentAt] = [companyFields.indexOf('id'), companyFields.indexOf('parentId')];

/** Of all that may be seen, the company of the binding alone has a parent that may not: it is null then. */
function asSeen({ company }: Visibility, row: Row): Row {
  return row[idAt] === company?.companyId ? row.with(parentAt, null) : row;
}

/** Deletions throw {Conflict} when something belongs to the company, or somebody is bound to it. */
export function companiesIn(session: Session) {
  const rows = resourceRows(session, table, { columns, refusing });
  return {
    ...rows,

    async page(visibility: Visibility, query: ListQuery<CompanyField>): Promise<Page> {
      const page = await rows.page(visibility, query);
      return { ...page, rows: page.rows.map((row) => asSeen(visibility, row)) };
    },

    async find(visibility: Visibility, id: string, now: Date): Promise<Row | undefined> {
      const row = await rows.find(visibility, id, now);
      return row && asSeen(visibility, row);
    },

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

    /** Answers a tenant's companies of that name, or the one with that id. */
    findByIdOrName: (tenantId: string, idOrName: string): Promise<{ id: string; name: string }[]> =>
      session.queryAs(
        tenantId,
        'select id, name from companies where tenant_id = $1 and (id::text = lower($2) or name = $2) order by id',
        [tenantId, idOrName],
      ),
  };
}

/** The same constraint is broken by a parent that is not there and by deleting one that has subordinates. */
function deleteOrInsert(cause: unknown): Conflict | Invalid {
  const isStillReferenced = cause instanceof Error && cause.message.startsWith('update or delete');
  return isStillReferenced
    ? new Conflict('There are subordinate companies of this company.', { cause })
    : new Invalid('There is no such parent company.', { cause, field: 'parentId' });
}
