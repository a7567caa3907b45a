// Conditional requests (RFC 9110 §13): what a reader knows is not sent again, and nobody overwrites what they did not see.

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  aChargingStation,
  aChargingStationModel,
  aCompany,
  aConnector,
  aLocation,
  aTenant,
} from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import { aCaller, expectRefused } from './caller.ts';
import type { Caller, Single } from './caller.ts';

const clock = aClock();
const app = testApp({ clock });

let tenantId: string;
let call: Caller;
let company: string;
let model: number;
let station: string;
let connector: string;
let location: string;
let window: string;

beforeAll(async () => {
  ({ id: tenantId } = await aTenant(app.store));
  call = await aCaller(app, tenantId);
  company = await aCompany(app.store, tenantId);
  model = await aChargingStationModel(app.store, tenantId);
});

beforeEach(async () => {
  clock.moveBy(1_000);
  ({ id: station } = await aChargingStation(app.store, tenantId, { companyId: company }));
  connector = await aConnector(app.store, tenantId, station, 1);
  location = await aLocation(app.store, tenantId);
  const times = { startDate: '2091-02-17T07:00:00.000Z', endDate: '2091-02-17T17:00:00.000Z' };
  const created = await call('POST', `/charging_stations/${station}/maintenance_windows`, times);
  window = created.json<Single>().data.id;
});

const stationPath = () => `/charging_stations/${station}`;
const tagOf = async (at: string) => String((await call('GET', at)).headers.etag);
const changed = { code: 'precondition_failed', source: { header: 'If-Match' } } as const;

const kinds: [string, () => string, () => object][] = [
  ['charging_stations', stationPath, () => ({ label: `Label ${newId()}` })],
  ['companies', () => `/companies/${company}`, () => ({ name: `Name ${newId()}` })],
  ['charging_station_models', () => `/charging_station_models/${model}`, () => ({ name: `Name ${newId()}` })],
  ['connectors', () => `/connectors/${connector}`, () => ({ label: `Label ${newId()}` })],
  [
    'connectors of a station',
    () => `/cp/${station}/connectors/${connector}`,
    () => ({ label: `Label ${newId()}` }),
  ],
  ['locations', () => `/locations/${location}`, () => ({ name: `Name ${newId()}` })],
  ['maintenance_windows', () => `/maintenance_windows/${window}`, () => ({ comment: `Comment ${newId()}` })],
];

const reads = kinds.flatMap(([what, single]) => [
  { what: `a single one of ${what}`, at: single },
  { what: `the list of ${what}`, at: () => single().replace(/\/[^/]*$/, '') },
]);

/** Values of If-None-Match that name the tag. */
const naming = (etag: string) => [
  etag,
  `W/${etag}`,
  `"another", ${etag}`,
  `${etag},"another"`,
  `W/"another" , W/${etag}`,
  '*',
];

describe.each(reads)('If-None-Match, for $what', ({ at }) => {
  it('with the tag that was answered is 304, with the tag and without a body', async () => {
    const read = await call('GET', at());
    const etag = String(read.headers.etag);
    expect(etag).toMatch(/^"[\w.-]+"$/);
    for (const method of ['GET', 'HEAD']) {
      for (const tags of naming(etag)) {
        const answer = await call(method, at(), undefined, { 'if-none-match': tags });
        const { etag: answered, vary } = answer.headers;
        // RFC 9110 §15.4.5: what a 200 would have said, among others ETag and Vary.
        expect({ tags, status: answer.status, text: answer.text, etag: answered, vary }).toEqual({
          tags,
          status: 304,
          text: '',
          etag,
          vary: read.headers.vary,
        });
      }
    }
  });

  it('with other tags is 200', async () => {
    const etag = await tagOf(at());
    for (const tags of ['"another"', etag.slice(0, -2) + '"', etag.replaceAll('"', ''), 'W/"another"', '']) {
      const answer = await call('GET', at(), undefined, { 'if-none-match': tags });
      expect({ tags, status: answer.status }).toEqual({ tags, status: 200 });
    }
  });
});

