import { attributesSchema } from '@chargeyard/contract/resource';
import { maintenanceWindows } from '@chargeyard/contract/resources/maintenance_windows';
import { Check } from 'typebox/value';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCompany } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import { aCaller, aStationWithCaller, expectFaultsAt, expectRefused, idsOf } from './caller.ts';
import type { Caller, List, ResourceObject, Single } from './caller.ts';

// Before the instants of the documented samples.
const start = new Date('2021-02-17T06:00:00.000Z');
const clock = aClock(start);
const app = testApp({ clock });
const list = '/maintenance_windows';

/** Minutes from the clock's start. */
const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000).toISOString();

type Place = { tenantId: string; stationId: string; connectorId: string; ask: Caller };

async function aConnector(tenantId: string, chargingStationId: string, connectorNumber = 1): Promise<string> {
  await app.store.stationFacts.record({
    tenantId,
    chargingStationId,
    connectionId: newId(),
    kind: 'connector_reported',
    at: start,
    receivedAt: start,
    connectorNumber,
    status: 'Available',
    errorCode: 'NoError',
    vendorErrorCode: undefined,
    vendorId: undefined,
    info: undefined,
  });
  const [connector] = await app.database.look<{ id: string }>(
    'select id from connectors where charging_station_id = $1 and number = $2',
    [chargingStationId, connectorNumber],
  );
  return connector?.id ?? '';
}

/** A station with one connector, in a tenant of its own. */
async function aPlace(): Promise<Place> {
  const place = await aStationWithCaller(app);
  return { ...place, connectorId: await aConnector(place.tenantId, place.stationId) };
}

const pathOf = (stationId: string) => `/charging_stations/${stationId}/maintenance_windows`;

/** Makes a window of the place's station. */
async function aWindow(
  { ask, stationId }: Place,
  from: number,
  to: number,
  more: object = {},
): Promise<ResourceObject> {
  const body = { startDate: at(from), endDate: at(to), cpUuid: stationId, ...more };
  const answer = await ask('POST', list, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.json<Single>().data;
}

beforeEach(() => {
  clock.moveTo(start);
});

describe('the documented samples', () => {
  let place: Place;
  const sample = {
    startDate: '2021-02-17T07:00:00.000Z',
    endDate: '2021-02-17T17:00:00.000Z',
    comment: 'Repair the station.',
  };
  const attributes = () => ({
    cpId: place.stationId,
    connectorId: null,
    comment: 'Repair the station.',
    startDate: '2021-02-17T07:00:00.000Z',
    endDate: '2021-02-17T17:00:00.000Z',
    lockConnectors: false,
    whitelistedDriverTokens: [],
    createdAt: '2021-02-17T06:00:00.000Z',
    updatedAt: '2021-02-17T06:00:00.000Z',
  });

  beforeAll(async () => {
    place = await aPlace();
  });

  it('POST makes a window, numbered from 1, with its URL in Location', async () => {
    const path = `${pathOf(place.stationId)}/`;
    const body = { ...sample, cpUuid: place.stationId, connectorUuid: null };
    const answer = await place.ask('POST', path, body);
    const self = `${app.origin}/api/cpoapi/v1${path}1`;
    expect({ status: answer.status, location: answer.headers['location'], body: answer.json() }).toEqual({
      status: 201,
      location: self,
      body: { data: { type: 'maintenance_windows', id: '1', attributes: attributes() }, links: { self } },
    });
    const read = await place.ask('GET', self);
    expect({ status: read.status, etag: read.headers['etag'], body: read.text }).toEqual({
      status: 200,
      etag: answer.headers['etag'],
      body: answer.text,
    });
  });

  it('GET lists it, the documented attributes first and in their order', async () => {
    for (const path of [list, pathOf(place.stationId), `/cp/${place.stationId}/maintenance_windows`]) {
      const answer = await place.ask('GET', `${path}/?page[limit]=500&page[offset]=0`, undefined, {
        'content-type': 'application/json',
      });
      const link = `${app.origin}/api/cpoapi/v1${path}/?page%5Blimit%5D=500&page%5Boffset%5D=0`;
      expect({ status: answer.status, body: answer.json() }).toEqual({
        status: 200,
        body: {
          data: [{ type: 'maintenance_windows', id: '1', attributes: attributes() }],
          meta: { pagination: { total: 1, offset: 0, limit: 500, lastPage: true } },
          links: { current: link, self: link, first: link, last: link },
        },
      });
      expect(answer.text).toContain(
        `{"type":"maintenance_windows","id":"1","attributes":{"cpId":"${place.stationId}","connectorId":null,` +
          '"comment":"Repair the station.","startDate":"2021-02-17T07:00:00.000Z","endDate":"2021-02-17T17:00:00.000Z",',
      );
    }
  });

  it('PUT with a comment alone keeps everything else', async () => {
    clock.moveBy(60_000);
    const path = `${pathOf(place.stationId)}/1`;
    const answer = await place.ask('PUT', path, { comment: 'Repair the display.' });
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 200,
      body: {
        data: {
          type: 'maintenance_windows',
          id: '1',
          attributes: {
            ...attributes(),
            comment: 'Repair the display.',
            updatedAt: '2021-02-17T06:01:00.000Z',
          },
        },
        links: { self: `${app.origin}/api/cpoapi/v1${path}` },
      },
    });
  });

  it('DELETE takes it away; its number is not given again', async () => {
    const path = `${pathOf(place.stationId)}/1`;
    const answer = await place.ask('DELETE', path);
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    expectRefused(await place.ask('GET', path), {
      code: 'not_found',
      detail: 'There is no such maintenance window.',
    });
    expect(await aWindow(place, 60, 120)).toMatchObject({ id: '2' });
  });

  it('are numbered in each tenant for itself', async () => {
    expect(await aWindow(await aPlace(), 60, 120)).toMatchObject({ id: '1' });
  });
});

