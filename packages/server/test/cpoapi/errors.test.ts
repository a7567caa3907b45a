// errors: from a station's StatusNotification to the API, what maintenance windows cover, and who sees it.

import { attributesSchema } from '@chargeyard/contract/resource';
import { errors as declaration } from '@chargeyard/contract/resources/errors';
import type { RPCClient } from 'ocpp-rpc';
import { Check } from 'typebox/value';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCompany, aConnector, aReport, aTenant, anError } from '../builders.ts';
import { ocppClient } from '../ocpp_client.ts';
import { aClock, testApp } from '../test_app.ts';
import { aCaller, aStationWithCaller, expectRefused, idsOf } from './caller.ts';
import type { Caller, List, Single } from './caller.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const clock = aClock(start);
const app = testApp({ clock });
const list = '/errors';

/** Minutes from the clock's start. */
const instant = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const at = (minutes: number) => instant(minutes).toISOString();

type Place = Awaited<ReturnType<typeof aStationWithCaller>>;
const aPlace = () => aStationWithCaller(app);

const pathsOf = ({ stationId }: { stationId: string }) => [
  list,
  `/charging_stations/${stationId}/errors`,
  `/cp/${stationId}/errors`,
];
const shownBy = async (ask: Caller, path: string) => (await ask('GET', path)).json<List>().data;

async function aWindow(
  { ask, stationId }: Place,
  [from, to]: readonly [number, number],
  connectorUuid: string | null = null,
): Promise<number> {
  const body = { cpUuid: stationId, startDate: at(from), endDate: at(to), connectorUuid };
  const answer = await ask('POST', '/maintenance_windows', body);
  expect(answer.status, answer.text).toBe(201);
  return Number(answer.json<Single>().data.id);
}

const clients: RPCClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
beforeEach(() => {
  clock.moveTo(start);
});

/** A function that sends a StatusNotification of the place's station. */
async function aTeller({ slug, identity }: Place) {
  const endpoint = `ws://localhost:${app.port}/ocpp/${slug}`;
  // Some stations send a call before the last one is answered.
  const client = ocppClient({ endpoint, identity, callConcurrency: 10 });
  clients.push(client);
  await client.connect();
  return (connectorId: number, minutes: number, more: object = {}) =>
    client.call('StatusNotification', {
      connectorId,
      status: 'Available',
      errorCode: 'NoError',
      timestamp: at(minutes),
      ...more,
    });
}

const fault = {
  status: 'Faulted',
  errorCode: 'GroundFailure',
  vendorErrorCode: 'E-17',
  vendorId: 'vendor',
  info: 'Relay welded',
};

