// locations on the whole server: documents, cursor pages, writes with all their faults, which stations stand where, and
// who may see and do what.

import { ErrorDocument } from '@chargeyard/contract/json_api';
import { Location, LocationDocument, LocationPage } from '@chargeyard/contract/resources/locations';
import { Check } from 'typebox/value';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCompany, aLocation, anAccessToken, anApiClient, aTenant } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer, AskedRequest } from '../test_app.ts';
import { idsIn } from './caller.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const clock = aClock(start);
const app = testApp({ clock });
const root = '/api/cpoapi/v1';
const path = `${root}/locations/`;

type Resource = { type: string; id: string; attributes: Record<string, unknown> };
type Page = {
  data: Resource[];
  meta: { pagination: { limit: number; nextCursor: string | null; lastPage: boolean } };
  links: { next?: string };
};
type Fault = { code: string; detail: string; source?: object };

let tenantId: string;
let companyId: string;
let authorization: string;

beforeAll(async () => {
  ({ id: tenantId } = await aTenant(app.store));
  companyId = await aCompany(app.store, tenantId);
  authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenantId));
});

beforeEach(() => {
  clock.moveTo(start);
});

const ask = (at: string, request: AskedRequest = {}): Promise<Answer> =>
  app.ask(at, { ...request, headers: { authorization, ...request.headers } });
const send = (method: string, at: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(at, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });

async function create(attributes: object): Promise<string> {
  const answer = await send('POST', path, attributes);
  expect(answer.status, answer.text).toBe(201);
  return answer.json<{ data: Resource }>().data.id;
}

async function attributesOf(at: string): Promise<Record<string, unknown>> {
  return (await ask(at)).json<{ data: Resource }>().data.attributes;
}

/** Answers where a walk goes on; '' after the last page. */
const nextOf = ({ links }: Page) => links.next?.slice(app.origin.length) ?? '';

const change = async (method: 'PUT' | 'DELETE', locationId: string, stationId: string) =>
  (await ask(`${path}${locationId}/charging_stations/${stationId}`, { method })).status;

const stationsOf = async (locationId: string) =>
  idsIn((await ask(`${path}${locationId}/charging_stations`)).json<Page>());

async function placeOf(stationId: string): Promise<{ locationUuid: unknown; updatedAt: unknown }> {
  const { locationUuid, updatedAt } = await attributesOf(`${root}/charging_stations/${stationId}`);
  return { locationUuid, updatedAt };
}

const authorizationWith = async (...scopes: string[]) => ({
  authorization: await anAccessToken(app.origin, await anApiClient(app.store, tenantId, { scopes })),
});

async function refusalOf(method: string, at: string): Promise<unknown> {
  const answer = await ask(at, { method });
  return [answer.status, answer.json<{ errors: Fault[] }>().errors[0]?.detail];
}

const faultsOf = (answer: Answer) =>
  answer.json<{ errors: Fault[] }>().errors.map(({ code, detail, source }) => ({ code, detail, source }));

/** Answers where a body is wrong, and why: pointer → detail. */
async function faultsBy(method: string, at: string, body: unknown): Promise<Record<string, string>> {
  const answer = await send(method, at, body);
  expect(answer.status, answer.text).toBe(422);
  expect(Check(ErrorDocument, answer.json())).toBe(true);
  const faults = answer.json<{ errors: { detail: string; source: { pointer: string } }[] }>().errors;
  return Object.fromEntries(faults.map(({ detail, source }) => [source.pointer, detail]));
}

const whole = () => ({
  name: 'Garage Mariahilf',
  companyUuid: companyId,
  address: {
    street: 'Mariahilfer Straße',
    houseNumber: '1',
    postalCode: '1060',
    city: 'Wien',
    state: null,
    country: 'AT',
  },
  geolocation: { latitude: 48.20229, longitude: 16.36103 },
  parkingType: 'PARKING_GARAGE',
  directions: [
    { language: 'de', text: 'Ebene 2, neben dem „Lift“' },
    { language: 'en', text: 'Level 2, next to the lift' },
  ],
  timeSettings: {
    twentyfourseven: false,
    regularHours: [
      { weekday: 1, periodBegin: '06:00', periodEnd: '22:00' },
      { weekday: 7, periodBegin: '00:00', periodEnd: '23:59' },
    ],
    exceptionalOpenings: [],
    exceptionalClosings: [{ periodBegin: '2026-12-24T23:00:00.000Z', periodEnd: '2026-12-25T23:00:00.000Z' }],
    timeZone: 'Europe/Vienna',
  },
});