describe('paths', () => {
  let place: Place;
  let other: { id: string };
  let window: ResourceObject;

  beforeAll(async () => {
    place = await aPlace();
    other = await aChargingStation(app.store, place.tenantId);
    window = await aWindow(place, 60, 120);
  });

  const paths = () => [list, pathOf(place.stationId), `/cp/${place.stationId}/maintenance_windows`];

  it('each create, read, change and delete, with and without a trailing slash', async () => {
    for (const path of paths()) {
      for (const ending of ['', '/']) {
        const made = await place.ask('POST', path + ending, {
          startDate: at(60),
          endDate: at(120),
          ...(path === list ? { cpUuid: place.stationId } : {}),
        });
        expect(made.status, made.text).toBe(201);
        const { data } = made.json<Single>();
        const single = `${path}/${data.id}${ending}`;
        expect((await place.ask('GET', single)).json<Single>().data).toEqual(data);
        for (const method of ['PUT', 'PATCH']) {
          const changed = await place.ask(method, single, { comment: method });
          expect(changed.json<Single>().data.attributes['comment']).toBe(method);
        }
        expect((await place.ask('DELETE', single)).status).toBe(204);
        expect((await place.ask('GET', single)).status).toBe(404);
      }
    }
  });

  it('below another station, or one that is not there, lead to no window', async () => {
    const noWindow = { code: 'not_found', detail: 'There is no such maintenance window.' } as const;
    const noStation = { code: 'not_found', detail: 'There is no such charging station.' } as const;
    for (const [station, wanted] of [
      [other.id, noWindow],
      [newId(), noStation],
      ['1', noStation],
    ] as const) {
      for (const parent of ['/cp', '/charging_stations']) {
        const path = `${parent}/${station}/maintenance_windows`;
        for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
          const body = method.startsWith('P') ? { comment: 'moved' } : undefined;
          expectRefused(await place.ask(method, `${path}/${window.id}`, body), wanted);
        }
      }
    }
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { startDate: at(60), endDate: at(120) } : undefined;
      expectRefused(await place.ask(method, pathOf(newId()), body), noStation);
    }
    expect(idsOf(await place.ask('GET', pathOf(other.id)))).toEqual([]);
    expect((await place.ask('GET', `${list}/${window.id}`)).json()).toMatchObject({ data: window });
  });

  it.each(['0', '-1', '1.0', 'a', '99999999999', '%20'])('with the id %s lead nowhere', async (id) => {
    expectRefused(await place.ask('GET', `${list}/${id}`), { code: 'not_found' });
  });

  it('take the station’s id in either case', async () => {
    const path = pathOf(place.stationId.toUpperCase());
    const made = await place.ask('POST', path, {
      startDate: at(60),
      endDate: at(120),
      cpUuid: place.stationId,
    });
    expect(made.json()).toMatchObject({ data: { attributes: { cpId: place.stationId } } });
    expect((await place.ask('GET', `${path}/${made.json<Single>().data.id}`)).status).toBe(200);
  });
});

