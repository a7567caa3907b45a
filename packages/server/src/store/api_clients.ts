// api_clients: outside the tenants' wall, since a client is looked up before its tenant is known.

import { Invalid } from '../domain/index.ts';
import type {
  CompanyVisibility,
  CompanyVisibilityMode,
  RegisteredApiClient,
  Visibility,
} from '../domain/index.ts';
import { bindingColumns, bindingFrom } from './company_binding.ts';
import { brokenConstraint } from './database.ts';
import type { Session } from './database.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { deleteRow, findRow, insertRow, listedPage, updateRow } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';

const table = {
  from: 'api_clients s',
  id: { sql: 's.client_id', type: 'text' },
  updatedAt: 's.updated_at',
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

export function apiClientsIn(session: Session) {
  return {
    page: (visibility: Visibility, query: ListQuery<ApiClientField>) =>
      listedPage(session, table, visibility, query),

    findVisible: (visibility: Visibility, clientId: string, now: Date) =>
      findRow(session, table, visibility, { id: clientId, now }),

    /** @throws {Invalid} when the company is none of this tenant */
    insert: (client: NewApiClient): Promise<void> =>
      refusing(() =>
        insertRow(session, 'api_clients', {
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

    /**
     * @returns whether there was such a client, not changed since
     * @throws {Invalid} as `insert`
     */
    update: (
      visibility: Visibility,
      change: { id: string; values: WrittenApiClient; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> => {
      const { name, scopes, secretHash, binding } = change.values;
      const columns = {
        ...(name === undefined ? {} : { name }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(secretHash === undefined ? {} : { secret_hash: secretHash }),
        ...(binding === undefined ? {} : bindingColumns(binding.company)),
      };
      return refusing(() => updateRow(session, table, 'api_clients', visibility, { ...change, columns }));
    },

    /** Answers whether there was such a client, not changed since. Its access tokens stop working with it. */
    delete: (visibility: Visibility, clientId: string, ifUpdatedAt?: string): Promise<boolean> =>
      deleteRow(session, table, 'api_clients', visibility, { id: clientId, ifUpdatedAt }),
  };
}

async function refusing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (brokenConstraint(cause) !== 'api_clients_tenant_id_company_id_fkey') throw cause;
    throw new Invalid('There is no such company.', { cause, field: 'companyId' });
  }
}