describe('a creation', () => {
  it('answers the whole document, where it is, and its version', async () => {
    const answer = await send('POST', path, whole());
    const { data } = answer.json<{ data: Resource }>();
    const location = `${app.origin}${path}${data.id}`;
    expect({ status: answer.status, location: answer.headers.location, body: answer.json() }).toEqual({
      status: 201,
      location,
      body: {
        data: {
          type: 'locations',
          id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          attributes: { ...whole(), createdAt: start.toISOString(), updatedAt: start.toISOString() },
        },
        links: { self: location },
      },
    });
    expect(Check(LocationDocument, answer.json())).toBe(true);
    const read = await ask(path + data.id);
    expect(read.text).toBe(answer.text);
    expect(read.headers.etag).toBe(answer.headers.etag);
    expect(Object.keys(data.attributes)).toEqual(Object.keys(Location.properties.attributes.properties));
  });

  it('takes a JSON:API document', async () => {
    const attributes = { name: 'As a document', companyUuid: companyId };
    const answer = await send(
      'POST',
      path,
      { data: { type: 'locations', attributes } },
      { 'content-type': 'application/vnd.api+json', accept: 'application/vnd.api+json' },
    );
    expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/vnd.api+json']);
    expect(answer.json<{ data: Resource }>().data.attributes).toMatchObject(attributes);
  });

  it('needs a name and a company; all else is null then', async () => {
    const id = await create({ name: 'Bare', companyUuid: null });
    expect(await attributesOf(path + id)).toEqual({
      name: 'Bare',
      companyUuid: null,
      address: null,
      geolocation: null,
      parkingType: null,
      directions: null,
      timeSettings: null,
      createdAt: start.toISOString(),
      updatedAt: start.toISOString(),
    });
  });

  it('completes what was left out, in the documented order, whatever the order of the body', async () => {
    const id = await create({
      name: 'Left out',
      companyUuid: companyId,
      address: { country: 'DE', city: 'Berlin' },
      geolocation: { longitude: 13.4, latitude: 52.5 },
      directions: [],
      timeSettings: { twentyfourseven: true },
    });
    const { address, geolocation, directions, timeSettings } = await attributesOf(path + id);
    expect(JSON.stringify({ address, geolocation, directions, timeSettings })).toBe(
      JSON.stringify({
        address: {
          street: null,
          houseNumber: null,
          postalCode: null,
          city: 'Berlin',
          state: null,
          country: 'DE',
        },
        geolocation: { latitude: 52.5, longitude: 13.4 },
        directions: [],
        timeSettings: {
          twentyfourseven: true,
          regularHours: [],
          exceptionalOpenings: [],
          exceptionalClosings: [],
          timeZone: null,
        },
      }),
    );
  });

  it('shows the instants of exceptional periods in UTC, however they were written', async () => {
    const id = await create({
      name: 'Closed at Christmas',
      companyUuid: companyId,
      timeSettings: {
        twentyfourseven: true,
        exceptionalClosings: [
          { periodBegin: '2026-12-25T00:00:00+01:00', periodEnd: '2026-12-25t23:30:00.5z' },
        ],
      },
    });
    expect(await attributesOf(path + id)).toMatchObject({
      timeSettings: {
        exceptionalClosings: [
          { periodBegin: '2026-12-24T23:00:00.000Z', periodEnd: '2026-12-25T23:30:00.500Z' },
        ],
      },
    });
  });

  it('answers a repeated Idempotency-Key with the first answer', async () => {
    const key = { 'idempotency-key': 'location-1' };
    const first = await send('POST', path, { name: 'Once', companyUuid: companyId }, key);
    const again = await send('POST', path, { name: 'Once', companyUuid: companyId }, key);
    expect([again.status, again.text]).toEqual([201, first.text]);
    const page = (await ask(`${path}?filter[name]=Once`)).json<Page>();
    expect(page.data).toHaveLength(1);
  });
});