describe('a creation', () => {
  let place: Place;
  let other: { id: string; connectorId: string };
  const times = { startDate: at(60), endDate: at(120) };

  beforeAll(async () => {
    place = await aPlace();
    const { id } = await aChargingStation(app.store, place.tenantId);
    other = { id, connectorId: await aConnector(place.tenantId, id) };
  });

  it('takes every attribute, under the names of writes and of reads, and keeps to the contract', async () => {
    const optional = {
      comment: null,
      lockConnectors: true,
      whitelistedDriverTokens: ['04A2B3', 'key "1"', 'x'.repeat(255)],
    };
    for (const named of [
      { cpUuid: place.stationId, connectorUuid: place.connectorId },
      { cpId: place.stationId, connectorId: place.connectorId },
      {
        cpUuid: place.stationId,
        cpId: place.stationId.toUpperCase(),
        connectorUuid: place.connectorId,
        connectorId: place.connectorId,
      },
    ]) {
      const answer = await place.ask('POST', list, { ...times, ...optional, ...named });
      const { data } = answer.json<Single>();
      expect({ status: answer.status, attributes: data.attributes }).toEqual({
        status: 201,
        attributes: {
          cpId: place.stationId,
          connectorId: place.connectorId,
          ...optional,
          ...times,
          createdAt: start.toISOString(),
          updatedAt: start.toISOString(),
        },
      });
      expect(Object.keys(data.attributes)).toEqual(Object.keys(maintenanceWindows.attributes));
      expect(Check(attributesSchema(maintenanceWindows), data.attributes)).toBe(true);
    }
  });

  it('takes a JSON:API document', async () => {
    const document = {
      data: { type: 'maintenance_windows', attributes: { ...times, cpUuid: place.stationId } },
    };
    const answer = await place.ask('POST', pathOf(place.stationId), document, {
      'content-type': 'application/vnd.api+json',
      accept: 'application/vnd.api+json',
    });
    expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/vnd.api+json']);
  });

  it.each([
    ['2021-02-17T08:00:00+01:00', '2021-02-17T07:00:00.000Z'],
    ['2021-02-17T07:00:00Z', '2021-02-17T07:00:00.000Z'],
    ['2021-02-17T07:00:00.123456Z', '2021-02-17T07:00:00.123Z'],
  ])('shows the start %s as %s', async (sent, shown) => {
    expect((await aWindow(place, 60, 120, { startDate: sent })).attributes['startDate']).toBe(shown);
  });

  it.each<[unknown, string]>([
    ['2021-02-17T07:00:00', 'without an offset'],
    ['2021-02-17', 'without a time'],
    ['2021-02-30T07:00:00Z', 'not in the calendar'],
    ['2021-12-31T23:59:60Z', 'a leap second'],
    ['9999-12-31T23:59:59-01:00', 'after the year 9999'],
    ['0000-01-01T00:00:00Z', 'before the year 1'],
    ['tomorrow', 'no date'],
    [1_613_545_200, 'a number'],
    [null, 'null'],
  ])('refuses the end %s (%s)', async (...[endDate]) => {
    expectFaultsAt(await place.ask('POST', list, { ...times, cpUuid: place.stationId, endDate }), [
      '/endDate',
    ]);
  });

  it('names all that is missing, by the names of writes', async () => {
    expectFaultsAt(await place.ask('POST', list, {}), ['/cpUuid', '/startDate', '/endDate']);
    expectFaultsAt(await place.ask('POST', pathOf(place.stationId), {}), ['/startDate', '/endDate']);
  });

  it('points to the value under the name that was sent, in flat bodies and documents', async () => {
    const cases: [object, string[]][] = [
      [{ cpUuid: 'x', connectorUuid: 1 }, ['cpUuid', 'connectorUuid']],
      [{ cpId: 'x', connectorId: 1 }, ['cpId', 'connectorId']],
      [{ cpUuid: newId() }, ['cpUuid']],
      [{ cpUuid: `urn:uuid:${place.stationId}` }, ['cpUuid']],
      [{ cpId: newId() }, ['cpId']],
      [{ cpUuid: place.stationId, connectorUuid: newId() }, ['connectorUuid']],
      [{ cpUuid: place.stationId, cpId: other.id }, ['cpUuid']],
      [
        { cpUuid: place.stationId, whitelistedDriverTokens: ['a', '', 'b', 3] },
        ['whitelistedDriverTokens/1', 'whitelistedDriverTokens/3'],
      ],
      // What no driver token can be.
      [
        {
          cpUuid: place.stationId,
          whitelistedDriverTokens: ['a', 'Müller', ' a', 'a ', 'x'.repeat(256), 'a\tb'],
        },
        [1, 2, 3, 4, 5].map((number) => `whitelistedDriverTokens/${number}`),
      ],
      [{ cpUuid: place.stationId, comment: 'a\0b' }, ['comment']],
    ];
    for (const [values, names] of cases) {
      const attributes = { ...times, ...values };
      const document = { data: { type: 'maintenance_windows', attributes } };
      const pointers = (prefix: string) => names.map((name) => `${prefix}/${name}`);
      expectFaultsAt(await place.ask('POST', list, attributes), pointers(''));
      expectFaultsAt(await place.ask('POST', list, document), pointers('/data/attributes'));
    }
  });

  it('refuses another station than the path’s, and keeps nothing', async () => {
    const before = idsOf(await place.ask('GET', list)).length;
    for (const name of ['cpUuid', 'cpId']) {
      const answer = await place.ask('POST', pathOf(place.stationId), { ...times, [name]: other.id });
      expectRefused(answer, {
        code: 'invalid_value',
        detail: 'The value must be that of the URL.',
        source: { pointer: `/${name}` },
      });
    }
    expect(idsOf(await place.ask('GET', list))).toHaveLength(before);
  });

  it('refuses a connector of another station, and the station’s own number 0', async () => {
    const whole = await aConnector(place.tenantId, place.stationId, 0);
    for (const connectorUuid of [other.connectorId, whole, newId(), place.stationId]) {
      expectRefused(await place.ask('POST', pathOf(place.stationId), { ...times, connectorUuid }), {
        code: 'invalid_value',
        detail: 'There is no such connector of the charging station.',
        source: { pointer: '/connectorUuid' },
      });
    }
  });

  it('that starts five minutes ago is taken', async () => {
    const body = { startDate: at(-5), endDate: at(60) };
    expect((await place.ask('POST', pathOf(place.stationId), body)).status).toBe(201);
  });

  it.each([
    ['starts a minute earlier', -6, 60, ['/startDate']],
    ['ends at its start', 60, 60, ['/endDate']],
    ['ends before its start', 60, 59, ['/endDate']],
    ['lies in the past, backwards', -60, -90, ['/startDate', '/endDate']],
  ])('that %s is refused', async (_, from, to, pointers) => {
    const body = { startDate: at(from), endDate: at(to) };
    expectFaultsAt(await place.ask('POST', pathOf(place.stationId), body), pointers);
  });

  it('tells broken rules together with a wrong connector', async () => {
    const body = { startDate: at(-60), endDate: at(-90), connectorUuid: newId() };
    expectFaultsAt(await place.ask('POST', pathOf(place.stationId), body), [
      '/connectorUuid',
      '/startDate',
      '/endDate',
    ]);
  });

  it.each([
    [1000, 201],
    [1001, 422],
  ])('takes a comment of %d characters: %d', async (length, status) => {
    // Outside the BMP: characters are counted, not UTF-16 units.
    const body = { ...times, comment: '😀'.repeat(length) };
    expect((await place.ask('POST', pathOf(place.stationId), body)).status).toBe(status);
  });

  it('with an Idempotency-Key happens once', async () => {
    const headers = { 'idempotency-key': 'once-and-no-more' };
    const first = await place.ask('POST', pathOf(place.stationId), times, headers);
    const second = await place.ask('POST', pathOf(place.stationId), times, headers);
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
  });

  it('gives each of many at once a number of its own', async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => aWindow(place, 60, 120)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(12);
  });
});