describe.each(kinds)('the tag of %s', (_what, at, change) => {
  it('is another after a change, single and in the list, and the same while nothing changes', async () => {
    const list = `${at().replace(/\/[^/]*$/, '')}?page[limit]=500`;
    const [single, ofList] = [await tagOf(at()), await tagOf(list)];
    expect([await tagOf(at()), await tagOf(list)]).toEqual([single, ofList]);
    const answer = await call('PATCH', at(), change());
    expect(answer.status).toBe(200);
    expect(await tagOf(at())).toBe(answer.headers.etag);
    expect([await tagOf(at()), await tagOf(list)]).not.toContain(single);
    expect(await tagOf(list)).not.toBe(ofList);
    const unknown = await call('GET', at(), undefined, { 'if-none-match': single });
    expect(unknown.status).toBe(200);
  });

  it.each(['PUT', 'PATCH'])('as If-Match of a %s lets the change pass', async (method) => {
    const forms = [(etag: string) => etag, (etag: string) => `"another", ${etag}`, () => '*'];
    for (const form of forms) {
      const answer = await call(method, at(), change(), { 'if-match': form(await tagOf(at())) });
      expect({ form: form('…'), status: answer.status }).toEqual({ form: form('…'), status: 200 });
      expect(answer.headers.etag).toBe(await tagOf(at()));
    }
  });

  it.each(['PUT', 'PATCH'])(
    'as If-Match of a %s is 412 once it is stale, and nothing is changed',
    async (method) => {
      const stale = await tagOf(at());
      expect((await call('PUT', at(), change())).status).toBe(200);
      const before = (await call('GET', at())).text;
      for (const tags of [
        stale,
        `"another", ${stale}`,
        '"another"',
        `W/${await tagOf(at())}`,
        'nonsense',
        '""',
        '',
      ]) {
        expectRefused(await call(method, at(), change(), { 'if-match': tags }), changed);
      }
      expect((await call('GET', at())).text).toBe(before);
    },
  );

  it('of some of its attributes only serves as If-Match, too', async () => {
    const type = at().includes('/connectors/') ? 'connectors' : at().split('/')[1];
    const sparse = await tagOf(`${at()}?fields[${type}]=createdAt`);
    expect(sparse).not.toBe(await tagOf(at()));
    expect((await call('PUT', at(), change(), { 'if-match': sparse })).status).toBe(200);
    expectRefused(await call('PUT', at(), change(), { 'if-match': sparse }), changed);
  });

  it('serves one of two changes that are sent at once', async () => {
    const etag = await tagOf(at());
    const changes = [change(), change()];
    const answers = await Promise.all(
      changes.map((values) => call('PUT', at(), values, { 'if-match': etag })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const won = answers.findIndex(({ status }) => status === 200);
    const { data } = (await call('GET', at())).json<Single>();
    expect(data.attributes).toMatchObject(changes[won] as object);
  });

  it('is not asked for by "*": each of ten changes that are sent at once passes', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('PUT', at(), change(), { 'if-match': '*' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(10).fill(200));
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(10);
  });

  it('serves one of ten changes that are sent at once, again and again', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const etag = await tagOf(at());
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => call('PATCH', at(), change(), { 'if-match': etag })),
      );
      expect(answers.map(({ status }) => status).toSorted(), `round ${round}`).toEqual([
        200,
        ...Array<number>(9).fill(412),
      ]);
    }
  });
});