describe('faults of a body', () => {
  it('are told all at once, each at its place', async () => {
    const body = {
      name: ' ',
      companyUuid: 'acme',
      address: { street: 7, country: 'Austria', planet: 'Earth' },
      geolocation: { latitude: 91, longitude: '16' },
      parkingType: 'SIDEWALK',
      directions: [{ language: 'german', text: '' }, { language: 'de' }],
      timeSettings: {
        twentyfourseven: false,
        regularHours: [
          { weekday: 0, periodBegin: '8:00', periodEnd: '24:00' },
          { weekday: 1.5, periodBegin: '18:00', periodEnd: '08:00' },
        ],
        exceptionalOpenings: [{ periodBegin: '2026-12-31', periodEnd: '2026-12-31T23:59:60Z' }],
        exceptionalClosings: [
          { periodBegin: '2026-12-25T00:00:00+01:00', periodEnd: '2026-12-24T23:00:00Z' },
        ],
        timeZone: '+01:00',
      },
    };
    const timeOfDay = 'The value must match ^([01][0-9]|2[0-3]):[0-5][0-9]$.';
    const instant = 'The value must be a date and time (RFC 3339).';
    const wanted = {
      '/name': 'The value must not be blank.',
      '/companyUuid': 'The value must be a UUID.',
      '/address/street': 'The value must be string.',
      '/address/country': 'The value must be a country code of ISO 3166-1 alpha-2, such as AT.',
      '/address/planet': 'The value is of a member that is not known here.',
      '/geolocation/latitude': 'The value must be <= 90.',
      '/geolocation/longitude': 'The value must be number.',
      '/parkingType':
        'The value must be one of ALONG_MOTORWAY, PARKING_GARAGE, PARKING_LOT, ON_DRIVEWAY, ON_STREET, UNDERGROUND_GARAGE.',
      '/directions/0/language': 'The value must match ^[a-z]{2}$.',
      '/directions/0/text': 'The value must not be blank.',
      '/directions/1/text': 'The value is missing.',
      '/timeSettings/regularHours/0/weekday': 'The value must be >= 1.',
      '/timeSettings/regularHours/0/periodBegin': timeOfDay,
      '/timeSettings/regularHours/0/periodEnd': timeOfDay,
      '/timeSettings/regularHours/1/weekday': 'The value must be integer.',
      '/timeSettings/regularHours/1/periodEnd': 'The value must be later than periodBegin.',
      '/timeSettings/exceptionalOpenings/0/periodBegin': instant,
      '/timeSettings/exceptionalOpenings/0/periodEnd': instant,
      '/timeSettings/exceptionalClosings/0/periodEnd': 'The value must be later than periodBegin.',
      '/timeSettings/timeZone': 'The value must be a time zone of the IANA database, such as Europe/Berlin.',
    };
    expect(await faultsBy('POST', path, body)).toEqual(wanted);
    const document = { data: { type: 'locations', attributes: body } };
    expect(await faultsBy('POST', path, document)).toEqual(
      Object.fromEntries(Object.entries(wanted).map(([at, why]) => [`/data/attributes${at}`, why])),
    );
    const id = await create({ name: 'Unchanged', companyUuid: companyId });
    expect(await faultsBy('PATCH', path + id, body)).toEqual(wanted);
    expect(await attributesOf(path + id)).toMatchObject({ name: 'Unchanged', timeSettings: null });
  });

  it.each([
    ['nothing', {}, { '/name': 'The value is missing.', '/companyUuid': 'The value is missing.' }],
    ['an empty name', { name: '', companyUuid: null }, { '/name': 'The value must not be blank.' }],
    [
      'a name that is too long',
      { name: 'x'.repeat(256), companyUuid: null },
      { '/name': 'The value must NOT have more than 255 characters.' },
    ],
    [
      'U+0000',
      { name: 'a', companyUuid: null, address: { city: 'W\0' } },
      { '/address/city': 'The value must not contain the character U+0000.' },
    ],
    ['no name', { name: null, companyUuid: null }, { '/name': 'The value must be string.' }],
    [
      'other kinds of values',
      { name: 'a', companyUuid: null, address: 'Wien', directions: {}, timeSettings: [] },
      {
        '/address': 'The value must be object.',
        '/directions': 'The value must be array.',
        '/timeSettings': 'The value must be object.',
      },
    ],
    [
      'an empty object',
      { name: 'a', companyUuid: null, address: {}, geolocation: {}, timeSettings: {} },
      {
        '/geolocation/latitude': 'The value is missing.',
        '/geolocation/longitude': 'The value is missing.',
        '/timeSettings/twentyfourseven': 'The value is missing.',
      },
    ],
    [
      'hours without hours',
      { name: 'a', companyUuid: null, timeSettings: { twentyfourseven: false } },
      {
        '/timeSettings/regularHours': 'The value is missing.',
        '/timeSettings/timeZone': 'The value is missing.',
      },
    ],
    [
      'no regular hours, and hours in no time zone',
      {
        name: 'a',
        companyUuid: null,
        timeSettings: { twentyfourseven: false, regularHours: [], timeZone: null },
      },
      {
        '/timeSettings/regularHours': 'The value must NOT have fewer than 1 items.',
        '/timeSettings/timeZone': 'The value must be string.',
      },
    ],
    [
      'regular hours when it is always open',
      {
        name: 'a',
        companyUuid: null,
        timeSettings: {
          twentyfourseven: true,
          regularHours: [{ weekday: 1, periodBegin: '08:00', periodEnd: '09:00' }],
        },
      },
      { '/timeSettings/regularHours': 'The value must NOT have more than 0 items.' },
    ],
    [
      'a period that ends when it begins',
      {
        name: 'a',
        companyUuid: null,
        timeSettings: {
          twentyfourseven: false,
          timeZone: 'Europe/Vienna',
          regularHours: [{ weekday: 1, periodBegin: '08:00', periodEnd: '08:00' }],
        },
      },
      { '/timeSettings/regularHours/0/periodEnd': 'The value must be later than periodBegin.' },
    ],
  ])('%s', async (_, body, wanted) => {
    expect(await faultsBy('POST', path, body)).toEqual(wanted);
  });

  it('a company that is not there', async () => {
    const body = { name: 'a', companyUuid: newId() };
    expect(await faultsBy('POST', path, body)).toEqual({ '/companyUuid': 'There is no such company.' });
  });
});

