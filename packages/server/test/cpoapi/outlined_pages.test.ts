// Stations whose texts are kept from one page to the next: whatever changed since, and whoever changed it, a page says what
// the same list says when it is read row by row (a list with a filter is).

import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCompany, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import { aCaller, callerWith } from './caller.ts';
import type { Caller, List } from './caller.ts';

const clock = aClock();
const app = testApp({ clock });
const minuteMs = 60_000;

let tenantId: string;
let other: string;
let companies: string[];
let callers: Caller[];
let whole: Caller;

const everything = 'filter[updatedSince]=2000-01-01';
const queries = [
  'page[limit]=500',
  'page[limit]=3&page[offset]=2',
  'page[limit]=500&fields[charging_stations]=label,lastSeenAt,bootedAt,connectionStatus',
  'fields[charging_stations]=lastSeenAt',
];

const at = (query: string) => `/charging_stations?${query}`;

const stationIds = async (of = tenantId) =>
  (
    await app.database.look<{ id: string }>(
      'select id from charging_stations where tenant_id = $1 order by id',
      [of],
    )
  ).map(({ id }) => id);

beforeAll(async () => {
  ({ id: tenantId } = await aTenant(app.store));
  ({ id: other } = await aTenant(app.store));
  const parent = await aCompany(app.store, tenantId);
  companies = [parent, await aCompany(app.store, tenantId, parent)];
  const company = { companyId: parent, withSubordinates: false };
  whole = await aCaller(app, tenantId);
  callers = [
    whole,
    await aCaller(app, tenantId, { company }),
    await aCaller(app, tenantId, { company: { ...company, withSubordinates: true } }),
    await aCaller(app, other),
  ];
  for (const companyId of [...companies, ...companies, ...companies]) {
    await aChargingStation(app.store, tenantId, { companyId });
  }
  await aChargingStation(app.store, other);
});

/** What can happen to the nth station of those that are there. */
const changes: Record<string, (id: string) => Promise<unknown>> = {
  'is changed by the API': (id) => whole('PATCH', `/charging_stations/${id}`, { label: `“${newId()}” ü` }),
  'is moved to another company': (id) =>
    whole('PATCH', `/charging_stations/${id}`, { companyUuid: companies[1] }),
  'is deleted': (id) => whole('DELETE', `/charging_stations/${id}`),
  'is changed past the API, without a new version': (id) =>
    app.database.look('update charging_stations set label = $2 where id = $1', [id, newId()]),
  boots: (id) =>
    app.store.stationFacts.record({
      kind: 'booted',
      tenantId,
      chargingStationId: id,
      connectionId: newId(),
      at: clock.now(),
      vendor: 'Vendor',
      model: newId(),
      serialNumber: undefined,
      firmwareVersion: '1',
      iccid: undefined,
      imsi: undefined,
    }),
  connects: (id) =>
    app.store.stationFacts.record({
      kind: 'connection_opened',
      tenantId,
      chargingStationId: id,
      connectionId: newId(),
      at: clock.now(),
      node: 'test',
      ocppVersion: '1.6',
    }),
  'loses its connection, past the API': (id) =>
    app.database.look('update station_connections set connection_id = null where charging_station_id = $1', [
      id,
    ]),
  'is seen': (id) =>
    app.database.look('update station_connections set last_seen_at = $2 where charging_station_id = $1', [
      id,
      clock.now(),
    ]),
  'is refused': (id) =>
    app.database.look('update station_connections set last_refusal = $2 where charging_station_id = $1', [
      id,
      JSON.stringify({ at: clock.now(), reason: newId(), address: '192.0.2.1' }),
    ]),
  'counts as pending earlier': () =>
    app.database.look('update tenants set pending_after_seconds = 1 where id = $1', [tenantId]),
  'counts as offline earlier': () =>
    app.database.look(
      'update tenants set pending_after_seconds = 1, offline_after_seconds = 1 where id = $1',
      [tenantId],
    ),
  'is joined by another station': () =>
    aChargingStation(app.store, tenantId, { companyId: companies[0] ?? '' }),
  'falls silent': async () => clock.moveBy(31 * minuteMs),
};

const usualIntervals = () =>
  app.database.look(
    'update tenants set pending_after_seconds = 1800, offline_after_seconds = 3600 where id = $1',
    [tenantId],
  );