describe('If-Match', () => {
  it('of a DELETE is 412 once it is stale, and 204 as long as it is not', async () => {
    const stale = await tagOf(stationPath());
    await call('PUT', stationPath(), { label: 'Changed' });
    expectRefused(await call('DELETE', stationPath(), undefined, { 'if-match': stale }), changed);
    expect((await call('GET', stationPath())).status).toBe(200);
    const fresh = await tagOf(stationPath());
    expect((await call('DELETE', stationPath(), undefined, { 'if-match': fresh })).status).toBe(204);
    expectRefused(await call('DELETE', stationPath(), undefined, { 'if-match': fresh }), {
      code: 'not_found',
    });
  });

  it('is served by the tag that a creation answered', async () => {
    const created = await call('POST', '/companies', { name: 'New' });
    const at = `/companies/${created.json<Single>().data.id}`;
    const etag = String(created.headers.etag);
    expect((await call('GET', at, undefined, { 'if-none-match': etag })).status).toBe(304);
    expect((await call('PUT', at, { name: 'Newer' }, { 'if-match': etag })).status).toBe(200);
    expectRefused(await call('PUT', at, { name: 'Newest' }, { 'if-match': etag }), changed);
  });

  it('of a change and a deletion that are sent at once serves one of them', async () => {
    const etag = await tagOf(stationPath());
    const [put, deleted] = await Promise.all([
      call('PUT', stationPath(), { label: 'Changed' }, { 'if-match': etag }),
      call('DELETE', stationPath(), undefined, { 'if-match': etag }),
    ]);
    expect([
      [200, 412],
      [412, 204],
      [404, 204],
    ]).toContainEqual([put?.status, deleted?.status]);
  });

  it('does not make what is not there anything but 404', async () => {
    for (const tags of ['*', '"1.x"']) {
      const answer = await call('PUT', `/charging_stations/${newId()}`, {}, { 'if-match': tags });
      expectRefused(answer, { code: 'not_found' });
    }
  });

  it('tells a body’s faults only to those who have the right version', async () => {
    const answer = await call('PUT', stationPath(), { label: 'x' }, { 'if-match': '"0.stale"' });
    expectRefused(answer, changed);
  });

  const connectionId = newId();
  const told = () => ({ tenantId, chargingStationId: station, connectionId, at: clock.now() });
  const opened = () =>
    app.store.stationFacts.record({ ...told(), kind: 'connection_opened', node: 'test', ocppVersion: '1.6' });
  const booted = (at = clock.now()) =>
    app.store.stationFacts.record({
      ...told(),
      at,
      kind: 'booted',
      vendor: 'V',
      model: 'M',
      serialNumber: undefined,
      firmwareVersion: undefined,
      iccid: undefined,
      imsi: undefined,
    });

  it('does not fail because the station was heard meanwhile, though its reader sees something new', async () => {
    const etag = await tagOf(stationPath());
    clock.moveBy(60_000);
    await opened();
    app.store.stationFacts.noteSeen(told(), told().at);
    await app.store.stationFacts.record({ ...told(), kind: 'connection_closed' });
    await aConnector(app.store, tenantId, station, 1, { status: 'Charging' });
    expect((await call('GET', stationPath(), undefined, { 'if-none-match': etag })).status).toBe(200);
    expect(await tagOf(stationPath())).not.toBe(etag);
    expect((await call('PUT', stationPath(), { label: 'x' }, { 'if-match': etag })).status).toBe(200);
  });

  it('does not fail because the station fell silent, though its reader sees something new', async () => {
    await opened();
    const etag = await tagOf(stationPath());
    clock.moveBy(31 * 60_000);
    expect((await call('GET', stationPath(), undefined, { 'if-none-match': etag })).status).toBe(200);
    expect((await call('PUT', stationPath(), { label: 'x' }, { 'if-match': etag })).status).toBe(200);
  });

  it('fails after a boot, which brings attributes', async () => {
    const etag = await tagOf(stationPath());
    clock.moveBy(1_000);
    await booted();
    expectRefused(await call('PUT', stationPath(), { label: 'x' }, { 'if-match': etag }), changed);
  });

  it('fails after a boot in the very instant of the version that was read', async () => {
    await call('PUT', stationPath(), { label: 'x' });
    await booted();
    const etag = await tagOf(stationPath());
    await booted();
    expectRefused(await call('PUT', stationPath(), { label: 'y' }, { 'if-match': etag }), changed);
  });

  it('never takes an old tag again after a boot that was told late', async () => {
    const { data } = (await call('PUT', stationPath(), { label: 'first' })).json<Single>();
    const old = new Date(String(data.attributes['updatedAt']));
    await booted(old);
    const stale = await tagOf(stationPath());
    clock.moveBy(1_000);
    await call('PUT', stationPath(), { label: 'second' });
    await booted(old);
    expectRefused(await call('PUT', stationPath(), { label: 'third' }, { 'if-match': stale }), changed);
  });
});

const creation = () => ({
  label: 'Station',
  chargeBoxIdentity: `at-once-${newId()}`.slice(0, 48),
  modelId: model,
  companyUuid: company,
  timeZone: 'Europe/Berlin',
});

describe('creations at once', () => {
  it('of two stations with one identity: one 201, one 409', async () => {
    const body = creation();
    const answers = await Promise.all([1, 2].map(() => call('POST', '/charging_stations', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const refused = answers.find(({ status }) => status === 409);
    if (refused === undefined) throw new Error('nobody was refused');
    expectRefused(refused, { code: 'conflict', source: { pointer: '/chargeBoxIdentity' } });
    const list = await call('GET', `/charging_stations?filter[chargeBoxIdentity]=${body.chargeBoxIdentity}`);
    expect(list.json()).toMatchObject({ meta: { pagination: { total: 1 } } });
  });

  it('of ten stations with one identity: one 201, nine 409', async () => {
    const body = creation();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', '/charging_stations', body)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(9).fill(409)]);
  });

  it('of ten stations with each of ten identities: one 201 of each, nine 409', async () => {
    const bodies = Array.from({ length: 10 }, creation);
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, at) => {
        const body = bodies[at % 10];
        const { status } = await call('POST', '/charging_stations', body);
        return `${body?.chargeBoxIdentity} ${status}`;
      }),
    );
    const wanted = bodies.flatMap(({ chargeBoxIdentity }) => [
      `${chargeBoxIdentity} 201`,
      ...Array<string>(9).fill(`${chargeBoxIdentity} 409`),
    ]);
    expect(answers.toSorted()).toEqual(wanted.toSorted());
  });

  it('of models with one name: one 201, nine 409', async () => {
    const body = { vendor: 'Vendor', name: `Model ${newId()}` };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', '/charging_station_models', body)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(9).fill(409)]);
  });

  it('of a station and its company’s deletion leave no station without its company', async () => {
    const { data } = (await call('POST', '/companies', { name: 'Short-lived' })).json<Single>();
    const [created, deleted] = await Promise.all([
      call('POST', '/charging_stations', { ...creation(), companyUuid: data.id }),
      call('DELETE', `/companies/${data.id}`),
    ]);
    expect([
      [201, 409],
      [422, 204],
    ]).toContainEqual([created?.status, deleted?.status]);
  });
});