describe('a StatusNotification', () => {
  it('with a fault opens an error, which every path shows and one without a fault ends', async () => {
    const place = await aPlace();
    const tell = await aTeller(place);
    await tell(1, 1);
    await tell(1, 2, fault);
    const [connector] = await shownBy(place.ask, `/cp/${place.stationId}/connectors`);
    const open = {
      cpId: place.stationId,
      connectorId: connector?.id,
      connectorNumber: 1,
      errorCode: 'GroundFailure',
      vendorErrorCode: 'E-17',
      vendorId: 'vendor',
      info: 'Relay welded',
      status: 'Faulted',
      startDate: at(2),
      endDate: null,
      open: true,
      covered: false,
      maintenanceWindowId: null,
      createdAt: expect.any(String) as unknown,
      updatedAt: expect.any(String) as unknown,
    };
    for (const path of pathsOf(place)) {
      const answer = await place.ask('GET', path);
      const link = `${app.origin}/api/cpoapi/v1${path}?page%5Blimit%5D=50&page%5Boffset%5D=0`;
      const [error] = answer.json<List>().data;
      expect({ status: answer.status, body: answer.json() }).toEqual({
        status: 200,
        body: {
          data: [{ type: 'errors', id: error?.id, attributes: open }],
          meta: { pagination: { total: 1, offset: 0, limit: 50, lastPage: true } },
          links: { current: link, self: link, first: link, last: link },
        },
      });
      expect(Object.keys(error?.attributes ?? {})).toEqual(Object.keys(declaration.attributes));
      expect(Check(attributesSchema(declaration), error?.attributes)).toBe(true);
      const single = await place.ask('GET', `${path}/${error?.id}`);
      expect({ status: single.status, body: single.json() }).toEqual({
        status: 200,
        body: { data: error, links: { self: `${app.origin}/api/cpoapi/v1${path}/${error?.id}` } },
      });
    }
    await tell(1, 3);
    expect(await shownBy(place.ask, list)).toMatchObject([
      { attributes: { ...open, endDate: at(3), open: false } },
    ]);
  });

  it('that repeats a fault refreshes status and info only', async () => {
    const place = await aPlace();
    const tell = await aTeller(place);
    await tell(1, 1, fault);
    const [before] = await shownBy(place.ask, list);
    await tell(1, 2, { ...fault, status: 'Unavailable', info: 'Relay replaced', vendorId: 'other' });
    expect(await shownBy(place.ask, list)).toEqual([
      {
        ...before,
        attributes: {
          ...before?.attributes,
          status: 'Unavailable',
          info: 'Relay replaced',
          updatedAt: expect.any(String) as unknown,
        },
      },
    ]);
  });

  it.each([
    ['code', { errorCode: 'OtherError' }],
    ['vendor’s code', { vendorErrorCode: 'E-18' }],
  ])('with another %s ends the open error and opens another', async (_, change) => {
    const place = await aPlace();
    const tell = await aTeller(place);
    await tell(1, 1, fault);
    await tell(1, 2, { ...fault, ...change });
    const { errorCode, vendorErrorCode } = fault;
    expect(await shownBy(place.ask, list)).toMatchObject([
      { attributes: { errorCode, vendorErrorCode, startDate: at(1), endDate: at(2) } },
      { attributes: { errorCode, vendorErrorCode, ...change, startDate: at(2), endDate: null } },
    ]);
  });

  it('of the station as a whole concerns no connector, and touches no connector’s error', async () => {
    const place = await aPlace();
    const tell = await aTeller(place);
    await tell(1, 1, fault);
    await tell(2, 1, fault);
    await tell(0, 2, { status: 'Faulted' });
    await tell(2, 3);
    expect(await shownBy(place.ask, list)).toMatchObject([
      { attributes: { connectorNumber: 1, open: true } },
      { attributes: { connectorNumber: 2, open: false } },
      { attributes: { connectorNumber: 0, connectorId: null, errorCode: 'NoError', open: true } },
    ]);
  });

  it('of a clock that jumped back ends no error before it started', async () => {
    const place = await aPlace();
    const tell = await aTeller(place);
    await tell(1, 5, fault);
    await tell(1, -60);
    expect(await shownBy(place.ask, list)).toMatchObject([
      { attributes: { startDate: at(5), endDate: at(5), open: false } },
    ]);
  });

  it('that comes with others, all unanswered yet, leaves its trace in its turn', async () => {
    const place = await aPlace();
    const tell = await aTeller(place);
    await Promise.all([
      tell(1, 1, fault),
      tell(1, 2),
      tell(1, 3, { ...fault, errorCode: 'OtherError' }),
      tell(2, 3, fault),
      tell(1, 4, { ...fault, errorCode: 'OtherError', info: 'still' }),
      tell(1, 5, fault),
    ]);
    const errors = await shownBy(place.ask, `${list}?filter[open]=true,false`);
    expect(errors.filter(({ attributes }) => attributes['connectorNumber'] === 1)).toMatchObject([
      { attributes: { errorCode: 'GroundFailure', startDate: at(1), endDate: at(2) } },
      { attributes: { errorCode: 'OtherError', startDate: at(3), endDate: at(5), info: 'still' } },
      { attributes: { errorCode: 'GroundFailure', startDate: at(5), endDate: null } },
    ]);
    expect(errors).toHaveLength(4);
  });
});

