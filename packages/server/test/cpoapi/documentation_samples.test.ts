// The samples of the be.ENERGISED CPO API's documentation, sent as its clients send them (curl, the access token alone in
// Authorization, application/json on reads, raw brackets, trailing slashes), with nothing but hosts, credentials and ids
// put in; and each of its documented rules. Whole answers are compared. A row is a sample, under its page.

import { beforeAll, describe, expect, it } from 'vitest';
import {
  aCompany,
  aConfiguration,
  aConnector,
  aTenant,
  aUser,
  anAccessToken,
  anApiClient,
} from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { base, callerWith } from './caller.ts';
import type { Caller, Single } from './caller.ts';

const start = '2026-11-25T12:00:00.000Z';
const clock = aClock(new Date(start));
const app = testApp({ clock });

/** What stands in the samples → what it is here. */
const here: [string, string][] = [];
const ids = {
  company: '',
  subordinate: '',
  station: '',
  connector: '',
  location: '',
  window: '',
  configuration: '',
};
let tenantOrigin = '';

beforeAll(async () => {
  const tenant = await aTenant(app.store);
  tenantOrigin = `http://${tenant.slug}.localhost:${app.port}`;
  const client = await anApiClient(app.store, tenant.id);
  const accessToken = await anAccessToken(app.origin, client);
  const call = callerWith(app, accessToken);
  ids.company = await aCompany(app.store, tenant.id);
  ids.subordinate = await aCompany(app.store, tenant.id, ids.company);
  await make(call, '/charging_station_models', { vendor: 'Vendor', name: 'Model' });
  for (let n = 1; n <= 10; n += 1) {
    const id = await make(call, '/charging_stations', {
      ...documentedStation,
      label: `Station ${n}`,
      chargeBoxIdentity: `cp_${n}`,
      companyUuid: n === 1 ? ids.subordinate : ids.company,
    });
    if (n === 1) ids.station = id;
  }
  await app.store.stationFacts.record({
    kind: 'booted',
    tenantId: tenant.id,
    chargingStationId: ids.station,
    connectionId: ids.station,
    at: clock.now(),
    vendor: 'Vendor',
    model: 'Model',
    serialNumber: '112233',
    firmwareVersion: 'htb.firmware.version',
    iccid: '12345',
    imsi: '567869',
  });
  ids.connector = await aConnector(app.store, tenant.id, ids.station, 1, { at: clock.now() });
  ids.location = await make(call, '/locations', { name: 'Garage', companyUuid: ids.company });
  ids.window = await make(call, '/maintenance_windows', { ...documentedWindow, cpUuid: ids.station });
  const keys = { HeartbeatInterval: '300' };
  [ids.configuration = ''] = await aConfiguration(app.store, tenant.id, ids.station, keys);
  for (const [firstName, lastName, isActive] of [
    ['John', 'Doe', true],
    ['Jane', 'Smith', true],
    ['Jack', 'Gone', false],
  ] as const) {
    const email = `${firstName}.${lastName}@example.com`.toLowerCase();
    await aUser(app.store, tenant.id, { firstName, lastName, email, isActive, isTechnician: true });
  }
  const restricted = await anApiClient(app.store, tenant.id, {
    company: { companyId: ids.subordinate, withSubordinates: false },
  });
  here.push(
    ['https://beenergised-jwtapis.auth.eu-central-1.amazoncognito.com', app.origin],
    ['https://htb-api.eu.auth0.com', app.origin],
    ['https://yourmandant.beenergised.cloud', tenantOrigin],
    ['https://<slug>.beenergised.cloud', tenantOrigin],
    ['CLIENT_ID', client.clientId],
    ['CLIENT_SECRET', client.clientSecret],
    ['<access_token>', accessToken],
    ['<access_token of an entity>', await anAccessToken(app.origin, restricted)],
    ['<station_uuid>', ids.station],
    [':cpuuid', ids.station],
    [':connectoruuid', ids.connector],
    ['<location_uuid>', ids.location],
    ['<window_id>', ids.window],
    ['company-uuid-here', ids.company],
  );
});

