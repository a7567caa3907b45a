// What a write refers to must be there and be visible; all that is wrong with a body is told in one answer, whether it is
// the form of a value, what it refers to, or a rule of the domain.

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { newId } from '../../src/ids.ts';
import type { Tables } from '../../src/store/index.ts';
import { aChargingStation, aChargingStationModel, aCompany, aConnector, aTenant } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { aCaller } from './caller.ts';
import type { Caller, Single } from './caller.ts';

const clock = aClock();
const app = testApp({ clock });

type World = { company: string; model: number; station: string; connector: string; call: Caller };
let tenantId: string;
let mine: World;
let theirs: World;
/** Beside the companies that the bound caller sees. */
let sibling: World;
/** Bound to the company of `mine`. */
let bound: Caller;

async function aWorld(inTenant: string): Promise<World> {
  const company = await aCompany(app.store, inTenant);
  const { id: station } = await aChargingStation(app.store, inTenant, { companyId: company });
  return {
    company,
    station,
    model: await aChargingStationModel(app.store, inTenant),
    connector: await aConnector(app.store, inTenant, station, 1),
    call: await aCaller(app, inTenant),
  };
}

beforeAll(async () => {
  ({ id: tenantId } = await aTenant(app.store));
  mine = await aWorld(tenantId);
  sibling = await aWorld(tenantId);
  theirs = await aWorld((await aTenant(app.store)).id);
  bound = await aCaller(app, tenantId, { company: { companyId: mine.company, withSubordinates: true } });
});

let numbered = 0;
const aStation = () => ({
  label: 'Station',
  chargeBoxIdentity: `reference_${(numbered += 1)}`,
  modelId: mine.model,
  companyUuid: mine.company,
  timeZone: 'Europe/Berlin',
});
const aWindow = () => ({
  cpUuid: mine.station,
  connectorUuid: mine.connector,
  startDate: '2026-11-26T12:00:00.000Z',
  endDate: '2026-11-27T12:00:00.000Z',
});

/** The faults of a refusal of values: what is wrong, by where. */
function faultsIn(answer: Answer): Record<string, string> {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 422 });
  const { errors } = answer.json<{ errors: { detail: string; source: { pointer: string } }[] }>();
  const faults = Object.fromEntries(errors.map(({ detail, source }) => [source.pointer, detail]));
  expect(Object.keys(faults)).toHaveLength(errors.length);
  return faults;
}

const noModel = 'There is no such charging station model.';
const noCompany = 'There is no such company.';