describe('a maintenance window from 60 to 120 minutes', () => {
  type Case = [string, number, number | undefined, number, boolean];

  it.each<Case>([
    ['starts and ends within it', 70, 80, 200, true],
    ['starts with it', 60, 80, 200, true],
    ['starts a minute before it', 59, 80, 200, false],
    ['starts at its end', 120, 130, 200, false],
    ['starts and ends at its end', 120, 120, 200, false],
    ['ends at its end', 70, 120, 200, true],
    ['ends a minute after its end', 70, 121, 200, false],
    ['has ended after its end by a fast clock, while the window runs', 70, 121, 110, true],
    ['is open while it runs', 70, undefined, 119, true],
    ['is open at its end', 70, undefined, 120, false],
    ['was over before it', 10, 20, 200, false],
  ])('and an error that %s: from %s to %s, at %s, covered: %s', async (_, from, to, now, covered) => {
    const place = await aPlace();
    const window = await aWindow(place, [60, 120]);
    const id = await anError(app.store, place.tenantId, place.stationId, 1, { at: instant(from) });
    if (to !== undefined) {
      await aReport(app.store, place.tenantId, place.stationId, 1, { at: instant(to) });
    }
    clock.moveTo(instant(now));
    const wanted = { covered, maintenanceWindowId: covered ? window : null, open: to === undefined };
    for (const path of pathsOf(place)) {
      expect((await place.ask('GET', `${path}/${id}`)).json()).toMatchObject({
        data: { attributes: wanted },
      });
      expect(idsOf(await place.ask('GET', path))).toEqual(covered ? [] : [id]);
      expect(idsOf(await place.ask('GET', `${path}?filter[covered]=true`))).toEqual(covered ? [id] : []);
      expect(idsOf(await place.ask('GET', `${path}?filter[covered]=true,false`))).toEqual([id]);
    }
  });

  it('of a connector covers that connector’s errors only, one of the station covers all', async () => {
    const place = await aPlace();
    const connectorId = await aConnector(app.store, place.tenantId, place.stationId, 1);
    const of = (connectorNumber: number) =>
      anError(app.store, place.tenantId, place.stationId, connectorNumber, { at: instant(70) });
    const [whole, first, second] = [await of(0), await of(1), await of(2)];
    const ofConnector = await aWindow(place, [60, 120], connectorId);
    clock.moveTo(instant(90));
    expect(idsOf(await place.ask('GET', list))).toEqual([whole, second]);
    expect(await shownBy(place.ask, `${list}?filter[covered]=true`)).toMatchObject([
      { id: first, attributes: { maintenanceWindowId: ofConnector } },
    ]);
    clock.moveTo(start);
    const ofStation = await aWindow(place, [65, 120]);
    clock.moveTo(instant(90));
    const covered = await shownBy(place.ask, `${list}?filter[covered]=true`);
    expect(covered.map(({ attributes }) => attributes['maintenanceWindowId'])).toEqual([
      ofStation,
      ofConnector,
      ofStation,
    ]);
  });

  it('covers no error of another station', async () => {
    const place = await aPlace();
    const { id: other } = await aChargingStation(app.store, place.tenantId);
    await aWindow(place, [60, 120]);
    const id = await anError(app.store, place.tenantId, other, 1, { at: instant(70) });
    clock.moveTo(instant(90));
    expect(idsOf(await place.ask('GET', list))).toEqual([id]);
  });

  it('is left out of pages by cursor and of totals, and changes the tags of what it covers', async () => {
    const place = await aPlace();
    await aWindow(place, [60, 120]);
    const of = (connectorNumber: number, minutes: number) =>
      anError(app.store, place.tenantId, place.stationId, connectorNumber, { at: instant(minutes) });
    const [before, during] = [await of(1, 50), await of(2, 70)];
    clock.moveTo(instant(90));
    const single = await place.ask('GET', `${list}/${during}`);
    expect(idsOf(await place.ask('GET', `${list}?page[cursor]=start&page[limit]=1`))).toEqual([before]);
    const page = (await place.ask('GET', list)).json<List>();
    expect(page.meta.pagination).toMatchObject({ total: 1, lastPage: true });
    clock.moveTo(instant(120));
    const headers = { 'if-none-match': String(single.headers['etag']) };
    expect((await place.ask('GET', `${list}/${during}`, undefined, headers)).status).toBe(200);
    expect(idsOf(await place.ask('GET', list))).toEqual([before, during]);
  });
});

