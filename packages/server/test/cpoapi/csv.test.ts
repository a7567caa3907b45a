// Lists as CSV, read by a parser that is not ours: what is in them, and who gets them.

import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { aChargingStation, aChargingStationModel, aCompany, aConnector, aTenant } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { aCaller, expectRefused } from './caller.ts';
import type { Caller, List, ResourceObject } from './caller.ts';

const app = testApp({ clock: aClock() });
let tenantId: string;
let company: string;
let call: Caller;

const types = [
  'charging_station_models',
  'charging_stations',
  'companies',
  'connectors',
  'locations',
  'maintenance_windows',
];
/** Objects that have a column for each member. */
const membersOf: Readonly<Record<string, readonly string[]>> = {
  address: ['street', 'houseNumber', 'postalCode', 'city', 'state', 'country'],
  geolocation: ['latitude', 'longitude'],
  lastRefusal: ['at', 'reason', 'address'],
  timeSettings: ['twentyfourseven', 'regularHours', 'exceptionalOpenings', 'exceptionalClosings', 'timeZone'],
};
const difficult = 'a "quoted" text, with comma;\r\nand\nlines \u{1F50C} ü';

beforeAll(async () => {
  ({ id: tenantId } = await aTenant(app.store));
  company = await aCompany(app.store, tenantId);
  call = await aCaller(app, tenantId);
  const post = async (at: string, body: object) => {
    const answer = await call('POST', at, body);
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 });
    return answer.json<{ data: ResourceObject }>().data.id;
  };
  const modelId = await aChargingStationModel(app.store, tenantId);
  const station = { timeZone: 'Europe/Berlin', companyUuid: company, modelId };
  const first = await post('/charging_stations', {
    ...station,
    label: difficult,
    chargeBoxIdentity: 'cp_1',
    serialnumber: '',
    address: { street: difficult, city: 'Wien', country: 'AT' },
    geolocation: { latitude: -48.2, longitude: -0.5 },
  });
  await post('/charging_stations', { ...station, label: ' b ', chargeBoxIdentity: 'cp_2', modelId: null });
  const connectorUuid = await aConnector(app.store, tenantId, first, 1);
  await aConnector(app.store, tenantId, first, 2);
  await post('/companies', { name: 'below', parentUuid: company });
  await post('/locations', {
    name: 'open',
    companyUuid: company,
    directions: [{ language: 'en', text: difficult }],
    timeSettings: { twentyfourseven: true, timeZone: null },
  });
  await post('/locations', {
    name: 'hours',
    companyUuid: null,
    timeSettings: {
      twentyfourseven: false,
      regularHours: [{ weekday: 1, periodBegin: '06:00', periodEnd: '22:00' }],
      timeZone: 'Europe/Vienna',
    },
  });
  await post('/maintenance_windows', {
    cpUuid: first,
    connectorUuid,
    startDate: '2091-02-17T07:00:00.000Z',
    endDate: '2091-02-17T17:00:00.000Z',
    whitelistedDriverTokens: ['04A2', '=1+1'],
    lockConnectors: true,
  });
});

type Cells = Record<string, string>;
const tableIn = (answer: Answer) => parse<Cells>(answer.text, { columns: true, record_delimiter: '\r\n' });