describe('a creation', () => {
  it('is told of an unknown model and an unknown company at once', async () => {
    const body = { ...aStation(), modelId: 2_147_483_647, companyUuid: newId() };
    expect(faultsIn(await mine.call('POST', '/charging_stations', body))).toEqual({
      '/modelId': noModel,
      '/companyUuid': noCompany,
    });
    const document = { data: { type: 'charging_stations', attributes: body } };
    expect(faultsIn(await mine.call('POST', '/charging_stations', document))).toEqual({
      '/data/attributes/modelId': noModel,
      '/data/attributes/companyUuid': noCompany,
    });
  });

  it('is told of wrong forms with them', async () => {
    const body = {
      ...aStation(),
      label: '',
      companyUuid: theirs.company,
      timeZone: 'Europe/Nowhere',
      modelId: 'x',
    };
    expect(faultsIn(await mine.call('POST', '/charging_stations', body))).toEqual({
      '/label': 'The value must not be blank.',
      '/modelId': expect.stringMatching(/^The value must be/) as unknown,
      '/companyUuid': noCompany,
      '/timeZone': expect.stringMatching(/^The value must be a time zone/) as unknown,
    });
  });

  it('is told of the rules of the domain with them', async () => {
    const past = { startDate: '2026-11-25T11:00:00.000Z', endDate: '2026-11-25T10:00:00.000Z' };
    const body = { ...aWindow(), ...past, cpUuid: theirs.station, comment: 7 };
    expect(faultsIn(await mine.call('POST', '/maintenance_windows', body))).toEqual({
      '/cpUuid': 'There is no such charging station.',
      '/connectorUuid': 'There is no such connector of the charging station.',
      '/comment': 'The value must be string.',
      '/startDate': 'A maintenance window cannot start in the past.',
      '/endDate': 'A maintenance window must end after it starts.',
    });
    const { startDate: _, ...withoutStart } = { ...aWindow(), cpUuid: newId(), connectorUuid: newId() };
    expect(faultsIn(await mine.call('POST', '/maintenance_windows', withoutStart))).toEqual({
      '/cpUuid': 'There is no such charging station.',
      '/connectorUuid': 'There is no such connector of the charging station.',
      '/startDate': 'The value is missing.',
    });
  });

  it('of a bound API client names visible things only, and a company', async () => {
    const wrong = [theirs.company, sibling.company, newId()];
    for (const companyUuid of wrong) {
      const station = { ...aStation(), companyUuid };
      expect(faultsIn(await bound('POST', '/charging_stations', station))).toEqual({
        '/companyUuid': noCompany,
      });
      const location = { name: 'Location', companyUuid };
      expect(faultsIn(await bound('POST', '/locations', location))).toEqual({ '/companyUuid': noCompany });
      const company = { name: 'Company', parentUuid: companyUuid };
      expect(faultsIn(await bound('POST', '/companies', company))).toEqual({ '/parentUuid': noCompany });
    }
    const mustName = 'An API client bound to a company must name a company.';
    const nobodys = { ...aStation(), companyUuid: null, modelId: 9999 };
    expect(faultsIn(await bound('POST', '/charging_stations', nobodys))).toEqual({
      '/companyUuid': mustName,
      '/modelId': noModel,
    });
    expect(faultsIn(await bound('POST', '/companies', { name: 'Company' }))).toEqual({
      '/parentUuid': mustName,
    });
    const { companyUuid: _, ...incomplete } = aStation();
    expect(faultsIn(await bound('POST', '/charging_stations', incomplete))).toEqual({
      '/companyUuid': 'The value is missing.',
    });
    const window = { ...aWindow(), cpUuid: sibling.station, connectorUuid: sibling.connector };
    expect(Object.keys(faultsIn(await bound('POST', '/maintenance_windows', window)))).toEqual([
      '/connectorUuid',
      '/cpUuid',
    ]);
  });

  it('may name ids in either case, and nothing at all where nothing is needed', async () => {
    const upper = { ...aStation(), companyUuid: mine.company.toUpperCase() };
    const window = {
      ...aWindow(),
      cpUuid: mine.station.toUpperCase(),
      connectorUuid: mine.connector.toUpperCase(),
    };
    const nothing = { ...aStation(), companyUuid: null, modelId: null };
    const created = [
      await bound('POST', '/charging_stations', upper),
      await bound('POST', '/maintenance_windows', window),
      await mine.call('POST', '/charging_stations', nothing),
      await mine.call('POST', '/companies', { name: 'On top' }),
    ];
    expect(created.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  });

  it('that is refused leaves nothing behind', async () => {
    const body = { ...aStation(), modelId: 9999 };
    faultsIn(await mine.call('POST', '/charging_stations', body));
    const list = await mine.call(
      'GET',
      `/charging_stations?filter[chargeBoxIdentity]=${body.chargeBoxIdentity}`,
    );
    expect(list.json<{ data: unknown[] }>().data).toEqual([]);
    expect((await mine.call('POST', '/charging_stations', { ...body, modelId: null })).status).toBe(201);
  });
});

/** Answers where it is. */
const created = async (at: string, body: object) => {
  const { id } = (await mine.call('POST', at, body)).json<Single>().data;
  return `${at}/${id}`;
};

describe('a change', () => {
  it('is told of all that is wrong at once', async () => {
    const at = await created('/charging_stations', aStation());
    const body = { modelId: theirs.model + 1000, companyUuid: theirs.company, label: ' ' };
    expect(faultsIn(await mine.call('PATCH', at, body))).toEqual({
      '/modelId': noModel,
      '/companyUuid': noCompany,
      '/label': 'The value must not be blank.',
    });
    const window = await created('/maintenance_windows', aWindow());
    const change = {
      cpUuid: sibling.station,
      connectorUuid: sibling.connector,
      endDate: '2026-11-25T13:00:00Z',
    };
    expect(Object.keys(faultsIn(await mine.call('PATCH', window, change))).toSorted()).toEqual([
      '/connectorUuid',
      '/cpUuid',
      '/endDate',
    ]);
  });

  it('is told of faults before it is told that it comes too late', async () => {
    const at = await created('/charging_stations', aStation());
    const stale = { 'if-match': '"1.a"' };
    expect(faultsIn(await mine.call('PATCH', at, { modelId: 9999 }, stale))).toEqual({ '/modelId': noModel });
    expect((await mine.call('PATCH', at, { modelId: mine.model }, stale)).status).toBe(412);
  });

  it('may leave a reference as it is, and take it away', async () => {
    const at = await created('/charging_stations', aStation());
    const same = { modelId: mine.model, companyUuid: mine.company.toUpperCase() };
    expect((await bound('PATCH', at, same)).status).toBe(200);
    expect((await bound('PATCH', at, { modelId: null })).status).toBe(200);
    expect(Object.keys(faultsIn(await bound('PATCH', at, { companyUuid: null })))).toEqual(['/companyUuid']);
    expect((await mine.call('PATCH', at, { companyUuid: null })).status).toBe(200);
  });
});

describe('a company that goes away between the check and the commit', () => {
  it('is told by the database in the same words', async () => {
    const company = await aCompany(app.store, tenantId);
    const found: boolean[] = [];
    const { inTransaction } = app.store;
    const transactions = vi.spyOn(app.store, 'inTransaction').mockImplementation((work) =>
      inTransaction((tables) => {
        const find: Tables['companies']['find'] = async (visibility, id, now) => {
          const row = await tables.companies.find(visibility, id, now);
          found.push(await app.store.companies.delete(visibility, id, undefined));
          return row;
        };
        return work({ ...tables, companies: { ...tables.companies, find } });
      }),
    );
    const answer = await mine.call('POST', '/charging_stations', { ...aStation(), companyUuid: company });
    transactions.mockRestore();
    expect(faultsIn(answer)).toEqual({ '/companyUuid': noCompany });
    expect(found).toEqual([true]);
  });
});
