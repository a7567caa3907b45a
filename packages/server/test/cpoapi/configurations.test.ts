// configurations: what a station's answers leave of its configuration keys, and who sees them.

import { attributesSchema } from '@chargeyard/contract/resource';
import { configurations as declaration } from '@chargeyard/contract/resources/configurations';
import { Check } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCompany, aConfiguration, aFetchedConfiguration, aTenant } from '../builders.ts';
import { testApp } from '../test_app.ts';
import { aCaller, aStationWithCaller, expectRefused, idsOf } from './caller.ts';
import type { List } from './caller.ts';

const app = testApp();

type Place = Awaited<ReturnType<typeof aStationWithCaller>>;
const aPlace = () => aStationWithCaller(app);

const pathsOf = (stationId: string) => [
  `/charging_stations/${stationId}/configurations`,
  `/cp/${stationId}/configurations`,
];

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second));
type Told = readonly [key: string, value: string | undefined, isReadonly?: boolean];

function tell(
  { tenantId, stationId }: Place,
  second: number,
  told: readonly Told[],
  { isComplete = true } = {},
): Promise<void> {
  return aFetchedConfiguration(app.store, {
    tenantId,
    chargingStationId: stationId,
    keys: told.map(([key, value, isReadonly = false]) => ({ key, value, isReadonly, needsReboot: false })),
    unknownKeys: [],
    isComplete,
    fetchedAt: at(second),
  });
}

const second = (instant: unknown) => new Date(String(instant)).getUTCSeconds();

/** The list, a line per key: as it is shown, when it was fetched and when it changed, in seconds. */
async function shown({ stationId, ask }: Place): Promise<string[]> {
  const { data } = (await ask('GET', `/cp/${stationId}/configurations`)).json<List>();
  return data.map(({ attributes: { key, value, readonly, fetchedAt, updatedAt } }) =>
    [key, value, readonly ? 'readonly' : 'writable', second(fetchedAt), second(updatedAt)]
      .map(String)
      .join(' '),
  );
}

