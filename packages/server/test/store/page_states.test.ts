// A page that is kept is confirmed by its state: whatever may change a page must change its state, whoever did it.

import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import type { Visibility } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openStore, plainQuery } from '../../src/store/index.ts';
import type { Outline, Store } from '../../src/store/index.ts';
import { aChargingStation, aCompany, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let store: Store;
let tenantId: string;
let visibilities: Visibility[];
let companies: string[];
let now = new Date('2026-11-25T12:00:00.000Z');

beforeAll(async () => {
  database = await testDatabase();
  const log = pino({ level: 'silent' });
  store = await openStore({ connection: database.connection, log, newId, maxConnections: 6 });
  ({ id: tenantId } = await aTenant(store));
  const parent = await aCompany(store, tenantId);
  companies = [parent, await aCompany(store, tenantId, parent)];
  const company = { companyId: parent, withSubordinates: false };
  visibilities = [
    wholeTenant(tenantId),
    { tenantId, company },
    { tenantId, company: { ...company, withSubordinates: true } },
  ];
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

/** What can happen, past Chargeyard or by another process. `$1` is a station's id, `of` the tenant's. */
const ofStation = {
  'is relabelled': `update charging_stations set label = label || '.' where id = $1`,
  'is moved': `update charging_stations set company_id = (
    select id from companies c where c.tenant_id = charging_stations.tenant_id and c.id is distinct from company_id limit 1)
    where id = $1`,
  'belongs to nobody': 'update charging_stations set company_id = null where id = $1',
  'is deleted': 'delete from charging_stations where id = $1',
  connects: `insert into station_connections (tenant_id, charging_station_id, connection_id, ocpp_version, opened_at, last_seen_at)
    select tenant_id, id, gen_random_uuid(), '1.6', now(), $2::timestamptz from charging_stations where id = $1
    on conflict (tenant_id, charging_station_id)
    do update set connection_id = excluded.connection_id, last_seen_at = excluded.last_seen_at`,
  'speaks another version': `update station_connections set ocpp_version = '2.0.1' where charging_station_id = $1`,
  'loses its connection':
    'update station_connections set connection_id = null where charging_station_id = $1',
  'is seen': `update station_connections set last_seen_at = $2::timestamptz where charging_station_id = $1`,
  'is refused': `update station_connections set last_refusal = json_build_object('at', gen_random_uuid())
    where charging_station_id = $1`,
  'is swapped with another': `update station_connections c set last_seen_at = o.last_seen_at from station_connections o
    where o.charging_station_id <> c.charging_station_id
      and $1 in (c.charging_station_id, o.charging_station_id)`,
  'comes before all others': `insert into charging_stations (tenant_id, id, identity, label, company_id, created_at, updated_at)
    select tenant_id, ('00000000' || substr(gen_random_uuid()::text, 9))::uuid, left(gen_random_uuid()::text, 36), 'New',
           company_id, now(), now() from charging_stations where id = $1`,
};
const ofTenant = {
  'counts as pending sooner or later': `update tenants set pending_after_seconds = 2400 - pending_after_seconds
    where id = $1 returning $2::timestamptz`,
  'counts as offline sooner or later': `update tenants set offline_after_seconds = 5400 - offline_after_seconds
    where id = $1 returning $2::timestamptz`,
  'has a company less or more': `with gone as (
      delete from company_ancestors a where tenant_id = $1 and ancestor_id <> company_id returning *)
    insert into company_ancestors select c.tenant_id, c.parent_id, c.id from companies c
    where c.tenant_id = $1 and c.parent_id is not null and $2::timestamptz is not null and not exists (select 1 from gone)`,
};

const queries = [
  { limit: 100, offset: 0 },
  { limit: 3, offset: 0 },
  { limit: 3, offset: 3 },
  { limit: 2, offset: 7 },
];

const outline = async (
  visibility: Visibility,
  query: { limit: number; offset: number },
): Promise<Outline> => {
  const found = await store.chargingStations.outline(visibility, plainQuery({ ...query, now }));
  if (found === undefined) throw new Error('A plain query has an outline.');
  return found;
};
const shown = ({ total, rows }: Outline) => ({ total, rows: rows() });

describe('the state of a page', () => {
  it('stays only as long as the page does, whatever happens', async () => {
    const step = fc.record({
      what: fc.constantFrom(...Object.keys(ofStation), ...Object.keys(ofTenant), 'time passes'),
      which: fc.nat({ max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 3 }), async (steps) => {
        for (let missing = 12 - (await stationIds()).length; missing > 0; missing -= 1)
          await aChargingStation(store, tenantId, { companyId: companies[missing % 2] ?? '' });
        const pages = visibilities.flatMap((visibility) => queries.map((query) => ({ visibility, query })));
        const before = await Promise.all(pages.map(({ visibility, query }) => outline(visibility, query)));

        for (const { what, which } of steps) await happen(what, which);

        for (const [at, { visibility, query }] of pages.entries()) {
          const known = before[at];
          if (known?.startsAt === undefined) continue;
          const { startsAt } = known;
          const state = await store.chargingStations.state(
            visibility,
            plainQuery({ ...query, now }),
            startsAt,
          );
          const present = await outline(visibility, query);
          const isConfirmed = state === known.state;
          const isSame = isDeepStrictEqual(shown(present), shown(known));
          expect({ visibility, query, isConfirmed, isSame: isConfirmed && isSame }).toEqual({
            visibility,
            query,
            isConfirmed: present.state === known.state,
            isSame: isConfirmed,
          });
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('is found again from where the page begins', async () => {
    await aChargingStation(store, tenantId, { companyId: companies[0] ?? '' });
    for (const visibility of visibilities) {
      for (const query of queries) {
        const { state, startsAt = '' } = await outline(visibility, query);
        if (startsAt === '') continue;
        const again = await store.chargingStations.state(visibility, plainQuery({ ...query, now }), startsAt);
        expect(again).toBe(state);
      }
    }
  });
});

async function happen(what: string, which: number): Promise<void> {
  if (what === 'time passes') {
    now = new Date(now.getTime() + 300_000);
    return;
  }
  const ids = await stationIds();
  const sql = { ...ofStation, ...ofTenant }[what] ?? '';
  const id = what in ofTenant ? tenantId : ids[which % ids.length];
  await database.look(sql, sql.includes('$2') ? [id, now] : [id]);
}

async function stationIds(): Promise<string[]> {
  const rows = await database.look<{ id: string }>(
    'select id from charging_stations where tenant_id = $1 order by id',
    [tenantId],
  );
  return rows.map(({ id }) => id);
}
