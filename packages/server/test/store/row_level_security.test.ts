// The second wall behind the store's own conditions: PostgreSQL's row-level security, for whoever queries as the server's
// role.

import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { aChargingStation, aCompany, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let store: Store;
const tenants = {} as Record<'a' | 'b', { id: string }>;

beforeAll(async () => {
  database = await testDatabase();
  store = await openStore({
    connection: database.connection,
    log: pino({ level: 'silent' }),
    newId,
    maxConnections: 2,
  });
  for (const name of ['a', 'b'] as const) {
    const tenant = await aTenant(store);
    await aChargingStation(store, tenant.id, { companyId: await aCompany(store, tenant.id) });
    tenants[name] = tenant;
  }
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function asServer<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(database.connection);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function nameTenants(client: Client, tenantIds: string[]): Promise<void> {
  await client.query(`select set_config('chargeyard.tenants', $1, false)`, [`{${tenantIds.join(',')}}`]);
}

describe('row-level security', () => {
  // Whoever asks for a token is looked up before its tenant is known. Searches find ids in an index that no guarded table
  // can have, and the stations behind the wall (docs/decisions/search_by_hashed_grams.md).
  const unguarded = ['api_clients', 'charging_station_grams'];

  async function guarded(): Promise<string[]> {
    const tables = await database.look<{ name: string }>(
      `select c.table_name as name from information_schema.columns c
       where c.table_schema = 'public' and c.column_name = 'tenant_id' order by 1`,
    );
    return tables.map(({ name }) => name).filter((name) => !unguarded.includes(name));
  }

  it('guards every table that has a tenant', async () => {
    const tables = await guarded();
    const walls = await database.look<{ relname: string }>(
      `select relname from pg_class where relname = any ($1) and relrowsecurity and relforcerowsecurity`,
      [tables],
    );
    expect(walls.map(({ relname }) => relname).toSorted()).toEqual(tables.toSorted());
    expect(tables).toContain('charging_stations');
  });

  it('guards them all alike, reads and writes', async () => {
    const tables = await guarded();
    const policies = await database.look<Record<string, unknown>>(
      `select count(*)::int as tables, permissive, roles::text, cmd, qual, with_check from pg_policies
       where tablename = any ($1) group by 2, 3, 4, 5, 6`,
      [tables],
    );
    expect(policies).toEqual([
      {
        tables: tables.length,
        permissive: 'PERMISSIVE',
        roles: '{public}',
        cmd: 'ALL',
        qual: expect.stringMatching(/^\(tenant_id = ANY \(.*'chargeyard\.tenants'/),
        with_check: null,
      },
    ]);
  });

  it('is not passed by the role itself', async () => {
    const [role] = await asServer(async (client) => {
      const answer = await client.query<{ rolsuper: boolean; rolbypassrls: boolean }>(
        'select rolsuper, rolbypassrls from pg_roles where rolname = current_user',
      );
      return answer.rows;
    });
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false });
  });

  it('lets no table be read without naming a tenant', async () => {
    for (const table of await guarded()) {
      await asServer(async (client) => {
        await expect(client.query(`select * from ${table}`)).rejects.toThrow(/chargeyard\.tenants/);
        await client.query(`select set_config('chargeyard.tenants', '', false)`);
        await expect(client.query(`select * from ${table}`)).rejects.toThrow(/array/);
        await nameTenants(client, []);
        expect((await client.query(`select * from ${table}`)).rows).toEqual([]);
      });
    }
  });

  it.each(['companies', 'company_ancestors', 'charging_stations'])(
    '%s shows the named tenant’s rows and no other’s',
    async (table) => {
      const { a, b } = tenants;
      await asServer(async (client) => {
        const tenantsSeen = async (...ids: string[]) => {
          await nameTenants(client, ids);
          const answer = await client.query<{ tenant_id: string }>(`select distinct tenant_id from ${table}`);
          return answer.rows.map((row) => row.tenant_id).toSorted();
        };
        expect(await tenantsSeen(a.id)).toEqual([a.id]);
        expect(await tenantsSeen(b.id)).toEqual([b.id]);
        expect(await tenantsSeen(a.id, b.id)).toEqual([a.id, b.id].toSorted());
      });
    },
  );

  it('another tenant’s rows can be neither changed, deleted nor made', async () => {
    const { a, b } = tenants;
    await asServer(async (client) => {
      await nameTenants(client, [a.id]);
      const changed = await client.query('update charging_stations set label = $2 where tenant_id = $1', [
        b.id,
        'taken',
      ]);
      const deleted = await client.query('delete from charging_stations where tenant_id = $1', [b.id]);
      expect([changed.rowCount, deleted.rowCount]).toEqual([0, 0]);
      await expect(
        client.query(`insert into companies (tenant_id, id, name, created_at) values ($1, $1, 'x', now())`, [
          b.id,
        ]),
      ).rejects.toThrow(/row-level security/);
      await expect(client.query('update charging_stations set tenant_id = $1', [b.id])).rejects.toThrow(
        /row-level security/,
      );
    });
  });
});