describe('a change', () => {
  it.each(['PUT', 'PATCH'])('%s is partial, and answers the whole document', async (method) => {
    const id = await create(whole());
    clock.moveBy(1000);
    const answer = await send(method, path + id, { name: 'New name', parkingType: null });
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 200,
      body: {
        data: {
          type: 'locations',
          id,
          attributes: {
            ...whole(),
            name: 'New name',
            parkingType: null,
            createdAt: start.toISOString(),
            updatedAt: '2026-11-25T12:00:01.000Z',
          },
        },
        links: { self: `${app.origin}${path}${id}` },
      },
    });
  });

  it('replaces an address as a whole', async () => {
    const id = await create(whole());
    await send('PATCH', path + id, { address: { city: 'Graz' } });
    expect((await attributesOf(path + id))['address']).toEqual({
      street: null,
      houseNumber: null,
      postalCode: null,
      city: 'Graz',
      state: null,
      country: null,
    });
    await send('PATCH', path + id, { address: null });
    expect((await attributesOf(path + id))['address']).toBe(null);
  });

  it('for another version than the present one is refused', async () => {
    const id = await create(whole());
    const { etag = '' } = (await ask(path + id)).headers;
    expect((await send('PATCH', path + id, { name: 'a' }, { 'if-match': etag })).status).toBe(200);
    const stale = await send('PATCH', path + id, { name: 'b' }, { 'if-match': etag });
    const staleDeletion = await ask(path + id, { method: 'DELETE', headers: { 'if-match': etag } });
    expect([stale.status, staleDeletion.status]).toEqual([412, 412]);
    expect((await attributesOf(path + id))['name']).toBe('a');
  });

  it('of what is not there is 404', async () => {
    for (const id of [newId(), 'x', '1']) {
      const statuses = await Promise.all([
        ask(path + id),
        send('PATCH', path + id, { name: 'a' }),
        send('PUT', path + id, { name: 'a' }),
        ask(path + id, { method: 'DELETE' }),
      ]);
      expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    }
  });
});