describe('filters and order', () => {
  let place: Place;
  let connectorId: string;
  let other: string;
  const names = new Map<string, string>();

  beforeAll(async () => {
    place = await aPlace();
    const { id } = await aChargingStation(app.store, place.tenantId);
    other = id;
    const { store } = app;
    const { tenantId, stationId } = place;
    connectorId = await aConnector(store, tenantId, stationId, 1);
    names.set(await anError(store, tenantId, stationId, 1, { at: instant(10) }), 'ended');
    await aReport(store, tenantId, stationId, 1, { at: instant(20) });
    const another = { errorCode: 'OtherError', at: instant(30) };
    names.set(await anError(store, tenantId, stationId, 1, another), 'open');
    names.set(await anError(store, tenantId, stationId, 0, { at: instant(5) }), 'whole');
    names.set(await anError(store, tenantId, other, 1, { at: instant(40) }), 'other');
  });

  it.each<[string, () => string, string[]]>([
    ['nothing: creation', () => '', ['ended', 'open', 'whole', 'other']],
    ['open', () => 'filter[open]=true', ['open', 'whole', 'other']],
    ['ended', () => 'filter[open]=false', ['ended']],
    ['a code', () => 'filter[errorCode]=OtherError', ['open']],
    ['two codes', () => 'filter[errorCode]=OtherError,GroundFailure', ['ended', 'open', 'whole', 'other']],
    ['a station', () => `filter[cpId]=${place.stationId}`, ['ended', 'open', 'whole']],
    ['a connector', () => `filter[connectorId]=${connectorId}`, ['ended', 'open']],
    ['up to a start', () => `filter[endDate]=${at(10)}`, ['whole']],
    ['an interval', () => `filter[startDate]=${at(12)}&filter[endDate]=${at(15)}`, ['ended', 'whole']],
    ['from an end on: what is open lasts', () => `filter[startDate]=${at(20)}`, ['open', 'whole', 'other']],
    ['an instant', () => `filter[startDate]=${at(30)}&filter[endDate]=${at(30)}`, ['open', 'whole']],
    ['changed since', () => 'filter[updatedSince]=2091-01-01T00:00:00Z', []],
    ['by start', () => 'sort=startDate', ['whole', 'ended', 'open', 'other']],
    ['by end, what is open last', () => 'sort=endDate,-startDate', ['ended', 'other', 'open', 'whole']],
    ['covered', () => 'filter[covered]=true', []],
  ])('%s', async (_, query, wanted) => {
    const answer = await place.ask('GET', `${list}?${query()}`);
    expect(idsOf(answer).map((id) => names.get(id))).toEqual(wanted);
    expect(answer.json<List>().meta.pagination).toMatchObject({ total: wanted.length });
  });

  it.each(['filter[open]', 'filter[covered]', 'filter[connectorId]', 'filter[startDate]'])(
    'refuse %s=1',
    async (parameter) => {
      expectRefused(await place.ask('GET', `${list}?${parameter}=1`), {
        code: 'invalid_parameter',
        source: { parameter },
      });
    },
  );

  it('tell in the description which filter applies unless it is given', async () => {
    type Described = { paths: Record<string, { get: { parameters: { name: string; schema: object }[] } }> };
    const { paths } = (await place.ask('GET', '/openapi.json')).json<Described>();
    const parameters = paths['/api/cpoapi/v1/errors']?.get.parameters ?? [];
    const defaults = parameters.flatMap(({ name, schema }) => ('default' in schema ? [[name, schema]] : []));
    expect(defaults).toEqual([
      [
        'filter[covered]',
        { type: 'array', items: { type: 'boolean' }, minItems: 1, maxItems: 100, default: [false] },
      ],
    ]);
  });

  it('show the attributes that are asked for', async () => {
    const answer = await place.ask('GET', `${list}?fields[errors]=covered,errorCode&page[limit]=1`);
    expect(answer.json<List>().data[0]?.attributes).toEqual({ errorCode: 'GroundFailure', covered: false });
  });
});

