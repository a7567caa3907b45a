// api_clients: outside the tenants' wall, since a client is looked up before its tenant is known.

import type { CompanyVisibility, CompanyVisibilityMode, RegisteredApiClient } from '../domain/index.ts';
import type { Session } from './database.ts';

type NewApiClient = {
  readonly tenantId: string;
  readonly clientId: string;
  readonly name: string;
  readonly secretHash: string;
  readonly scopes: readonly string[];
  readonly company: CompanyVisibility | undefined;
  readonly createdAt: Date;
};

type Row = Omit<RegisteredApiClient, 'company'> & {
  companyId: string | null;
  visibility: CompanyVisibilityMode | null;
};

export function apiClientsIn(session: Session) {
  return {
    async insert(client: NewApiClient): Promise<void> {
      const { company } = client;
      await session.query(
        `insert into api_clients (tenant_id, client_id, name, secret_hash, scopes, company_id, visibility, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          client.tenantId,
          client.clientId,
          client.name,
          client.secretHash,
          client.scopes,
          company?.companyId ?? null,
          company === undefined ? null : company.withSubordinates ? 'subtree' : 'company',
          client.createdAt,
        ],
      );
    },

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
      const company =
        companyId === null ? undefined : { companyId, withSubordinates: visibility === 'subtree' };
      return { ...client, company };
    },

    /** Answers whether there was such a client of this tenant. Its access tokens stop working with it. */
    async delete(tenantId: string, clientId: string): Promise<boolean> {
      const deleted = await session.query(
        'delete from api_clients where tenant_id = $1 and client_id = $2 returning client_id',
        [tenantId, clientId],
      );
      return deleted.length > 0;
    },
  };
}