describe('a deletion', () => {
  it('is 204, and the location is gone', async () => {
    const id = await create(whole());
    const answer = await ask(path + id, { method: 'DELETE' });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await ask(path + id)).status).toBe(404);
    expect((await ask(path + id, { method: 'DELETE' })).status).toBe(404);
  });

  it('is refused while stations stand there', async () => {
    const id = await create(whole());
    const station = await aChargingStation(app.store, tenantId);
    const at = `${path}${id}/charging_stations/${station.id}`;
    expect((await ask(at, { method: 'PUT' })).status).toBe(204);
    const refusal = await ask(path + id, { method: 'DELETE' });
    expect([refusal.status, faultsOf(refusal)]).toEqual([
      409,
      [
        {
          code: 'conflict',
          detail: 'The location has charging stations. Remove them first.',
          source: undefined,
        },
      ],
    ]);
    expect((await ask(at, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(path + id, { method: 'DELETE' })).status).toBe(204);
  });

  it('of a company is refused while locations belong to it', async () => {
    const company = await aCompany(app.store, tenantId);
    const id = await create({ name: 'Belongs', companyUuid: company });
    const refusal = await ask(`${root}/companies/${company}`, { method: 'DELETE' });
    expect([refusal.status, faultsOf(refusal)]).toEqual([
      409,
      [{ code: 'conflict', detail: 'There are locations that belong to this company.', source: undefined }],
    ]);
    await ask(path + id, { method: 'DELETE' });
    expect((await ask(`${root}/companies/${company}`, { method: 'DELETE' })).status).toBe(204);
  });

  it('of a station leaves its location', async () => {
    const id = await create(whole());
    const station = await aChargingStation(app.store, tenantId);
    await ask(`${path}${id}/charging_stations/${station.id}`, { method: 'PUT' });
    expect((await ask(`${root}/charging_stations/${station.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(path + id, { method: 'DELETE' })).status).toBe(204);
  });
});

describe('the list', () => {
  let of: string;
  let token: Record<string, string>;
  let ids: string[];

  beforeEach(async () => {
    ({ id: of } = await aTenant(app.store));
    token = { authorization: await anAccessToken(app.origin, await anApiClient(app.store, of)) };
    ids = [];
    for (const name of ['A', 'B', 'C', 'D', 'E']) ids.push(await aLocation(app.store, of, { name }));
  });

  const page = async (query: string) => {
    const answer = await ask(`${path}?${query}`, { headers: token });
    expect(answer.status, answer.text).toBe(200);
    return answer.json<Page>();
  };

  it('is paged by cursor, with a link to the next page', async () => {
    const first = await page('page%5Blimit%5D=2');
    const { nextCursor } = first.meta.pagination;
    const url = `${app.origin}${path}?page%5Blimit%5D=2&page%5Bcursor%5D=`;
    expect({ ids: idsIn(first), meta: first.meta, links: first.links }).toEqual({
      ids: ids.slice(0, 2),
      meta: { pagination: { limit: 2, nextCursor: expect.any(String) as string, lastPage: false } },
      links: {
        current: `${url}start`,
        next: `${url}${nextCursor}`,
        self: `${url}start`,
        first: `${url}start`,
      },
    });
    expect(Check(LocationPage, first)).toBe(true);
    expect((await page('page[limit]=2&page[cursor]=start')).data).toEqual(first.data);
    const last = await page(`page[limit]=3&page[cursor]=${nextCursor}`);
    expect({ ids: idsIn(last), meta: last.meta }).toEqual({
      ids: ids.slice(2),
      meta: { pagination: { limit: 3, nextCursor: null, lastPage: true } },
    });
    expect(Object.keys(last.links)).toEqual(['current', 'self', 'first']);
    expect(Check(LocationPage, last)).toBe(true);
  });

  it('stays right in a walk while locations come and go', async () => {
    const first = await page('page[limit]=2');
    const walked = idsIn(first);
    // The one that the cursor stands on, one that was seen, and one that was not, go; another comes.
    for (const gone of [ids[1], ids[0], ids[2]]) {
      expect((await ask(`${path}${gone}`, { method: 'DELETE', headers: token })).status).toBe(204);
    }
    const added = await aLocation(app.store, of, { name: 'F' });
    for (let at = nextOf(first); at !== '';) {
      const next = (await ask(at, { headers: token })).json<Page>();
      walked.push(...idsIn(next));
      at = nextOf(next);
    }
    expect(walked).toEqual([ids[0], ids[1], ids[3], ids[4], added]);
  });

  it('is empty where there is nothing, and clamps the limit', async () => {
    const empty = await page('filter[name]=nobody&page[limit]=9999');
    expect({ data: empty.data, meta: empty.meta }).toEqual({
      data: [],
      meta: { pagination: { limit: 500, nextCursor: null, lastPage: true } },
    });
  });

  it('is paged by offset where that is asked for, and sorted then', async () => {
    const sorted = await page('sort=-name&page[offset]=1&page[limit]=2');
    expect({ ids: idsIn(sorted), meta: sorted.meta }).toEqual({
      ids: [ids[3], ids[2]],
      meta: { pagination: { total: 5, offset: 1, limit: 2, lastPage: false } },
    });
  });

  it('is filtered and searched', async () => {
    const company = await aCompany(app.store, of);
    const [a, b] = ids;
    await send('PATCH', `${path}${a}`, { companyUuid: company, parkingType: 'ON_STREET' }, token);
    await send('PATCH', `${path}${b}`, { name: 'Süd 100%', parkingType: 'PARKING_LOT' }, token);
    expect(idsIn(await page(`filter[companyUuid]=${company}`))).toEqual([a]);
    expect(idsIn(await page('filter[parkingType]=ON_STREET,PARKING_LOT'))).toEqual([a, b]);
    expect(idsIn(await page(`filter[search]=${encodeURIComponent('SÜD 100%')}`))).toEqual([b]);
    const sparse = await page('filter[name]=C&fields[locations]=name');
    expect(sparse.data).toEqual([{ type: 'locations', id: ids[2], attributes: { name: 'C' } }]);
  });

  it.each([
    ['page[cursor]=x', 'page[cursor]'],
    [`page[cursor]=${Buffer.from(`companies:${newId()}`).toString('base64url')}`, 'page[cursor]'],
    ['page[limit]=0', 'page[limit]'],
    ['page[cursor]=start&page[offset]=1', 'page[cursor]'],
    ['sort=name', 'sort'],
    ['filter[parkingType]=x', 'filter[parkingType]'],
    ['filter[address]=x', 'filter[address]'],
  ])('refuses %s', async (query, parameter) => {
    const answer = await ask(`${path}?${query}`, { headers: token });
    expect(answer.status).toBe(400);
    expect(faultsOf(answer)).toMatchObject([{ source: { parameter } }]);
  });
});

describe('the stations of a location', () => {
  it('are assigned and removed; doing so again changes nothing', async () => {
    const id = await create(whole());
    const { id: one } = await aChargingStation(app.store, tenantId);
    const { id: two } = await aChargingStation(app.store, tenantId, {
      createdAt: new Date(clock.now().getTime() - 1000),
    });
    const before = await placeOf(two);
    const answer = await ask(`${path}${id}/charging_stations/${one}/`, { method: 'PUT' });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await change('PUT', id, two)).toBe(204);
    const assigned = await placeOf(one);
    expect(assigned.locationUuid).toBe(id);
    clock.moveBy(1000);
    expect(await change('PUT', id, one.toUpperCase())).toBe(204);
    expect(await placeOf(one)).toEqual(assigned);
    expect(await stationsOf(id)).toEqual([one, two]);
    expect(await change('DELETE', id, two)).toBe(204);
    const removed = await placeOf(two);
    expect(removed.locationUuid).toBe(null);
    expect(removed.updatedAt).not.toBe(before.updatedAt);
    clock.moveBy(1000);
    expect(await change('DELETE', id, two)).toBe(204);
    expect(await placeOf(two)).toEqual(removed);
    expect(await stationsOf(id)).toEqual([one]);
  });

  it('move from another location; removed there afterwards, they stay', async () => {
    const [from, to] = [await create(whole()), await create(whole())];
    const { id: station } = await aChargingStation(app.store, tenantId);
    await change('PUT', from, station);
    expect(await change('PUT', to, station)).toBe(204);
    expect([await stationsOf(from), await stationsOf(to)]).toEqual([[], [station]]);
    expect(await change('DELETE', from, station)).toBe(204);
    expect(await stationsOf(to)).toEqual([station]);
  });

  it('stand at one location at most, whatever happens at once', async () => {
    const { id: station } = await aChargingStation(app.store, tenantId);
    for (let round = 0; round < 5; round += 1) {
      const places = await Promise.all(
        ['a', 'b', 'c'].map((name) => aLocation(app.store, tenantId, { name })),
      );
      const answers = await Promise.all(
        places.flatMap((id) => [
          change('PUT', id, station),
          change('DELETE', id, station),
          change('PUT', id, station),
          ask(path + id, { method: 'DELETE' }).then(({ status }) => status),
        ]),
      );
      expect(answers.filter((status) => ![204, 404, 409].includes(status))).toEqual([]);
      const { locationUuid } = await placeOf(station);
      const there = await Promise.all(places.map((id) => ask(`${path}${id}/charging_stations`)));
      const listed = places.filter((_, at) => there[at]?.status === 200 && there[at].text.includes(station));
      expect(listed).toEqual(locationUuid === null ? [] : [locationUuid]);
    }
  });

  it('are listed as stations are: whole, paged, filtered', async () => {
    const id = await create(whole());
    const { id: station, identity } = await aChargingStation(app.store, tenantId);
    await change('PUT', id, station);
    const list = (await ask(`${path}${id}/charging_stations/`)).json<Page & { meta: object }>();
    const single = (await ask(`${root}/charging_stations/${station}`)).json<{ data: Resource }>();
    expect(list.data).toEqual([single.data]);
    expect(list.meta).toEqual({ pagination: { total: 1, offset: 0, limit: 50, lastPage: true } });
    const filtered = await ask(`${path}${id}/charging_stations?filter[chargeBoxIdentity]=not_${identity}`);
    expect(filtered.json<Page>().data).toEqual([]);
    const elsewhere = await ask(`${root}/charging_stations?filter[locationUuid]=${id}`);
    expect(elsewhere.json<Page>().data).toEqual([single.data]);
  });

  it('and the location must both be there', async () => {
    const id = await create(whole());
    const { id: station } = await aChargingStation(app.store, tenantId);
    const noLocation = [404, 'There is no such location.'];
    const noStation = [404, 'There is no such charging station.'];
    for (const none of [newId(), 'x']) {
      expect(await refusalOf('PUT', `${path}${none}/charging_stations/${station}`)).toEqual(noLocation);
      expect(await refusalOf('PUT', `${path}${id}/charging_stations/${none}`)).toEqual(noStation);
      expect(await refusalOf('DELETE', `${path}${id}/charging_stations/${none}`)).toEqual(noStation);
      expect(await refusalOf('GET', `${path}${none}/charging_stations`)).toEqual(noLocation);
    }
  });

  it('know no other methods and parameters', async () => {
    const id = await create(whole());
    const at = `${path}${id}/charging_stations/${newId()}`;
    const answer = await ask(at, { method: 'POST' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'PUT, DELETE']);
    expect((await ask(`${at}?force=1`, { method: 'PUT' })).status).toBe(400);
  });
});

describe('an address of a station', () => {
  it('is completed like a location’s', async () => {
    const created = await send('POST', `${root}/charging_stations/`, {
      label: 'With an address',
      chargeBoxIdentity: 'with_an_address',
      modelId: null,
      companyUuid: companyId,
      timeZone: 'Europe/Vienna',
      address: { country: 'AT', street: 'Ring' },
    });
    expect(created.status, created.text).toBe(201);
    const { id } = created.json<{ data: Resource }>().data;
    const address = {
      street: 'Ring',
      houseNumber: null,
      postalCode: null,
      city: null,
      state: null,
      country: 'AT',
    };
    const read = await attributesOf(`${root}/charging_stations/${id}`);
    expect(JSON.stringify(read['address'])).toBe(JSON.stringify(address));
    const changed = await send('PATCH', `${root}/charging_stations/${id}`, { address: { city: 'Linz' } });
    expect(changed.json<{ data: Resource }>().data.attributes['address']).toEqual({
      ...address,
      street: null,
      city: 'Linz',
      country: null,
    });
    expect(
      await faultsBy('PATCH', `${root}/charging_stations/${id}`, { address: { country: 'AA' } }),
    ).toEqual({
      '/address/country': 'The value must be a country code of ISO 3166-1 alpha-2, such as AT.',
    });
  });
});

describe('scopes', () => {
  it('reading needs cpoapi:locations:read, writing and assigning cpoapi:locations:write', async () => {
    const id = await create(whole());
    const { id: station } = await aChargingStation(app.store, tenantId);
    const statusesWith = async (headers: Record<string, string>) => ({
      list: (await ask(path, { headers })).status,
      one: (await ask(path + id, { headers })).status,
      create: (await send('POST', path, { name: 'a', companyUuid: null }, headers)).status,
      change: (await send('PATCH', path + id, { name: 'a' }, headers)).status,
      assign: (await ask(`${path}${id}/charging_stations/${station}`, { method: 'PUT', headers })).status,
      stations: (await ask(`${path}${id}/charging_stations`, { headers })).status,
      remove: (await ask(`${path}${id}/charging_stations/${station}`, { method: 'DELETE', headers })).status,
      delete: (await ask(path + id, { method: 'DELETE', headers })).status,
    });
    const none = {
      list: 403,
      one: 403,
      create: 403,
      change: 403,
      assign: 403,
      stations: 403,
      remove: 403,
      delete: 403,
    };
    const read = await authorizationWith('cpoapi:locations:read');
    expect(await statusesWith(read)).toEqual({ ...none, list: 200, one: 200 });
    const stations = await authorizationWith('cpoapi:charging_stations:write');
    expect(await statusesWith(stations)).toEqual({ ...none, stations: 200 });
    const write = await authorizationWith('cpoapi:locations:write');
    expect(await statusesWith(write)).toEqual({
      list: 200,
      one: 200,
      create: 201,
      change: 200,
      assign: 204,
      stations: 403,
      remove: 204,
      delete: 204,
    });
  });
});

describe('isolation', () => {
  const names = ['unassigned', 'root', 'sub', 'subsub', 'sibling'] as const;
  type Name = (typeof names)[number];
  type World = {
    tenantId: string;
    companies: Record<Exclude<Name, 'unassigned'>, string>;
    locations: Record<Name, string>;
    stations: Record<Name, string>;
  };
  const worlds = {} as Record<'a' | 'b', World>;

  async function aWorld(): Promise<World> {
    const { id: of } = await aTenant(app.store);
    const rootCompany = await aCompany(app.store, of);
    const sub = await aCompany(app.store, of, rootCompany);
    const subsub = await aCompany(app.store, of, sub);
    const sibling = await aCompany(app.store, of, rootCompany);
    const companies = { root: rootCompany, sub, subsub, sibling };
    const [locations, stations] = [{}, {}] as [Record<Name, string>, Record<Name, string>];
    for (const name of names) {
      const belongs = name === 'unassigned' ? {} : { companyId: companies[name] };
      locations[name] = await aLocation(app.store, of, belongs);
      stations[name] = (await aChargingStation(app.store, of, belongs)).id;
    }
    return { tenantId: of, companies, locations, stations };
  }

  beforeAll(async () => {
    worlds.a = await aWorld();
    worlds.b = await aWorld();
  });

  const bindings: [string, Exclude<Name, 'unassigned'> | undefined, boolean, Name[]][] = [
    ['no company: the whole tenant', undefined, false, [...names]],
    ['a company alone', 'sub', false, ['sub']],
    ['a company and its subordinates', 'sub', true, ['sub', 'subsub']],
    ['the root and its subordinates', 'root', true, ['root', 'sub', 'subsub', 'sibling']],
    ['a leaf and its (no) subordinates', 'subsub', true, ['subsub']],
    ['the sibling alone', 'sibling', false, ['sibling']],
  ];

  describe.each(bindings)('bound to %s', (_what, bound, withSubordinates, seen) => {
    let headers: Record<string, string>;

    beforeAll(async () => {
      const { tenantId: of, companies } = worlds.a;
      const company =
        bound === undefined ? {} : { company: { companyId: companies[bound], withSubordinates } };
      headers = { authorization: await anAccessToken(app.origin, await anApiClient(app.store, of, company)) };
    });

    /** Asks for each location or station of both tenants, and compares the status with what is wanted of those seen. */
    async function expectStatuses(
      asking: (world: World, name: Name) => Promise<Answer>,
      status: number,
    ): Promise<void> {
      const answered: Record<string, number> = {};
      const wanted: Record<string, number> = {};
      for (const [of, world] of Object.entries(worlds)) {
        for (const name of names) {
          answered[`${of} ${name}`] = (await asking(world, name)).status;
          wanted[`${of} ${name}`] = of === 'a' && seen.includes(name) ? status : 404;
        }
      }
      expect(answered).toEqual(wanted);
    }

    it('sees just these in a walk through the list', async () => {
      const walked: string[] = [];
      for (let at = `${path}?page[limit]=2`; at !== '';) {
        const page = (await ask(at, { headers })).json<Page>();
        walked.push(...idsIn(page));
        at = nextOf(page);
      }
      expect(walked).toEqual(seen.map((name) => worlds.a.locations[name]));
    });

    it('reads, changes and deletes none but these', async () => {
      await expectStatuses(({ locations }, name) => ask(path + locations[name], { headers }), 200);
      await expectStatuses(
        ({ locations }, name) => send('PATCH', path + locations[name], { name: 'Changed' }, headers),
        200,
      );
      const { tenantId: ofA } = worlds.a;
      const changed = await app.database.look<{ id: string }>(
        `select id from locations where name = 'Changed' and tenant_id in ($1, $2) order by id`,
        [ofA, worlds.b.tenantId],
      );
      expect(changed.map(({ id }) => id)).toEqual(seen.map((name) => worlds.a.locations[name]));
      await app.database.look(`update locations set name = 'Back' where tenant_id = $1`, [ofA]);
      // Deleted are only those that may not be seen, to be seen by the other bindings still.
      for (const [of, { locations }] of Object.entries(worlds)) {
        for (const name of names) {
          if (of === 'a' && seen.includes(name)) continue;
          const answer = await ask(path + locations[name], { method: 'DELETE', headers });
          expect(answer.status, `${of} ${name}`).toBe(404);
        }
      }
    });

    it('assigns none but its stations, to none but its locations', async () => {
      const own = seen[0] ?? 'root';
      const { locations, stations } = worlds.a;
      await expectStatuses(
        (world, name) =>
          ask(`${path}${world.locations[name]}/charging_stations/${stations[own]}`, {
            method: 'PUT',
            headers,
          }),
        204,
      );
      await expectStatuses(
        (world, name) =>
          ask(`${path}${locations[own]}/charging_stations/${world.stations[name]}`, {
            method: 'PUT',
            headers,
          }),
        204,
      );
      const placed = await app.database.look<{ id: string }>(
        'select id from charging_stations where location_id = $1 order by id',
        [locations[own]],
      );
      expect(placed.map(({ id }) => id)).toEqual(seen.map((name) => stations[name]));
      await expectStatuses(
        (world, name) => ask(`${path}${world.locations[name]}/charging_stations`, { headers }),
        200,
      );
      await expectStatuses(
        (world, name) =>
          ask(`${path}${locations[own]}/charging_stations/${world.stations[name]}`, {
            method: 'DELETE',
            headers,
          }),
        204,
      );
      expect(
        await app.database.look('select 1 from charging_stations where location_id = $1', [locations[own]]),
      ).toEqual([]);
    });

    it('lists none but its stations at a location that others share', async () => {
      const own = seen[0] ?? 'root';
      const { tenantId: of, locations, stations } = worlds.a;
      await app.database.look('update charging_stations set location_id = $2 where tenant_id = $1', [
        of,
        locations[own],
      ]);
      const page = (await ask(`${path}${locations[own]}/charging_stations`, { headers })).json<Page>();
      expect(page.data.map(({ id }) => id)).toEqual(seen.map((name) => stations[name]));
      expect(page.meta.pagination).toMatchObject({ total: seen.length });
      expect((await ask(path + locations[own], { method: 'DELETE', headers })).status).toBe(409);
      await app.database.look('update charging_stations set location_id = null where tenant_id = $1', [of]);
    });

    it('makes locations of none but its companies', async () => {
      const statuses: Record<string, number> = {};
      const wanted: Record<string, number> = {};
      for (const [of, { companies }] of Object.entries(worlds)) {
        for (const [name, companyUuid] of Object.entries(companies)) {
          const answer = await send('POST', path, { name: 'Made', companyUuid }, headers);
          statuses[`${of} ${name}`] = answer.status;
          wanted[`${of} ${name}`] = of === 'a' && seen.includes(name as Name) ? 201 : 422;
        }
      }
      expect(statuses).toEqual(wanted);
      const ofAnother = await send(
        'POST',
        path,
        { name: 'Made', companyUuid: worlds.b.companies.root },
        headers,
      );
      expect(faultsOf(ofAnother)).toEqual([
        {
          code: 'invalid_value',
          detail: 'There is no such company.',
          source: { pointer: '/companyUuid' },
        },
      ]);
      const ofNone = await send('POST', path, { name: 'Made', companyUuid: null }, headers);
      expect(ofNone.status).toBe(bound === undefined ? 201 : 422);
      await app.database.look(`delete from locations where name = 'Made'`);
    });

    it('gives none of its locations away', async () => {
      const own = seen[0] ?? 'root';
      const { locations, companies } = worlds.a;
      for (const [companyUuid, isHers] of [
        [worlds.b.companies.root, false],
        [companies.root, seen.includes('root')],
        [null, bound === undefined],
      ] as const) {
        const answer = await send('PUT', path + locations[own], { companyUuid }, headers);
        expect(answer.status).toBe(isHers ? 200 : 422);
      }
      await app.database.look('update locations set company_id = $2 where id = $1', [
        locations[own],
        own === 'unassigned' ? null : companies[own],
      ]);
    });
  });
});