describe('errors', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('are not written by API: %s', async (method) => {
    const place = await aPlace();
    const id = await anError(app.store, place.tenantId, place.stationId, 1);
    for (const path of pathsOf(place)) {
      const asked = method === 'POST' ? path : `${path}/${id}`;
      expectRefused(await place.ask(method, asked, {}), { code: 'method_not_allowed' });
    }
  });

  it('go with their station, and with their connector', async () => {
    const place = await aPlace();
    const connectorId = await aConnector(app.store, place.tenantId, place.stationId, 1);
    await anError(app.store, place.tenantId, place.stationId, 1);
    const whole = await anError(app.store, place.tenantId, place.stationId, 0);
    await app.database.look('delete from connectors where id = $1', [connectorId]);
    expect(idsOf(await place.ask('GET', list))).toEqual([whole]);
    expect((await place.ask('DELETE', `/charging_stations/${place.stationId}`)).status).toBe(204);
    expect(idsOf(await place.ask('GET', list))).toEqual([]);
  });

  it('below another station, or one that is not there, are not there', async () => {
    const place = await aPlace();
    const id = await anError(app.store, place.tenantId, place.stationId, 1);
    const { id: other } = await aChargingStation(app.store, place.tenantId);
    for (const [station, detail] of [
      [other, 'There is no such error.'],
      [newId(), 'There is no such charging station.'],
    ]) {
      const answer = await place.ask('GET', `/cp/${station}/errors/${id}`);
      expectRefused(answer, { code: 'not_found', ...(detail === undefined ? {} : { detail }) });
    }
    expect(idsOf(await place.ask('GET', `/cp/${other}/errors`))).toEqual([]);
  });
});

describe('who sees what', () => {
  let tenantId: string;
  const companies: Record<string, string> = {};
  const stations: Record<string, string> = {};
  const made: Record<string, string> = {};
  let foreign: { stationId: string; id: string };

  beforeAll(async () => {
    ({ id: tenantId } = await aTenant(app.store));
    companies['root'] = await aCompany(app.store, tenantId);
    companies['sub'] = await aCompany(app.store, tenantId, companies['root']);
    companies['sibling'] = await aCompany(app.store, tenantId, companies['root']);
    companies['other'] = await aCompany(app.store, tenantId);
    for (const name of ['root', 'sub', 'sibling', 'other', 'unassigned']) {
      const companyId = companies[name];
      const { id } = await aChargingStation(
        app.store,
        tenantId,
        companyId === undefined ? {} : { companyId },
      );
      stations[name] = id;
      made[name] = await anError(app.store, tenantId, id, 1);
    }
    const elsewhere = await aPlace();
    const id = await anError(app.store, elsewhere.tenantId, elsewhere.stationId, 1);
    foreign = { stationId: elsewhere.stationId, id };
  });

  it.each<[string, string | undefined, boolean, string[]]>([
    ['no company', undefined, false, ['root', 'sub', 'sibling', 'other', 'unassigned']],
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
    const wanted = seen.map((name) => made[name]);
    const all = await ask('GET', list);
    expect(idsOf(all)).toEqual(wanted);
    expect(all.json<List>().meta.pagination).toMatchObject({ total: wanted.length });
    expect(idsOf(await ask('GET', `${list}?page[cursor]=start&filter[covered]=true,false`))).toEqual(wanted);
    for (const [name, id] of [...Object.entries(made), ['foreign', foreign.id] as const]) {
      const station = stations[name] ?? foreign.stationId;
      const status = seen.includes(name) ? 200 : 404;
      const answers = [
        await ask('GET', `${list}/${id}`),
        await ask('GET', `/cp/${station}/errors`),
        await ask('GET', `/charging_stations/${station}/errors/${id}`),
      ];
      expect(answers.map((answer) => answer.status)).toEqual([status, status, status]);
    }
  });

  it.each<[string, number]>([
    ['cpoapi:errors:read', 200],
    ['cpoapi:*', 200],
    ['cpoapi:charging_stations:read', 403],
  ])('with the scope %s: %d', async (scope, status) => {
    const ask = await aCaller(app, tenantId, { scopes: [scope] });
    const station = stations['root'] ?? '';
    for (const path of pathsOf({ stationId: station })) {
      expect((await ask('GET', path)).status).toBe(status);
      expect((await ask('GET', `${path}/${made['root']}`)).status).toBe(status);
    }
  });
});