/** Nothing for null, JSON for what is no text. */
const cell = (value: unknown) => {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** What a resource object is as a line. */
function lineOf({ id, attributes }: ResourceObject): Cells {
  const cells = Object.entries(attributes).flatMap(([name, value]) => {
    const members = membersOf[name]?.map((member) => [
      `${name}.${member}`,
      cell((value as Record<string, unknown> | null)?.[member]),
    ]);
    return members ?? [[name, cell(value)]];
  });
  return { id, ...(Object.fromEntries(cells) as Cells) };
}

async function csv(at: string, headers: Record<string, string> = {}, caller = call): Promise<Answer> {
  const answer = await caller('GET', at, undefined, headers);
  expect({ status: answer.status, type: answer.headers['content-type'], text: answer.text }).toMatchObject({
    status: 200,
    type: 'text/csv; charset=utf-8; header=present',
  });
  return answer;
}

describe.each(types)('the list of %s as CSV', (type) => {
  it('has the lines and columns of the JSON list', async () => {
    const { data } = (await call('GET', `/${type}?page[limit]=500`)).json<List>();
    const answer = await csv(`/${type}?format=csv`);
    expect(data.length).toBeGreaterThan(0);
    expect(tableIn(answer)).toEqual(data.map(lineOf));
    const columns = Object.keys(lineOf(data[0] ?? { type, id: '', attributes: {} }));
    expect(answer.text.split('\r\n')[0]).toBe(columns.join());
    expect(answer.headers).toMatchObject({
      'content-disposition': `attachment; filename="${type}.csv"`,
      vary: 'accept',
    });
    expect(answer.headers.etag).toBeUndefined();
    expect(answer.text.endsWith('\r\n')).toBe(true);
  });

  it('has a header alone where the list is empty, and nothing of another tenant', async () => {
    const other = await aCaller(app, (await aTenant(app.store)).id);
    const [header] = (await csv(`/${type}?format=csv`)).text.split('\r\n');
    expect((await csv(`/${type}?format=csv`, {}, other)).text).toBe(`${header}\r\n`);
  });

  it('has the columns that fields asks for', async () => {
    const { data } = (await call('GET', `/${type}?page[limit]=500`)).json<List>();
    const last = Object.keys(data[0]?.attributes ?? {}).slice(-2);
    const answer = await csv(`/${type}?format=csv&fields[${type}]=${last.toReversed().join()}`);
    expect(answer.text).toBe(
      [['id', ...last], ...data.map(({ id, attributes }) => [id, ...last.map((name) => attributes[name])])]
        .map((cells) => `${cells.join()}\r\n`)
        .join(''),
    );
  });
});

const idsAt = async (at: string) => tableIn(await csv(`${at}format=csv`)).map(({ id }) => id);
const idsOf = async (at: string) => (await call('GET', at)).json<List>().data.map(({ id }) => id);

describe('a list as CSV', () => {
  it('holds filters, search and order, below other resources, too', async () => {
    const [one = '', two = ''] = await idsOf('/charging_stations');
    expect(await idsAt('/charging_stations?sort=-chargeBoxIdentity&')).toEqual([two, one]);
    expect(await idsAt('/charging_stations?filter[search]=cp_2&')).toEqual([two]);
    expect(await idsAt('/charging_stations?filter[modelId]=1&')).toEqual([one]);
    expect(await idsAt('/locations?sort=name&')).toEqual(await idsOf('/locations?sort=name&page[offset]=0'));
    expect(await idsAt(`/cp/${two}/connectors?`)).toEqual([]);
    expect(await idsAt(`/cp/${one}/connectors?sort=-connectorNumber&`)).toEqual(
      (await idsOf('/connectors')).toReversed(),
    );
    const [location] = await idsOf('/locations');
    await call('PUT', `/locations/${location}/charging_stations/${two}`);
    expect(await idsAt(`/locations/${location}/charging_stations?`)).toEqual([two]);
  });

  it('has nothing that the token may not see, and needs the scope to read the list', async () => {
    const bound = await aCaller(app, tenantId, {
      company: { companyId: await aCompany(app.store, tenantId), withSubordinates: true },
    });
    expect(tableIn(await csv('/charging_stations?format=csv', {}, bound))).toEqual([]);
    const narrow = await aCaller(app, tenantId, { scopes: ['cpoapi:companies:read'] });
    expectRefused(await narrow('GET', '/charging_stations?format=csv'), { code: 'insufficient_scope' });
  });

  it('tells null from an empty text by quotes', async () => {
    const answer = await csv('/charging_stations?format=csv&fields[charging_stations]=iccid,serialnumber');
    const [one, two] = (await call('GET', '/charging_stations')).json<List>().data;
    expect(answer.text).toBe(`id,iccid,serialnumber\r\n${one?.id},,""\r\n${two?.id},,\r\n`);
  });

  it('is sent with an apostrophe where a spreadsheet would take a text for a formula', async () => {
    const { id } = await aTenant(app.store);
    const all = await aCaller(app, id);
    const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\r=1', "'=1", 'a=1', ' =1'];
    for (const label of texts) await aChargingStation(app.store, id, { label });
    const table = tableIn(await csv('/charging_stations?format=csv', {}, all));
    expect(table.map(({ label }) => label)).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      "'\tx",
      "'\r=1",
      "'=1",
      'a=1',
      ' =1',
    ]);
  });

  it('answers HEAD with the same headers', async () => {
    const [get, head] = [
      await csv('/charging_stations?format=csv'),
      await call('HEAD', '/charging_stations?format=csv'),
    ];
    const { date: _, 'x-request-id': __, 'transfer-encoding': ___, ...headers } = get.headers;
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' });
    expect(head.headers).toMatchObject(headers);
    expect(head.headers['content-length']).toBeUndefined();
  });
});