describe('a change', () => {
  let place: Place;
  let other: { id: string; connectorId: string };

  beforeAll(async () => {
    place = await aPlace();
    const { id } = await aChargingStation(app.store, place.tenantId);
    other = { id, connectorId: await aConnector(place.tenantId, id) };
  });

  const change = (window: ResourceObject, body: object) => place.ask('PUT', `${list}/${window.id}`, body);

  it('may send the whole resource back as it was read', async () => {
    const window = await aWindow(place, 60, 120, { connectorUuid: place.connectorId, comment: 'x' });
    clock.moveBy(90 * 60_000);
    const answer = await change(window, window.attributes);
    expect(answer.json<Single>().data).toEqual({
      ...window,
      attributes: { ...window.attributes, updatedAt: at(90) },
    });
  });

  it('takes and removes connector, comment, locking and driver tokens', async () => {
    const window = await aWindow(place, 60, 120);
    const values = {
      connectorUuid: place.connectorId,
      comment: 'x',
      lockConnectors: true,
      whitelistedDriverTokens: ['a'],
    };
    expect((await change(window, values)).json()).toMatchObject({
      data: {
        attributes: {
          connectorId: place.connectorId,
          comment: 'x',
          lockConnectors: true,
          whitelistedDriverTokens: ['a'],
        },
      },
    });
    const nothing = { connectorId: null, comment: null, lockConnectors: false, whitelistedDriverTokens: [] };
    expect((await change(window, nothing)).json()).toMatchObject({ data: { attributes: nothing } });
  });

  it('leaves the window with its station', async () => {
    const window = await aWindow(place, 60, 120);
    expectRefused(await change(window, { cpUuid: other.id }), {
      code: 'invalid_value',
      detail: 'A maintenance window stays with its charging station.',
      source: { pointer: '/cpUuid' },
    });
    const below = await place.ask('PUT', `${pathOf(place.stationId)}/${window.id}`, { cpId: other.id });
    expectFaultsAt(below, ['/cpId']);
    expect((await change(window, { cpUuid: place.stationId.toUpperCase() })).status).toBe(200);
  });

  it('refuses what a creation refuses', async () => {
    const window = await aWindow(place, 60, 120);
    const cases: [object, string[]][] = [
      [{ startDate: null, lockConnectors: 'yes' }, ['/startDate', '/lockConnectors']],
      [{ connectorUuid: other.connectorId, endDate: at(30) }, ['/connectorUuid', '/endDate']],
      [{ startDate: at(-60) }, ['/startDate']],
      [{ startDate: at(120) }, ['/startDate']],
    ];
    for (const [body, pointers] of cases) expectFaultsAt(await change(window, body), pointers);
    const document = {
      data: { type: 'maintenance_windows', id: window.id, attributes: { endDate: at(60) } },
    };
    expectFaultsAt(await change(window, document), ['/data/attributes/endDate']);
    expect((await place.ask('GET', `${list}/${window.id}`)).json()).toMatchObject({ data: window });
  });

  it('of a running window keeps its start, and may move its end or end it now', async () => {
    const window = await aWindow(place, 60, 120);
    clock.moveBy(60 * 60_000);
    expectRefused(await change(window, { startDate: at(61), comment: 'later' }), {
      code: 'conflict',
      detail: 'The maintenance window is running: its start can no longer be changed.',
      source: { pointer: '/startDate' },
    });
    expect((await change(window, { startDate: at(60), endDate: at(180) })).json()).toMatchObject({
      data: { attributes: { startDate: at(60), endDate: at(180) } },
    });
    clock.moveBy(30 * 60_000);
    expectFaultsAt(await change(window, { endDate: at(70) }), ['/endDate']);
    expect((await change(window, { endDate: at(90) })).status).toBe(200);
    expectRefused(await change(window, { endDate: at(180) }), { code: 'conflict' });
  });

  it('and a deletion of a window that has ended are 409', async () => {
    const window = await aWindow(place, 60, 120);
    clock.moveTo(new Date(at(120)));
    const wanted = {
      code: 'conflict',
      detail: 'The maintenance window has ended and can no longer be changed or deleted.',
    } as const;
    for (const path of [list, pathOf(place.stationId)]) {
      for (const body of [{ comment: 'x' }, { startDate: at(200), endDate: at(300) }]) {
        expectRefused(await place.ask('PUT', `${path}/${window.id}`, body), wanted);
        expectRefused(await place.ask('PATCH', `${path}/${window.id}`, body), wanted);
      }
      expectRefused(await place.ask('DELETE', `${path}/${window.id}`), wanted);
    }
    expect((await place.ask('GET', `${list}/${window.id}`)).json()).toMatchObject({ data: window });
  });

  it('and a deletion of a running window, a millisecond before its end, happen', async () => {
    const window = await aWindow(place, 60, 120);
    clock.moveTo(new Date(Date.parse(at(120)) - 1));
    expect((await change(window, { comment: 'x' })).status).toBe(200);
    expect((await place.ask('DELETE', `${list}/${window.id}`)).status).toBe(204);
  });

  it('of a version that is gone is 412, as is its deletion', async () => {
    const window = await aWindow(place, 60, 120);
    const path = `${list}/${window.id}`;
    const etag = String((await place.ask('GET', path)).headers['etag']);
    const changes = await Promise.all(
      ['a', 'b'].map((comment) => place.ask('PUT', path, { comment }, { 'if-match': etag })),
    );
    expect(changes.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect((await place.ask('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412);
  });

  it('of start and of end at the same time never leave an end before a start', async () => {
    const window = await aWindow(place, 60, 120);
    const answers = await Promise.all([
      change(window, { startDate: at(110) }),
      change(window, { endDate: at(70) }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
  });
});

describe('filter[startDate] and filter[endDate]', () => {
  let place: Place;
  const names = new Map<string, string>();

  beforeAll(async () => {
    place = await aPlace();
    for (const [name, from, to] of [
      ['first', 60, 120],
      ['second', 120, 180],
      ['long', 60, 240],
      ['late', 300, 360],
    ] as const) {
      names.set((await aWindow(place, from, to)).id, name);
    }
  });

  const all = ['first', 'second', 'long', 'late'];
  it.each<[string, number | undefined, number | undefined, string[]]>([
    ['everything', 0, 1000, all],
    ['before all', 0, 60, []],
    ['up to a moment after the first start', 0, 61, ['first', 'long']],
    ['from where the first ends', 120, 180, ['second', 'long']],
    ['within one', 70, 80, ['first', 'long']],
    ['across a border', 119, 121, ['first', 'second', 'long']],
    ['between windows', 240, 300, []],
    ['just the last', 300, 360, ['late']],
    ['after all', 360, 1000, []],
    ['from a start alone', 180, undefined, ['long', 'late']],
    ['to an end alone', undefined, 120, ['first', 'long']],
    ['from the last end alone', 360, undefined, []],
    ['to the first start alone', undefined, 60, []],
    ['at an instant, a start', 60, 60, ['first', 'long']],
    ['at an instant, an end and a start', 120, 120, ['second', 'long']],
    ['at an instant, the last end', 360, 360, []],
    ['neither', undefined, undefined, all],
  ])('%s: from %s to %s minutes', async (_, from, to, wanted) => {
    const query = new URLSearchParams({
      ...(from === undefined ? {} : { 'filter[startDate]': at(from) }),
      ...(to === undefined ? {} : { 'filter[endDate]': at(to) }),
    });
    for (const path of [list, pathOf(place.stationId), `/cp/${place.stationId}/maintenance_windows`]) {
      const answer = await place.ask('GET', `${path}?${query.toString()}`);
      expect(idsOf(answer).map((id) => names.get(id))).toEqual(wanted);
      expect(answer.json<List>().meta.pagination).toMatchObject({ total: wanted.length });
      const first = await place.ask('GET', `${path}?page[cursor]=start&page[limit]=1&${query.toString()}`);
      expect(idsOf(first).map((id) => names.get(id))).toEqual(wanted.slice(0, 1));
    }
  });

  it.each([
    '2021-02-17T10:00:00.000Z',
    '2021-02-17T10:00:00Z',
    '2021-02-17T10:00Z',
    '2021-02-17T10:00:00',
    '2021-02-17T11:00:00%2B01:00',
    '2021-02-17T11:00:00+01:00',
    '2021-02-17T05:00:00-0500',
    '2021-02-17%2010:00',
  ])('take %s', async (text) => {
    const answer = await place.ask('GET', `${list}?filter[startDate]=${text}`);
    expect(idsOf(answer).map((id) => names.get(id))).toEqual(['late']);
  });

  it('take a date alone as its first moment', async () => {
    expect(idsOf(await place.ask('GET', `${list}?filter[startDate]=2021-02-17`))).toHaveLength(4);
    expect(idsOf(await place.ask('GET', `${list}?filter[endDate]=2021-02-17`))).toEqual([]);
  });

  it.each([
    '',
    'now',
    '17.02.2021',
    '1613545200',
    '2021-02-30',
    '2021-13-01T00:00Z',
    '2021-02-17T25:00Z',
    '2021-02-17T07:00Z,2021-02-18T07:00Z',
  ])('refuse "%s", each with its name', async (text) => {
    expectRefused(
      await place.ask('GET', `${list}?filter[startDate]=${text}&filter%5BendDate%5D=${text}`),
      { code: 'invalid_parameter', source: { parameter: 'filter[startDate]' } },
      { code: 'invalid_parameter', source: { parameter: 'filter[endDate]' } },
    );
  });

  it('refuse an interval that ends before it starts', async () => {
    expectRefused(await place.ask('GET', `${list}?filter[startDate]=${at(60)}&filter[endDate]=${at(59)}`), {
      code: 'invalid_parameter',
      detail: 'The parameter filter[endDate] must not be before filter[startDate].',
      source: { parameter: 'filter[endDate]' },
    });
  });
});

describe('other filters, order and pages', () => {
  let place: Place;
  let other: { id: string };
  let made: ResourceObject[];

  beforeAll(async () => {
    place = await aPlace();
    other = await aChargingStation(app.store, place.tenantId);
    made = [
      await aWindow(place, 180, 240),
      await aWindow(place, 60, 300, { connectorUuid: place.connectorId, lockConnectors: true }),
      await aWindow({ ...place, stationId: other.id }, 120, 200),
    ];
  });

  it.each<[string, () => string, number[]]>([
    ['a station', () => `filter[cpId]=${place.stationId}`, [0, 1]],
    ['either station', () => `filter[cpId]=${place.stationId},${other.id.toUpperCase()}`, [0, 1, 2]],
    ['a connector', () => `filter[connectorId]=${place.connectorId}`, [1]],
    ['those that lock', () => 'filter[lockConnectors]=true', [1]],
    ['those that do not', () => 'filter[lockConnectors]=false', [0, 2]],
    ['with an interval', () => `filter[lockConnectors]=false&filter[endDate]=${at(150)}`, [2]],
    ['changed since', () => `filter[updatedSince]=${at(1)}`, []],
    ['by start', () => 'sort=startDate', [1, 2, 0]],
    ['by end, descending', () => 'sort=-endDate', [1, 0, 2]],
    ['nothing else: creation', () => '', [0, 1, 2]],
  ])('%s', async (_, query, wanted) => {
    expect(idsOf(await place.ask('GET', `${list}?${query()}`))).toEqual(
      wanted.map((which) => made[which]?.id),
    );
  });

  it.each([
    ['filter[cpId]', 'x'],
    ['filter[lockConnectors]', '1'],
    ['sort', 'comment'],
  ])('refuse %s=%s', async (parameter, value) => {
    expectRefused(await place.ask('GET', `${list}?${parameter}=${value}`), {
      code: 'invalid_parameter',
      source: { parameter },
    });
  });

  it('set a limit above 500 back to 500', async () => {
    const { meta } = (await place.ask('GET', `${list}?page[limit]=1000`)).json<List>();
    expect(meta.pagination).toEqual({ total: 3, offset: 0, limit: 500, lastPage: true });
  });

  it('walk by offset and by cursor over the same windows', async () => {
    for (const query of ['page[limit]=1', 'page[limit]=1&page[cursor]=start']) {
      const walked: string[] = [];
      for (let next: string | undefined = `${list}?${query}`; next !== undefined;) {
        const answer = await place.ask('GET', next);
        walked.push(...idsOf(answer));
        next = answer.json<List>().links.next;
      }
      expect(walked).toEqual(made.map(({ id }) => id));
    }
  });

  it('show the attributes that are asked for', async () => {
    const answer = await place.ask(
      'GET',
      `${list}?fields[maintenance_windows]=endDate,comment&page[limit]=1`,
    );
    expect(answer.json<List>().data[0]?.attributes).toEqual({ comment: null, endDate: at(240) });
  });

  it('go with their station and with their connector', async () => {
    const gone = await aPlace();
    await aWindow(gone, 60, 120);
    await aWindow(gone, 60, 120, { connectorUuid: gone.connectorId });
    await app.database.look('delete from connectors where id = $1', [gone.connectorId]);
    expect(idsOf(await gone.ask('GET', list))).toEqual(['1']);
    expect((await gone.ask('DELETE', `/charging_stations/${gone.stationId}`)).status).toBe(204);
    expect(idsOf(await gone.ask('GET', list))).toEqual([]);
  });
});

describe('who may see and do what', () => {
  let tenantId: string;
  let place: Place;
  const windows: Record<string, ResourceObject> = {};
  const stations: Record<string, string> = {};
  const connectors: Record<string, string> = {};
  const companies: Record<string, string> = {};
  let foreign: Place;
  let foreignWindow: ResourceObject;

  beforeAll(async () => {
    place = await aPlace();
    ({ tenantId } = place);
    const root = await aCompany(app.store, tenantId);
    const sub = await aCompany(app.store, tenantId, root);
    const sibling = await aCompany(app.store, tenantId, root);
    Object.assign(companies, { root, sub, sibling });
    for (const [name, companyId] of Object.entries(companies)) {
      const { id } = await aChargingStation(app.store, tenantId, { companyId });
      stations[name] = id;
      connectors[name] = await aConnector(tenantId, id);
      windows[name] = await aWindow({ ...place, stationId: id }, 60, 120);
    }
    windows['unassigned'] = await aWindow(place, 60, 120);
    stations['unassigned'] = place.stationId;
    foreign = await aPlace();
    // Numbers begin at 1 in each tenant: this one is more than this tenant has.
    for (let count = 0; count < 5; count += 1) foreignWindow = await aWindow(foreign, 60, 120);
  });

  const bindings: [string, string | undefined, boolean, string[]][] = [
    ['no company', undefined, false, ['root', 'sub', 'sibling', 'unassigned']],
    ['the root alone', 'root', false, ['root']],
    ['the root and its subordinates', 'root', true, ['root', 'sub', 'sibling']],
    ['a subordinate', 'sub', false, ['sub']],
    ['its sibling', 'sibling', true, ['sibling']],
  ];

  describe.each(bindings)('bound to %s', (_, company, withSubordinates, seen) => {
    let ask: Caller;

    beforeAll(async () => {
      const companyId = company === undefined ? undefined : companies[company];
      ask = await aCaller(
        app,
        tenantId,
        companyId === undefined ? {} : { company: { companyId, withSubordinates } },
      );
    });

    it('sees just these in both lists, by offset and by cursor, and the total agrees', async () => {
      const wanted = seen.map((name) => windows[name]?.id);
      const answer = await ask('GET', list);
      expect(idsOf(answer)).toEqual(wanted);
      expect(answer.json<List>().meta.pagination).toMatchObject({ total: wanted.length });
      expect(idsOf(await ask('GET', `${list}?page[cursor]=start`))).toEqual(wanted);
      expect(
        idsOf(await ask('GET', `${list}?filter[startDate]=${at(0)}&filter[endDate]=${at(600)}`)),
      ).toEqual(wanted);
      for (const name of seen) {
        expect(idsOf(await ask('GET', pathOf(stations[name] ?? '')))).toEqual([windows[name]?.id]);
      }
    });

    it('reads, changes and deletes no other', async () => {
      const hidden = Object.entries(windows).filter(([name]) => !seen.includes(name));
      const unseen = [...hidden.map(([, window]) => window), foreignWindow];
      for (const { id, attributes } of unseen) {
        for (const path of [`${list}/${id}`, `${pathOf(String(attributes['cpId']))}/${id}`]) {
          expectRefused(await ask('GET', path), { code: 'not_found' });
          expectRefused(await ask('PUT', path, { comment: 'mine' }), { code: 'not_found' });
          expectRefused(await ask('PATCH', path, { comment: 'mine' }), { code: 'not_found' });
          expectRefused(await ask('DELETE', path), { code: 'not_found' });
        }
      }
      for (const name of seen) {
        expect((await ask('GET', `${list}/${windows[name]?.id}`)).json()).toMatchObject({
          data: windows[name],
        });
      }
    });

    it('makes none at other stations or connectors, and lists none there', async () => {
      const times = { startDate: at(60), endDate: at(120) };
      const unseen = Object.entries(stations).filter(([name]) => !seen.includes(name));
      for (const station of [...unseen.map(([, id]) => id), foreign.stationId]) {
        expectFaultsAt(await ask('POST', list, { ...times, cpUuid: station }), ['/cpUuid']);
        expectRefused(await ask('POST', pathOf(station), times), { code: 'not_found' });
        expectRefused(await ask('GET', pathOf(station)), {
          code: 'not_found',
          detail: 'There is no such charging station.',
        });
      }
      const own = stations[seen[0] ?? ''] ?? '';
      const others = Object.entries(connectors).filter(([name]) => name !== seen[0]);
      for (const connectorUuid of [...others.map(([, id]) => id), foreign.connectorId]) {
        expectFaultsAt(await ask('POST', pathOf(own), { ...times, connectorUuid }), ['/connectorUuid']);
      }
    });
  });

  it.each<[string, string[], number, number]>([
    ['to read', ['cpoapi:maintenance_windows:read'], 200, 403],
    ['to write', ['cpoapi:maintenance_windows:write'], 200, 201],
    ['for everything', ['cpoapi:*'], 200, 201],
    ['for stations alone', ['cpoapi:charging_stations:write', 'cpoapi:connectors:write'], 403, 403],
  ])('with the scope %s', async (_, scopes, read, write) => {
    const ask = await aCaller(app, foreign.tenantId, { scopes });
    const id = foreignWindow.id;
    const body = { startDate: at(60), endDate: at(120), cpUuid: foreign.stationId };
    const answers: [number, number][] = [];
    for (const path of [list, pathOf(foreign.stationId), `/cp/${foreign.stationId}/maintenance_windows`]) {
      answers.push(
        [(await ask('GET', path)).status, read],
        [(await ask('GET', `${path}/${id}`)).status, read],
      );
      const made = await ask('POST', path, body);
      const change = await ask('PUT', `${path}/${id}`, { comment: 'x' });
      answers.push([made.status, write], [change.status, write === 201 ? 200 : write]);
      const deleted = write === 201 ? made.json<Single>().data.id : id;
      const deletion = await ask('DELETE', `${path}/${deleted}`);
      answers.push([deletion.status, write === 201 ? 204 : write]);
    }
    expect(answers.map(([status]) => status)).toEqual(answers.map(([, wanted]) => wanted));
  });
});