async function expectAgreement(): Promise<void> {
  for (const call of callers) {
    for (const query of queries) {
      const page = await call('GET', `/charging_stations?${query}`);
      const rowByRow = await call('GET', `/charging_stations?${query}&${everything}`);
      const { data, meta } = page.json<List>();
      expect(page.status).toBe(200);
      expect({ data, meta }).toEqual({ data: rowByRow.json<List>().data, meta: rowByRow.json<List>().meta });
      expect(page.text).toContain(JSON.stringify(rowByRow.json<List>().data));
    }
  }
}

describe('a page of kept stations', () => {
  it('says what the list says row by row, whatever happened since', async () => {
    const change = fc.record({
      what: fc.constantFrom(...Object.keys(changes)),
      which: fc.nat({ max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (steps) => {
        await usualIntervals();
        for (const { what, which } of steps) {
          const ids = await stationIds();
          const id = ids[which % ids.length];
          if (id !== undefined) await changes[what]?.(id);
        }
        await expectAgreement();
      }),
      { numRuns: 20 },
    );
  });

  it.each(Object.keys(changes))('has another tag as soon as a station %s', async (what) => {
    await usualIntervals();
    clock.moveBy(61 * minuteMs);
    const { id } = await aChargingStation(app.store, tenantId, { companyId: companies[0] ?? '' });
    await changes['connects']?.(id);
    const query = '/charging_stations?page[limit]=500';
    const first = await whole('GET', query);
    const again = await whole('GET', query, undefined, { 'if-none-match': String(first.headers.etag) });
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
    clock.moveBy(1_000);
    await changes[what]?.(id);
    const next = await whole('GET', query, undefined, { 'if-none-match': String(first.headers.etag) });
    expect(next.status).toBe(200);
    expect(next.headers.etag).not.toBe(first.headers.etag);
    expect(next.text).not.toBe(first.text);
  });

  it('has one tag as long as it is the same, and another at another address', async () => {
    const seen = [];
    for (const query of [...queries, 'page[limit]=499', 'page[limit]=500&page[offset]=1']) {
      const [first, again] = [await whole('GET', at(query)), await whole('GET', at(query))];
      expect({ text: again.text, etag: again.headers.etag }).toEqual({
        text: first.text,
        etag: first.headers.etag,
      });
      seen.push(first.headers.etag);
    }
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('is what its reader may see now, as soon as that has changed', async () => {
    const [parent = '', subordinate = ''] = companies;
    await aChargingStation(app.store, tenantId, { companyId: subordinate });
    const client = await anApiClient(app.store, tenantId);
    const ask = callerWith(app, await anAccessToken(app.origin, client));
    const companiesShown = async () => {
      const { data } = (await ask('GET', at('page[limit]=500'))).json<List>();
      return new Set(data.map(({ attributes }) => attributes['companyUuid']));
    };
    const bind = async (to: string, visibility: string) => {
      await app.database.look(
        'update api_clients set company_id = $2, visibility = $3 where client_id = $1',
        [client.clientId, to, visibility],
      );
      // So long may a client be taken for what it was.
      clock.moveBy(501);
    };
    expect((await companiesShown()).size).toBeGreaterThan(1);
    await bind(subordinate, 'company');
    expect(await companiesShown()).toEqual(new Set([subordinate]));
    await bind(parent, 'company');
    expect(await companiesShown()).toEqual(new Set([parent]));
    await bind(parent, 'subtree');
    expect(await companiesShown()).toEqual(new Set([parent, subordinate]));
  });

  it('knows stations of one id in two tenants apart', async () => {
    const [id = ''] = await stationIds();
    await app.database.look(
      `insert into charging_stations (tenant_id, id, identity, label, created_at, updated_at)
       select $2, id, identity, 'of the other', created_at, updated_at from charging_stations where id = $1`,
      [id, other],
    );
    await expectAgreement();
    const { rows } = await app.store.chargingStations.page(wholeTenant(other), {
      now: clock.now(),
      limit: 10,
      from: { offset: 0 },
      filters: [{ field: 'id', values: [id] }],
      updatedSince: undefined,
      search: undefined,
      sort: [],
    });
    expect(rows.map((row) => row[1])).toEqual(['of the other']);
  });
});
