// api_clients: outside the tenants' wall, since a client is looked up before its tenant is known.

import type {
  CompanyVisibility,
  CompanyVisibilityMode,
  RegisteredApiClient,
  Visibility,
} from '../domain/index.ts';
import { noSuchCompany, refusingBy } from './broken_rules.ts';
import { bindingColumns, bindingFrom } from './company_binding.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { insertRow, resourceRows } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';

const table = {
  name: 'api_clients',
  id: { sql: 's.client_id', type: 'text' },
  fields: {
    id: { sql: 's.client_id', type: 'text' },
    name: { sql: 's.name', type: 'text' },
    scopes: { sql: 'array_to_json(s.scopes)', type: 'json' },
    companyId: { sql: 's.company_id', type: 'uuid' },
    visibility: { sql: 's.visibility', type: 'text' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleCompany,
} as const satisfies ListedTable<string>;

export type ApiClientField = keyof typeof table.fields;
export const apiClientFields = Object.keys(table.fields) as readonly ApiClientField[];

type NewApiClient = {
  readonly tenantId: string;
  readonly clientId: string;
  readonly name: string;
  readonly secretHash: string;
  readonly scopes: readonly string[];
  readonly company: CompanyVisibility | undefined;
  readonly createdAt: Date;
};

/** What a change can set; what it leaves out stays. */
export type WrittenApiClient = {
  readonly name?: unknown;
  readonly scopes?: unknown;
  readonly secretHash?: string;
  /** Present: the client is bound to it, or with undefined to none. */
  readonly binding?: { readonly company: CompanyVisibility | undefined };
};

type Row = Omit<RegisteredApiClient, 'company'> & {
  companyId: string | null;
  visibility: CompanyVisibilityMode | null;
};

const refusing = refusingBy({ api_clients_tenant_id_company_id_fkey: noSuchCompany });

function columns({ name, scopes, secretHash, binding }: WrittenApiClient): Record<string, unknown> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(secretHash === undefined ? {} : { secret_hash: secretHash }),
    ...(binding === undefined ? {} : bindingColumns(binding.company)),
  };
}

/** Writes throw {Invalid} when the company is none of this tenant. */
export function apiClientsIn(session: Session) {
  const rows = resourceRows(session, table, { columns, refusing });
  return {
    page: rows.page,
    findVisible: rows.find,

    insert: (client: NewApiClient): Promise<void> =>
      refusing(() =>
        insertRow(session, table.name, {
          tenant_id: client.tenantId,
          client_id: client.clientId,
          name: client.name,
          secret_hash: client.secretHash,
          scopes: client.scopes,
          ...bindingColumns(client.company),
          created_at: client.createdAt,
          updated_at: client.createdAt,
        }),
      ),

    async find(clientId: string): Promise<RegisteredApiClient | undefined> {
      // PostgreSQL's text cannot hold it, so nothing has such an id.
      if (clientId.includes('\0')) return undefined;
      const [row] = await session.query<Row>(
        `select c.client_id as "clientId", c.name, c.secret_hash as "secretHash", c.scopes, c.company_id as "companyId",
                c.visibility, c.created_at as "createdAt", t.id as "tenantId", t.slug as "tenantSlug",
                t.cpo_api_is_licensed as "cpoApiIsLicensed"
         from api_clients c join tenants t on t.id = c.tenant_id
         where c.client_id = $1`,
        [clientId],
      );
      if (row === undefined) return undefined;
      const { companyId, visibility, ...client } = row;
      return { ...client, company: bindingFrom({ companyId, visibility }) };
    },

    /** Answers to whom a visible client is bound, for a change that depends on it; undefined when there is none. */
    async findBindingToChange(
      visibility: Visibility,
      clientId: string,
    ): Promise<{ company: CompanyVisibility | undefined } | undefined> {
      const values: unknown[] = [visibility.tenantId, clientId];
      const condition = isOfVisibleCompany(visibility, (value) => `$${values.push(value)}`);
      const [row] = await session.queryAs<Pick<Row, 'companyId' | 'visibility'>>(
        visibility.tenantId,
        `select s.company_id as "companyId", s.visibility from api_clients s
         where s.client_id = $2 and ${condition} for update`,
        values,
      );
      return row === undefined ? undefined : { company: bindingFrom(row) };
    },

    update: rows.update,

    /** Answers whether there was such a client, not changed since. Its access tokens stop working with it. */
    delete: (visibility: Visibility, clientId: string, ifUpdatedAt?: string): Promise<boolean> =>
      rows.delete(visibility, clientId, ifUpdatedAt),
  };
}