describe('configurations', () => {
  it('are shown below their station, in the order in which it told them', async () => {
    const place = await aPlace();
    await tell(place, 1, [
      ['HeartbeatInterval', '300'],
      ['AuthorizationKey', undefined],
      ['ChargeProfileMaxStackLevel', '', true],
    ]);
    for (const path of pathsOf(place.stationId)) {
      const answer = await place.ask('GET', `${path}/`);
      const { data } = answer.json<List>();
      const link = `${app.origin}/api/cpoapi/v1${path}/?page%5Blimit%5D=50&page%5Boffset%5D=0`;
      const instants = {
        fetchedAt: at(1).toISOString(),
        createdAt: at(1).toISOString(),
        updatedAt: at(1).toISOString(),
      };
      const attributes = [
        { key: 'HeartbeatInterval', value: '300', readonly: false },
        { key: 'AuthorizationKey', value: null, readonly: false },
        { key: 'ChargeProfileMaxStackLevel', value: '', readonly: true },
      ].map((each) => ({ cpId: place.stationId, ...each, needsReboot: false, ...instants }));
      expect({ status: answer.status, body: answer.json() }).toEqual({
        status: 200,
        body: {
          data: attributes.map((each, number) => ({
            type: 'configurations',
            id: data[number]?.id,
            attributes: each,
          })),
          meta: { pagination: { total: 3, offset: 0, limit: 50, lastPage: true } },
          links: { current: link, self: link, first: link, last: link },
        },
      });
      for (const each of data) {
        expect(Object.keys(each.attributes)).toEqual(Object.keys(declaration.attributes));
        expect(Check(attributesSchema(declaration), each.attributes)).toBe(true);
        expect((await place.ask('GET', `${path}/${each.id}`)).json()).toEqual({
          data: each,
          links: { self: `${app.origin}/api/cpoapi/v1${path}/${each.id}` },
        });
      }
    }
  });

  it('keep id and place, and their version unless something changed', async () => {
    const place = await aPlace();
    await tell(place, 1, [
      ['A', '1'],
      ['B', undefined],
      ['C', '3', true],
    ]);
    const before = idsOf(await place.ask('GET', `/cp/${place.stationId}/configurations`));
    await tell(place, 2, [
      ['C', '3', false],
      ['D', '4'],
      ['B', undefined],
      ['A', '2'],
    ]);
    expect(await shown(place)).toEqual([
      'A 2 writable 2 2',
      'B null writable 2 1',
      'C 3 writable 2 2',
      'D 4 writable 2 2',
    ]);
    expect(idsOf(await place.ask('GET', `/cp/${place.stationId}/configurations`)).slice(0, 3)).toEqual(
      before,
    );
  });

  it('that a complete answer does not have are gone; after another they stay', async () => {
    const place = await aPlace();
    await tell(place, 1, [
      ['A', '1'],
      ['B', '2'],
    ]);
    await tell(place, 2, [['C', '3']], { isComplete: false });
    expect(await shown(place)).toEqual(['A 1 writable 1 1', 'B 2 writable 1 1', 'C 3 writable 2 2']);
    await tell(place, 3, [['B', '2']]);
    expect(await shown(place)).toEqual(['B 2 writable 3 1']);
    await tell(place, 4, [], { isComplete: false });
    expect(await shown(place)).toEqual(['B 2 writable 3 1']);
    await tell(place, 5, []);
    expect(await shown(place)).toEqual([]);
  });

  it('are the same without regard to case; of one that was told twice the last counts', async () => {
    const place = await aPlace();
    await tell(place, 1, [
      ['heartbeatinterval', '1'],
      ['HeartBeatInterval', '2'],
    ]);
    expect(await shown(place)).toEqual(['HeartBeatInterval 2 writable 1 1']);
    const [id] = idsOf(await place.ask('GET', `/cp/${place.stationId}/configurations`));
    await tell(place, 2, [['HeartbeatInterval', '2']]);
    expect(await shown(place)).toEqual(['HeartbeatInterval 2 writable 2 2']);
    expect(idsOf(await place.ask('GET', `/cp/${place.stationId}/configurations`))).toEqual([id]);
  });

  it('of one station are not touched by another’s answer, nor made for one that is gone', async () => {
    const place = await aPlace();
    const { id: other } = await aChargingStation(app.store, place.tenantId);
    await tell(place, 1, [['A', '1']]);
    await tell({ ...place, stationId: other }, 2, [['B', '2']]);
    await tell({ ...place, stationId: newId() }, 2, [['B', '2']]);
    expect(await shown(place)).toEqual(['A 1 writable 1 1']);
    expect(await shown({ ...place, stationId: other })).toEqual(['B 2 writable 2 2']);
  });

  it('that two answers tell at the same time are all there, each once', async () => {
    const place = await aPlace();
    const told = Array.from({ length: 40 }, (_, number): Told => [`Key${number}`, '1']);
    await Promise.all([
      tell(place, 1, told, { isComplete: false }),
      tell(place, 2, told.toReversed(), { isComplete: false }),
    ]);
    expect(await shown(place)).toHaveLength(40);
  });

  it('go with their station', async () => {
    const place = await aPlace();
    await tell(place, 1, [['A', '1']]);
    expect((await place.ask('DELETE', `/charging_stations/${place.stationId}`)).status).toBe(204);
    const left = await app.database.look('select 1 from configurations where charging_station_id = $1', [
      place.stationId,
    ]);
    expect(left).toEqual([]);
  });

  it('have no path of their own, and are not written by API', async () => {
    const place = await aPlace();
    const [id] = await aConfiguration(app.store, place.tenantId, place.stationId, { A: '1' });
    expectRefused(await place.ask('GET', '/configurations'), { code: 'not_found' });
    for (const path of pathsOf(place.stationId)) {
      expectRefused(await place.ask('POST', path, {}), { code: 'method_not_allowed' });
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        expectRefused(await place.ask(method, `${path}/${id}`, {}), { code: 'method_not_allowed' });
      }
    }
  });
});