async function make(call: Caller, path: string, body: object): Promise<string> {
  const answer = await call('POST', path, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.json<Single>().data.id;
}

const documentedStation = {
  label: 'Station A',
  chargeBoxIdentity: 'ABC123',
  modelId: 1,
  companyUuid: 'company-uuid-here',
  timeZone: 'Europe/Berlin',
};
const documentedWindow = {
  startDate: '2027-02-17T07:00:00.000Z',
  endDate: '2027-02-17T17:00:00.000Z',
  comment: 'Repair the station.',
};

/** Sends what curl would send for a command line, as far as the documentation's go. */
function runCurl(command: string): Promise<Answer> {
  let text = command;
  for (const [sample, real] of here) text = text.replaceAll(sample, real);
  const words = [...text.matchAll(/'([^']*)'|([^\s\\]+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const after = (option: string) => words.flatMap((word, at) => (words[at - 1] === option ? [word] : []));
  const [body] = after('--data');
  // Not taken apart by URL: it would encode the brackets.
  const [, hostname, path = ''] =
    words.map((word) => /^http:\/\/([^:/]+)[^/]*(.*)$/.exec(word)).find(Boolean) ?? [];
  return app.ask(path, {
    host: String(hostname),
    method: after('--request')[0] ?? (body === undefined ? 'GET' : 'POST'),
    headers: Object.fromEntries(after('--header').map((header) => header.split(/: (.*)/s).slice(0, 2))),
    ...(body === undefined ? {} : { body }),
  });
}

/** The CPO API's usual form: every documented sample is sent so, reads, too. */
const api = (
  method: string,
  path: string,
  body?: object,
) => `curl --location --request ${method} 'https://<slug>.beenergised.cloud/api/cpoapi/v1${path}' \\
  --header 'Authorization: <access_token>' \\
  --header 'Content-Type: application/json'${body === undefined ? '' : ` --data '${JSON.stringify(body)}'`}`;

type Wanted = {
  readonly status: number;
  /** The body, its members in this order; undefined for none. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
};
type Sample = readonly [rule: string, curl: string, wanted: (answer: Answer) => Wanted];

function itAnswers(samples: readonly Sample[]): void {
  it.each(samples)('%s', async (_rule, curl, wanted) => {
    const answer = await runCurl(curl);
    expectAnswer(answer, wanted(answer));
  });
}

function expectAnswer(answer: Answer, { status, body, headers = {} }: Wanted): void {
  const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  expect({ status: answer.status, body: body && answer.json(), headers: answer.headers }).toEqual({
    status,
    body,
    headers: expect.objectContaining({ 'x-request-id': expect.any(String), ...type, ...headers }),
  });
  // The members’ order, too: what is documented comes first.
  expect(answer.text).toBe(body === undefined ? '' : JSON.stringify(answer.json()));
  expect(orderOf(answer.text === '' ? undefined : answer.json())).toEqual(orderOf(body));
}

/** The names of a document's members, in their order. */
function orderOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return value.map(orderOf);
  if ('asymmetricMatch' in value) return null;
  return Object.entries(value).map(([name, member]) => [name, orderOf(member)]);
}

const url = (path: string) => `${tenantOrigin}${base}${path}`;

/** The documented attributes first, then those that Chargeyard adds. */
const station = (id: string, attributes: Readonly<Record<string, unknown>>) => ({
  type: 'charging_stations',
  id,
  attributes: {
    label: 'Station A',
    chargeBoxIdentity: 'ABC123',
    iccid: null,
    imsi: null,
    serialnumber: null,
    firmwareVersion: null,
    publicDisplayName: null,
    modelId: 1,
    companyUuid: ids.company,
    locationUuid: null,
    timeZone: 'Europe/Berlin',
    address: null,
    geolocation: null,
    technicianUserId: null,
    vendor: null,
    model: null,
    ocppVersion: null,
    securityProfile: 0,
    hasPassword: false,
    assumedSubprotocol: null,
    connectionStatus: 'no_communication',
    lastSeenAt: null,
    lastRefusal: null,
    bootedAt: null,
    createdAt: start,
    updatedAt: start,
    ...attributes,
  },
});
const quickstartStation = () =>
  station(ids.station, {
    label: 'Station 1',
    chargeBoxIdentity: 'cp_1',
    iccid: '12345',
    imsi: '567869',
    serialnumber: '112233',
    firmwareVersion: 'htb.firmware.version',
    companyUuid: ids.subordinate,
    vendor: 'Vendor',
    model: 'Model',
    bootedAt: start,
    updatedAt: expect.any(String),
  });

const connector = () => ({
  type: 'connectors',
  id: ids.connector,
  attributes: {
    cpId: ids.station,
    connectorNumber: 1,
    evseNumber: 1,
    evseId: null,
    label: null,
    type: null,
    format: null,
    powerType: null,
    maxVoltage: null,
    maxAmperage: null,
    maxPowerW: null,
    status: 'Available',
    errorCode: 'NoError',
    vendorErrorCode: null,
    info: null,
    statusAt: start,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  },
});

const location = (id: string, attributes: Readonly<Record<string, unknown>> = {}) => ({
  type: 'locations',
  id,
  attributes: {
    name: 'Garage',
    companyUuid: ids.company,
    address: null,
    geolocation: null,
    parkingType: null,
    directions: null,
    timeSettings: null,
    createdAt: start,
    updatedAt: start,
    ...attributes,
  },
});

const maintenanceWindow = (id: string, attributes: Readonly<Record<string, unknown>> = {}) => ({
  type: 'maintenance_windows',
  id,
  attributes: {
    cpId: ids.station,
    connectorId: null,
    comment: 'Repair the station.',
    startDate: documentedWindow.startDate,
    endDate: documentedWindow.endDate,
    lockConnectors: false,
    whitelistedDriverTokens: [],
    createdAt: start,
    updatedAt: start,
    ...attributes,
  },
});

/** A page by offset: the documented pagination and links, then JSON:API’s. Links are given by their offsets. */
function page(
  path: string,
  data: readonly unknown[],
  {
    total,
    limit = 50,
    offset = 0,
    next,
    prev,
    last = 0,
    kept = [],
  }: {
    total: number;
    limit?: number;
    offset?: number;
    next?: number;
    prev?: number;
    last?: number;
    kept?: readonly (readonly [string, string])[];
  },
): Wanted {
  const link = (to: number) => {
    const parameters = [...kept, ['page[limit]', String(limit)], ['page[offset]', String(to)]];
    return `${url(path)}?${new URLSearchParams(parameters as [string, string][]).toString()}`;
  };
  return {
    status: 200,
    headers: { etag: expect.stringMatching(/^"[\w-]+"$/) },
    body: {
      data,
      meta: { pagination: { total, offset, limit, lastPage: next === undefined } },
      links: {
        current: link(offset),
        ...(next === undefined ? {} : { next: link(next) }),
        ...(prev === undefined ? {} : { prev: link(prev) }),
        self: link(offset),
        first: link(0),
        last: link(last),
      },
    },
  };
}

const single = (path: string, data: unknown): Wanted => ({
  status: 200,
  headers: { etag: expect.stringMatching(/^"[\w.-]+"$/) },
  body: { data, links: { self: url(path) } },
});

const created = (collection: string, answer: Answer, of: (id: string) => unknown): Wanted => {
  const { id } = answer.json<Single>().data;
  const self = url(`${collection}/${id}`);
  return { status: 201, headers: { location: self }, body: { data: of(id), links: { self } } };
};

const refused = (
  answer: Answer,
  status: number,
  errors: readonly { code: string; title: string; detail: string; pointer?: string }[],
): Wanted => ({
  status,
  body: {
    errors: errors.map(({ code, title, detail, pointer }, at) => ({
      id: `${String(answer.headers['x-request-id'])}${errors.length > 1 ? `/${at + 1}` : ''}`,
      status: String(status),
      code,
      title,
      detail,
      ...(pointer === undefined ? {} : { source: { pointer } }),
    })),
  },
});
const invalid = (pointer: string, detail: string) => ({
  code: 'invalid_value',
  title: 'A value is not valid',
  detail,
  pointer,
});

const conflict = { code: 'conflict', title: 'The request conflicts with what is there' };

describe('1.1 the token, as the quickstart fetches it', () => {
  itAnswers([
    [
      'with all parameters in the query string and an empty body',
      `curl --location --request POST 'https://beenergised-jwtapis.auth.eu-central-1.amazoncognito.com/token?grant_type=client_credentials&client_id=CLIENT_ID&client_secret=CLIENT_SECRET' \\
  --header 'Content-Type: application/x-www-form-urlencoded'`,
      () => ({
        status: 200,
        headers: { 'cache-control': 'no-store' },
        body: { access_token: expect.stringMatching(aJwt), expires_in: 86_400, token_type: 'Bearer' },
      }),
    ],
  ]);
});

const aJwt = /^[\w-]+\.[\w-]+\.[\w-]+$/;

describe('1.2 the token, as the older quickstart fetches it', () => {
  itAnswers([
    [
      'with JSON in the body, and the scope in the answer',
      `curl --request POST 'https://htb-api.eu.auth0.com/oauth/token' --header 'content-type: application/json' \\
  --data '{"client_id":"CLIENT_ID","client_secret":"CLIENT_SECRET","audience":"https://*.beenergised.cloud/api/cpoapi/v1/","grant_type":"client_credentials"}'`,
      () => ({
        status: 200,
        headers: { 'cache-control': 'no-store' },
        body: {
          access_token: expect.stringMatching(aJwt),
          scope: 'cpoapi:*',
          expires_in: 86_400,
          token_type: 'Bearer',
        },
      }),
    ],
  ]);
});

const others = () =>
  Array.from({ length: 9 }, (_, at) =>
    station(expect.any(String) as string, {
      label: `Station ${at + 2}`,
      chargeBoxIdentity: `cp_${at + 2}`,
    }),
  );

describe('1.3 charging stations', () => {
  itAnswers([
    [
      'are listed, as in the quickstart',
      `curl --location --request GET 'https://yourmandant.beenergised.cloud/api/cpoapi/v1/charging_stations/' \\
--header 'Authorization: <access_token>'`,
      () => page('/charging_stations/', [quickstartStation(), ...others()], { total: 10 }),
    ],
    [
      'are listed for Bearer <access_token>, as the quickstart says in words',
      `curl 'https://yourmandant.beenergised.cloud/api/cpoapi/v1/charging_stations/' --header 'Authorization: Bearer <access_token>'`,
      () => page('/charging_stations/', [quickstartStation(), ...others()], { total: 10 }),
    ],
    [
      'come in the pages of the quickstart’s answer, whose next offset is the first one not shown',
      api('GET', '/charging_stations/?page%5Blimit%5D=1&page%5Boffset%5D=0'),
      () => page('/charging_stations/', [quickstartStation()], { total: 10, limit: 1, next: 1, last: 9 }),
    ],
    [
      'are those of the entity alone for a token that is bound to one',
      `curl --location --request GET 'https://yourmandant.beenergised.cloud/api/cpoapi/v1/charging_stations/' \\
--header 'Authorization: <access_token of an entity>'`,
      () => page('/charging_stations/', [quickstartStation()], { total: 1 }),
    ],
    [
      'have the id that is the URL parameter of other calls',
      api('GET', '/charging_stations/<station_uuid>/maintenance_windows/'),
      () =>
        page(`/charging_stations/${ids.station}/maintenance_windows/`, [maintenanceWindow(ids.window)], {
          total: 1,
        }),
    ],
  ]);
});

describe('1.4 the creation of a charging station', () => {
  const optional = {
    publicDisplayName: 'Market square, left',
    iccid: '8949020000000000001',
    imsi: '262010000000001',
    serialnumber: 'CY-1',
    address: {
      street: 'Am Markt',
      houseNumber: '1',
      postalCode: '28195',
      city: 'Bremen',
      state: null,
      country: 'DE',
    },
    geolocation: { latitude: 53.0758, longitude: 8.8072 },
  };
  itAnswers([
    [
      'takes the documented body',
      api('POST', '/charging_stations/', documentedStation),
      (answer) => created('/charging_stations', answer, (id) => station(id, {})),
    ],
    [
      'takes the optional fields',
      api('POST', '/charging_stations/', { ...documentedStation, chargeBoxIdentity: 'ABC124', ...optional }),
      (answer) =>
        created('/charging_stations', answer, (id) =>
          station(id, { chargeBoxIdentity: 'ABC124', ...optional }),
        ),
    ],
    [
      'wants each of the required fields',
      api('POST', '/charging_stations/', {}),
      (answer) =>
        refused(
          answer,
          422,
          Object.keys(documentedStation).map((name) => invalid(`/${name}`, 'The value is missing.')),
        ),
    ],
    [
      'wants a charge box identity that is unique',
      api('POST', '/charging_stations/', { ...documentedStation, chargeBoxIdentity: 'cp_1' }),
      (answer) =>
        refused(answer, 409, [
          {
            ...conflict,
            detail: 'There is a charging station with this identity already.',
            pointer: '/chargeBoxIdentity',
          },
        ]),
    ],
  ]);
});

describe('1.5 connectors', () => {
  itAnswers([
    ['are listed', api('GET', '/connectors/'), () => page('/connectors/', [connector()], { total: 1 })],
    [
      'of a station are listed',
      api('GET', '/cp/:cpuuid/connectors/'),
      () => page(`/cp/${ids.station}/connectors/`, [connector()], { total: 1 }),
    ],
    [
      'of a station are read',
      api('GET', '/cp/:cpuuid/connectors/:connectoruuid'),
      () => single(`/cp/${ids.station}/connectors/${ids.connector}`, connector()),
    ],
    [
      'are read',
      api('GET', '/connectors/:connectoruuid'),
      () => single(`/connectors/${ids.connector}`, connector()),
    ],
  ]);
});

const subjects = {
  address: { street: 'Ring', houseNumber: '1', postalCode: '1010', city: 'Wien', state: null, country: 'AT' },
  parkingType: 'PARKING_LOT',
  directions: [{ language: 'en', text: 'Behind the mall.' }],
  timeSettings: {
    twentyfourseven: true,
    regularHours: [],
    exceptionalOpenings: [],
    exceptionalClosings: [],
    timeZone: null,
  },
};

const cursorPage = (data: readonly unknown[]): Wanted => {
  const link = `${url('/locations/')}?page%5Blimit%5D=50&page%5Bcursor%5D=start`;
  return {
    status: 200,
    body: {
      data,
      meta: { pagination: { limit: 50, nextCursor: null, lastPage: true } },
      links: { current: link, self: link, first: link },
    },
  };
};

describe('1.6 locations', () => {
  itAnswers([
    ['are listed by cursor', api('GET', '/locations/'), () => cursorPage([location(ids.location)])],
    [
      'are created by POST',
      api('POST', '/locations/', { name: 'Mall', companyUuid: 'company-uuid-here' }),
      (answer) => created('/locations', answer, (id) => location(id, { name: 'Mall' })),
    ],
    [
      'are updated by PUT: address, parking type, directions and time settings',
      api('PUT', '/locations/<location_uuid>', subjects),
      () =>
        single(
          `/locations/${ids.location}`,
          location(ids.location, { ...subjects, updatedAt: expect.any(String) }),
        ),
    ],
    [
      'are assigned stations by PUT',
      api('PUT', '/locations/<location_uuid>/charging_stations/<station_uuid>'),
      () => ({ status: 204 }),
    ],
    [
      'lose stations by DELETE',
      api('DELETE', '/locations/<location_uuid>/charging_stations/<station_uuid>'),
      () => ({ status: 204 }),
    ],
    ['are deleted by DELETE', api('DELETE', '/locations/<location_uuid>'), () => ({ status: 204 })],
  ]);
});

const ofStationHere = () => `/charging_stations/${ids.station}/maintenance_windows`;

const during = (from: string, until: string) => `?filter[startDate]=${from}&filter[endDate]=${until}`;

describe('1.7 maintenance windows', () => {
  const ofStation = '/charging_stations/<station_uuid>/maintenance_windows';
  const sent = { ...documentedWindow, cpUuid: '<station_uuid>', connectorUuid: ':connectoruuid' };
  itAnswers([
    [
      'of a station are listed',
      api('GET', `${ofStation}/`),
      () => page(`${ofStationHere()}/`, [maintenanceWindow(ids.window)], { total: 1 }),
    ],
    [
      'of the complete system are listed',
      api('GET', '/maintenance_windows/'),
      () => page('/maintenance_windows/', [maintenanceWindow(ids.window)], { total: 1 }),
    ],
    [
      'are created as documented, for one connector, the station in the path and in the body',
      api('POST', `${ofStation}/`, sent),
      (answer) =>
        created(ofStationHere(), answer, (id) => maintenanceWindow(id, { connectorId: ids.connector })),
    ],
    [
      'are for the complete station without a connector',
      api('POST', `${ofStation}/`, { ...sent, connectorUuid: undefined }),
      (answer) => created(ofStationHere(), answer, (id) => maintenanceWindow(id)),
    ],
    [
      'are always attached to a charging station',
      api('POST', '/maintenance_windows/', documentedWindow),
      (answer) => refused(answer, 422, [invalid('/cpUuid', 'The value is missing.')]),
    ],
    [
      'cannot be set for the past',
      api('POST', `${ofStation}/`, {
        ...sent,
        startDate: '2021-02-17T07:00:00.000Z',
        connectorUuid: undefined,
      }),
      (answer) =>
        refused(answer, 422, [invalid('/startDate', 'A maintenance window cannot start in the past.')]),
    ],
    [
      'are updated by PUT, partially: the other fields stay',
      api('PUT', `${ofStation}/<window_id>`, { comment: 'Repair it again.' }),
      () =>
        single(
          `${ofStationHere()}/${ids.window}`,
          maintenanceWindow(ids.window, { comment: 'Repair it again.', updatedAt: expect.any(String) }),
        ),
    ],
    [
      'are filtered by ISO 8601 date-times: none lies there',
      api('GET', `/maintenance_windows/${during('2021-02-17T07:00:00.000Z', '2021-02-18T07:00:00.000Z')}`),
      () =>
        page('/maintenance_windows/', [], {
          total: 0,
          kept: [
            ['filter[startDate]', '2021-02-17T07:00:00.000Z'],
            ['filter[endDate]', '2021-02-18T07:00:00.000Z'],
          ],
        }),
    ],
    ['are deleted', api('DELETE', `${ofStation}/<window_id>`), () => ({ status: 204 })],
  ]);

  it('that are in the past cannot be updated', async () => {
    const soon = { startDate: '2026-11-25T13:00:00.000Z', endDate: '2026-11-25T14:00:00.000Z' };
    const window = await runCurl(
      api('POST', `${ofStation}/`, { ...sent, ...soon, connectorUuid: undefined }),
    );
    clock.moveTo(new Date(soon.endDate));
    const at = `${ofStation}/${window.json<Single>().data.id}`;
    const answer = await runCurl(api('PUT', at, { comment: 'Too late.' }));
    clock.moveTo(new Date(start));
    expectAnswer(
      answer,
      refused(answer, 409, [
        { ...conflict, detail: 'The maintenance window has ended and can no longer be changed or deleted.' },
      ]),
    );
  });
});

const company = (id: string, parentUuid: string | null) => ({
  type: 'companies',
  id,
  attributes: {
    name: expect.any(String),
    parentUuid,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  },
});

const first = () => company(ids.company, null);

const second = () => company(ids.subordinate, ids.company);

const technician = (name: string) => ({
  id: expect.any(Number),
  uuid: expect.any(String),
  name,
  email: `${name.toLowerCase().replace(' ', '.')}@example.com`,
});
const technicians = (data: object[], limit: number, offset: number, links: object) => ({
  status: 200,
  body: {
    data,
    meta: { pagination: { total: 2, limit, offset, lastPage: offset + limit >= 2 } },
    links,
  },
  headers: { etag: expect.any(String) },
});

describe('1.8 technicians', () => {
  itAnswers([
    [
      'are flat rows, the active ones, sorted by first name and then last name',
      api('GET', '/technicians/?limit=50&offset=0'),
      () =>
        technicians([technician('Jane Smith'), technician('John Doe')], 50, 0, {
          current: url('/technicians'),
        }),
    ],
    [
      'are paged by plain limit and offset',
      api('GET', '/technicians/?limit=1&offset=0'),
      () =>
        technicians([technician('Jane Smith')], 1, 0, {
          current: url('/technicians?limit=1&offset=0'),
          next: url('/technicians?limit=1&offset=1'),
        }),
    ],
  ]);
});

describe('1.10 the configuration fetch endpoint', () => {
  itAnswers([
    [
      'answers the configuration keys that are stored of a station',
      api('GET', '/charging_stations/<station_uuid>/configurations/'),
      () =>
        page(
          `/charging_stations/${ids.station}/configurations/`,
          [
            {
              type: 'configurations',
              id: ids.configuration,
              attributes: {
                cpId: ids.station,
                key: 'HeartbeatInterval',
                value: '300',
                readonly: false,
                needsReboot: false,
                fetchedAt: expect.any(String),
                createdAt: expect.any(String),
                updatedAt: expect.any(String),
              },
            },
          ],
          { total: 1 },
        ),
    ],
  ]);
});

describe('2 pages by offset', () => {
  itAnswers([
    [
      'are asked for with raw brackets, as documented; beyond the end they are empty',
      api('GET', '/maintenance_windows/?page[limit]=500&page[offset]=200'),
      (answer) => {
        const { total } = answer.json<{ meta: { pagination: { total: number } } }>().meta.pagination;
        return page('/maintenance_windows/', [], { total, limit: 500, offset: 200, prev: 0 });
      },
    ],
    [
      'have a next link as long as there are further pages, and none back on the first',
      api('GET', '/companies/?page[limit]=1'),
      () => page('/companies/', [first()], { total: 2, limit: 1, next: 1, last: 1 }),
    ],
    [
      'have a prev link to browse backwards, and no next link on the last',
      api('GET', '/companies/?page[limit]=1&page[offset]=1'),
      () => page('/companies/', [second()], { total: 2, limit: 1, offset: 1, prev: 0, last: 1 }),
    ],
    [
      'are set back to 500 by the system, and show that limit',
      api('GET', '/companies/?page[limit]=501'),
      () => page('/companies/', [first(), second()], { total: 2, limit: 500 }),
    ],
    [
      'are of 50 when nothing is asked for',
      api('GET', '/companies/'),
      () => page('/companies/', [first(), second()], { total: 2 }),
    ],
  ]);
});
