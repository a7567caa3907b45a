import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import type { Visibility } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openStore, plainQuery } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { aChargingStation, aCompany, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let store: Store;
const now = new Date();

beforeAll(async () => {
  database = await testDatabase();
  store = await openStore({
    connection: database.connection,
    log: pino({ level: 'silent' }),
    newId,
    maxConnections: 6,
  });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const ofCompany = (tenantId: string, companyId: string, withSubordinates = false): Visibility => ({
  tenantId,
  company: { companyId, withSubordinates },
});

/** The ids of a page, and the total. */
async function page(visibility: Visibility, offset: number, limit: number) {
  const { total, rows } = await store.chargingStations.page(visibility, plainQuery({ limit, offset, now }));
  return { total, ids: rows.map(([id]) => id) };
}

/** Many stations at once, past the store: the ids in order. */
async function manyStations(
  tenantId: string,
  companyIds: (string | null)[],
  count: number,
): Promise<string[]> {
  const rows = await database.look<{ id: string }>(
    `insert into charging_stations (tenant_id, id, identity, label, company_id, created_at, updated_at)
     select $1, gen_random_uuid(), 'many_' || n, 'Many', ($2::uuid[])[1 + n % cardinality($2::uuid[])], now(), now()
     from generate_series(1, $3::int) n returning id`,
    [tenantId, companyIds, count],
  );
  return rows.map(({ id }) => id).toSorted();
}

describe('a page of charging stations', () => {
  it('begins where its offset says, in a list of many blocks', async () => {
    const { id } = await aTenant(store);
    const ids = await manyStations(id, [null], 25_000);
    for (const offset of [0, 1, 1_999, 2_000, 2_001, 12_345, 24_950, 24_999]) {
      expect(await page(wholeTenant(id), offset, 50)).toEqual({
        total: 25_000,
        ids: ids.slice(offset, offset + 50),
      });
    }
    expect(await page(wholeTenant(id), 25_000, 50)).toEqual({ total: 25_000, ids: [] });
    expect(await page(wholeTenant(id), Number.MAX_SAFE_INTEGER, 50)).toEqual({ total: 25_000, ids: [] });
  });

  it('of an empty tenant is empty', async () => {
    const { id } = await aTenant(store);
    expect(await page(wholeTenant(id), 0, 50)).toEqual({ total: 0, ids: [] });
    expect(await page(wholeTenant(id), 10, 50)).toEqual({ total: 0, ids: [] });
  });

  it('agrees with the stations that are there, whatever was inserted, moved and deleted before', async () => {
    const tenant = await aTenant(store);
    const parent = await aCompany(store, tenant.id);
    const companies = [null, parent, await aCompany(store, tenant.id, parent)];
    await manyStations(tenant.id, companies, 9_000);
    const step = fc.record({
      change: fc.constantFrom('insert', 'move', 'delete'),
      share: fc.integer({ min: 2, max: 40 }),
      to: fc.constantFrom(...companies),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, at) => {
          for (const { change, share, to } of steps) {
            const some = `tenant_id = $1 and hashtext(id::text) % ${share} = 0`;
            if (change === 'insert') {
              await database.look(
                `insert into charging_stations (tenant_id, id, identity, label, company_id, created_at, updated_at)
               select $1, gen_random_uuid(), left(gen_random_uuid()::text, 36), 'New', $2, now(), now()
               from generate_series(1, 10000 / ${share})`,
                [tenant.id, to],
              );
            } else if (change === 'move') {
              await database.look(`update charging_stations set company_id = $2 where ${some}`, [
                tenant.id,
                to,
              ]);
            } else {
              await database.look(`delete from charging_stations where ${some}`, [tenant.id]);
            }
          }
          const scopes: [Visibility, (string | null)[]][] = [
            [wholeTenant(tenant.id), companies],
            [ofCompany(tenant.id, parent), [parent]],
            [ofCompany(tenant.id, parent, true), companies.slice(1)],
          ];
          for (const [visibility, visible] of scopes) {
            const rows = await database.look<{ id: string }>(
              `select id from charging_stations
             where tenant_id = $1 and coalesce(company_id::text, '') = any($2) order by id`,
              [tenant.id, visible.map((id) => id ?? '')],
            );
            const ids = rows.map(({ id }) => id);
            const offset = Math.floor(at * ids.length);
            expect(await page(visibility, offset, 7)).toEqual({
              total: ids.length,
              ids: ids.slice(offset, offset + 7),
            });
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);

  it('is right after many processes created stations of one tenant at the same time', async () => {
    const tenant = await aTenant(store);
    await manyStations(tenant.id, [null], 3_990);
    const created = await Promise.all(Array.from({ length: 40 }, () => aChargingStation(store, tenant.id)));
    const blocks = await database.look<{ first_id: string; stations: number; real: number }>(
      `select r.first_id, r.stations, (
         select count(*)::int from charging_stations s
         where s.tenant_id = r.tenant_id and s.id >= r.first_id and s.id < coalesce(
           (select n.first_id from charging_station_ranks n
            where n.tenant_id = r.tenant_id and n.scope_id = r.scope_id and n.first_id > r.first_id
            order by n.first_id limit 1), 'ffffffff-ffff-ffff-ffff-ffffffffffff')) as real
       from charging_station_ranks r where r.tenant_id = $1`,
      [tenant.id],
    );
    expect(blocks.length).toBeGreaterThan(1);
    expect(blocks.map(({ stations }) => stations)).toEqual(blocks.map(({ real }) => real));
    expect((await page(wholeTenant(tenant.id), 0, 1)).total).toBe(3_990 + created.length);
  });
});

// Few different characters, so that texts are found often; with some that PostgreSQL's patterns take for more.
const characters = Array.from('aAbBäÄßİıΣς%_\\.\n😀 -');
const text = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength });

describe('a search', () => {
  it('finds what has the text anywhere in label, identity or serial number, in any case, and nothing else', async () => {
    const { id: tenantId } = await aTenant(store);
    const { id: other } = await aTenant(store);
    const station = fc.record({ label: text(12), serial: fc.option(text(8)) });
    let made = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(station, { minLength: 1, maxLength: 6 }),
        fc.array(text(5), { minLength: 3, maxLength: 3 }),
        text(8),
        async (stations, searched, relabelled) => {
          await database.look(
            `insert into charging_stations (tenant_id, id, identity, label, serial_number, created_at, updated_at)
             select of, gen_random_uuid(), 'aB-' || $2 + n, label, serial_number, now(), now()
             from unnest($1::uuid[]) of, unnest($3::text[], $4::text[]) with ordinality as s (label, serial_number, n)`,
            [
              [tenantId, other],
              made,
              stations.map(({ label }) => label),
              stations.map(({ serial }) => serial),
            ],
          );
          made += stations.length;
          await database.look(
            `with present as (select min(id::text)::uuid as first, max(id::text)::uuid as last
                              from charging_stations where tenant_id = $1),
             changed as (update charging_stations set label = $2, serial_number = $3 from present where id = first)
             delete from charging_stations using present where id = last and last <> first`,
            [tenantId, relabelled, searched[0]],
          );
          const texts = [...searched, 'ab-', 'B-1', relabelled];
          const there = await database.look<{ ids: string[] }>(
            `select array(select id::text from charging_stations where tenant_id = $1 and
                            (label ilike p or identity ilike p or serial_number ilike p) order by id) as ids
             from unnest($2::text[]) with ordinality as wanted (p, n) order by n`,
            [tenantId, texts.map((wanted) => `%${wanted.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`)],
          );
          for (const [at, wanted] of texts.entries()) {
            const { total, rows } = await store.chargingStations.page(wholeTenant(tenantId), {
              ...plainQuery({ limit: 500, offset: 0, now }),
              search: { text: wanted, fields: ['label', 'identity', 'serialNumber'] },
            });
            const ids = there[at]?.ids ?? [];
            expect({ wanted, total, ids: rows.map(([id]) => id) }).toEqual({
              wanted,
              total: ids.length,
              ids,
            });
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