describe('filters and order', () => {
  let place: Place;

  beforeAll(async () => {
    place = await aPlace();
    await tell(place, 1, [
      ['HeartbeatInterval', '300'],
      ['AuthorizeRemoteTxRequests', 'true'],
      ['MeterValueSampleInterval', '60'],
    ]);
  });

  it.each<[string, string[]]>([
    ['', ['HeartbeatInterval', 'AuthorizeRemoteTxRequests', 'MeterValueSampleInterval']],
    [
      'filter[key]=metervaluesampleinterval,HeartbeatInterval',
      ['HeartbeatInterval', 'MeterValueSampleInterval'],
    ],
    ['filter[key]=Heartbeat', []],
    ['filter[updatedSince]=2026-01-01T12:00:02Z', []],
    ['sort=key', ['AuthorizeRemoteTxRequests', 'HeartbeatInterval', 'MeterValueSampleInterval']],
    ['page[cursor]=start&page[limit]=1', ['HeartbeatInterval']],
    ['page[limit]=1&page[offset]=2', ['MeterValueSampleInterval']],
  ])('"%s"', async (query, wanted) => {
    for (const path of pathsOf(place.stationId)) {
      const { data } = (await place.ask('GET', `${path}?${query}`)).json<List>();
      expect(data.map(({ attributes }) => attributes['key'])).toEqual(wanted);
    }
  });

  it('refuse what is not offered', async () => {
    const [path = ''] = pathsOf(place.stationId);
    expectRefused(await place.ask('GET', `${path}?filter[value]=300`), {
      code: 'unknown_parameter',
      source: { parameter: 'filter[value]' },
    });
  });
});

describe('who sees what', () => {
  let tenantId: string;
  const companies: Record<string, string> = {};
  const stations: Record<string, string> = {};
  const made: Record<string, string> = {};
  const names = ['root', 'sub', 'sibling', 'other', 'unassigned'];

  beforeAll(async () => {
    ({ id: tenantId } = await aTenant(app.store));
    companies['root'] = await aCompany(app.store, tenantId);
    companies['sub'] = await aCompany(app.store, tenantId, companies['root']);
    companies['sibling'] = await aCompany(app.store, tenantId, companies['root']);
    companies['other'] = await aCompany(app.store, tenantId);
    for (const name of [...names, 'foreign']) {
      const companyId = companies[name];
      const tenant = name === 'foreign' ? (await aTenant(app.store)).id : tenantId;
      const { id } = await aChargingStation(app.store, tenant, companyId === undefined ? {} : { companyId });
      const [configuration = ''] = await aConfiguration(app.store, tenant, id, { A: name });
      stations[name] = id;
      made[name] = configuration;
    }
  });

  it.each<[string, string | undefined, boolean, string[]]>([
    ['no company', undefined, false, names],
    ['the root alone', 'root', false, ['root']],
    ['the root and its subordinates', 'root', true, ['root', 'sub', 'sibling']],
    ['a subordinate', 'sub', true, ['sub']],
    ['its sibling', 'sibling', false, ['sibling']],
    ['another company', 'other', true, ['other']],
  ])('bound to %s', async (_, company, withSubordinates, seen) => {
    const companyId = company === undefined ? undefined : companies[company];
    const ask = await aCaller(
      app,
      tenantId,
      companyId === undefined ? {} : { company: { companyId, withSubordinates } },
    );
    const own = stations[seen[0] ?? ''] ?? '';
    for (const [name, stationId] of Object.entries(stations)) {
      for (const path of pathsOf(stationId)) {
        const answers = [await ask('GET', path), await ask('GET', `${path}/${made[name]}`)];
        if (!seen.includes(name)) {
          for (const answer of answers) expectRefused(answer, { code: 'not_found' });
          continue;
        }
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
        expect(answers[0]?.json<List>().meta.pagination).toMatchObject({ total: 1 });
      }
      // Nor is it there below a station that is visible.
      const below = await ask('GET', `/cp/${own}/configurations/${made[name]}`);
      expect(below.status).toBe(name === seen[0] ? 200 : 404);
    }
  });

  it.each<[string, number]>([
    ['cpoapi:configurations:read', 200],
    ['cpoapi:*', 200],
    ['cpoapi:charging_stations:write', 403],
  ])('with the scope %s: %d', async (scope, status) => {
    const ask = await aCaller(app, tenantId, { scopes: [scope] });
    for (const path of pathsOf(stations['root'] ?? '')) {
      expect((await ask('GET', path)).status).toBe(status);
      expect((await ask('GET', `${path}/${made['root']}`)).status).toBe(status);
    }
  });
});