const refusal = (name: string) =>
  ({
    code: 'invalid_parameter',
    detail: `CSV is the whole list and has no pages: leave out ${name}.`,
    source: { parameter: name },
  }) as const;

const ofRelated = (parameter: string) =>
  ({
    code: 'invalid_parameter',
    detail: 'CSV is one table: ask for related resources as a list of their own.',
    source: { parameter },
  }) as const;

describe('the form of a list', () => {
  it.each([
    ['text/csv'],
    ['TEXT/CSV; charset=utf-8'],
    ['text/csv;q=0.1'],
    ['text/csv, application/json;q=0.9'],
    ['application/vnd.api+json;q=0.3, */*;q=0.2, text/csv;q=0.4'],
    ['text/csv, application/json;q=0, */*;q=0.5'],
    ['text/csv, application/vnd.api+json;q=0.999'],
  ])('is CSV for Accept: %s', async (accept) => {
    expect(tableIn(await csv('/charging_stations', { accept }))).toHaveLength(2);
  });

  it.each([
    ['*/*'],
    ['text/*'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
    ['application/json, text/csv'],
    ['application/json, text/csv;q=0.9'],
    ['*/*, text/csv;q=0.9'],
    ['application/*;q=0.5, text/csv;q=0.5'],
    ['text/csv;q=0'],
    ['application/vnd.api+json, text/csv'],
  ])('is JSON for Accept: %s', async (accept) => {
    const answer = await call('GET', '/charging_stations', undefined, { accept });
    expect(answer.headers['content-type']).toMatch(/json/);
    expect(answer.json<List>().data).toHaveLength(2);
  });

  it('is that of the parameter format, whatever the Accept header would rather have', async () => {
    await csv('/charging_stations?format=csv', { accept: 'application/json' });
    const answer = await call('GET', '/charging_stations?format=json', undefined, { accept: 'text/csv' });
    expect(answer.headers['content-type']).toMatch(/json/);
  });

  it('is not acceptable where JSON:API’s media type has other parameters only', async () => {
    const accept = 'application/vnd.api+json; ext="a", text/csv';
    expectRefused(await call('GET', '/charging_stations?format=csv', undefined, { accept }), {
      code: 'not_acceptable',
      detail: 'The media type application/vnd.api+json is sent without parameters only.',
      source: { header: 'Accept' },
    });
  });

  it('is JSON for a single resource', async () => {
    const answer = await call('GET', '/charging_station_models/1', undefined, { accept: 'text/csv' });
    expect(answer.headers['content-type']).toMatch(/json/);
    expectRefused(await call('GET', '/charging_station_models/1?format=csv'), {
      code: 'unknown_parameter',
      source: { parameter: 'format' },
    });
  });

  it('is json or csv', async () => {
    for (const format of ['xml', 'CSV', '']) {
      expectRefused(await call('GET', `/charging_stations?format=${format}`), {
        code: 'invalid_parameter',
        detail: 'The parameter format must be json or csv.',
        source: { parameter: 'format' },
      });
    }
  });

  it('as CSV has no pages and nothing beside, all of it told at once', async () => {
    const query = 'page[limit]=5&page[offset]=0&page[cursor]=start&include=connectors&sort=nothing';
    for (const [at, headers] of [
      [`/charging_stations?format=csv&${query}`, {}],
      [`/charging_stations?${query}`, { accept: 'text/csv' }],
    ] as const) {
      expectRefused(
        await call('GET', at, undefined, headers),
        { code: 'invalid_parameter', source: { parameter: 'sort' } },
        refusal('page[limit]'),
        refusal('page[offset]'),
        refusal('page[cursor]'),
        ofRelated('include'),
      );
    }
  });

  it('as CSV has no attributes of related resources, and no relationships', async () => {
    const fields =
      'fields[connectors]=label&fields[companies]=name&fields[charging_stations]=location,label,company';
    expectRefused(
      await call('GET', `/charging_stations?format=csv&${fields}`),
      ofRelated('fields[companies]'),
      ofRelated('fields[connectors]'),
      {
        code: 'invalid_parameter',
        detail: 'CSV has attributes only: leave out company, location.',
        source: { parameter: 'fields[charging_stations]' },
      },
    );
  });
});
