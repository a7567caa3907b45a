// Creation, change and deletion of every resource that can be written, as JSON and as JSON:API documents.

import { attributesSchema } from '@chargeyard/contract/resource';
import type { AttributeDeclaration } from '@chargeyard/contract/resource';
import { chargingStationModels } from '@chargeyard/contract/resources/charging_station_models';
import { ChargingStationDocument, chargingStations } from '@chargeyard/contract/resources/charging_stations';
import { companies } from '@chargeyard/contract/resources/companies';
import { connectors } from '@chargeyard/contract/resources/connectors';
import { Check } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  aChargingStation,
  aChargingStationModel,
  aCompany,
  aConnector,
  aTenant,
  anAccessToken,
  anApiClient,
} from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { aCaller, base, callerWith, expectFaultsAt, expectRefused } from './caller.ts';
import type { Caller, ResourceObject, Single } from './caller.ts';

const clock = aClock();
const app = testApp({ clock });

type World = {
  tenantId: string;
  slug: string;
  company: string;
  model: number;
  station: string;
  connector: string;
  authorization: string;
  call: Caller;
};
let mine: World;
let theirs: World;

async function aWorld(): Promise<World> {
  const { id: tenantId, slug } = await aTenant(app.store);
  const model = await aChargingStationModel(app.store, tenantId);
  const company = await aCompany(app.store, tenantId);
  const { id: station } = await aChargingStation(app.store, tenantId, { companyId: company });
  const connector = await aConnector(app.store, tenantId, station, 1);
  const authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenantId));
  const call = callerWith(app, authorization);
  return { tenantId, slug, company, model, station, connector, authorization, call };
}

beforeAll(async () => {
  mine = await aWorld();
  theirs = await aWorld();
});

let numbered = 0;
const numberOf = () => (numbered += 1);

type Kind = {
  type: string;
  declaration: { attributes: Record<string, AttributeDeclaration> };
  /** What a creation needs, different each time. */
  creation: () => Record<string, unknown>;
  /** What else a new resource has. */
  others: Record<string, unknown>;
  /** Another value of one attribute. */
  change: Record<string, unknown>;
  /** One resource of a tenant. */
  idIn: (world: World) => string;
};

const kinds: Kind[] = [
  {
    type: 'charging_stations',
    declaration: chargingStations,
    creation: () => ({
      label: 'Station A',
      chargeBoxIdentity: `ABC${numberOf()}`,
      modelId: mine.model,
      companyUuid: mine.company,
      timeZone: 'Europe/Berlin',
    }),
    others: {
      iccid: null,
      imsi: null,
      serialnumber: null,
      firmwareVersion: null,
      publicDisplayName: null,
      locationUuid: null,
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
    },
    change: { label: 'Süd "2" \\ \u2028 🔌' },
    idIn: ({ station }) => station,
  },
  {
    type: 'companies',
    declaration: companies,
    creation: () => ({ name: `Company A${numberOf()}` }),
    others: { parentUuid: null },
    change: { name: 'Käufer & Söhne' },
    idIn: ({ company }) => company,
  },
  {
    type: 'charging_station_models',
    declaration: chargingStationModels,
    creation: () => ({ vendor: 'has·to·be', name: `Model A${numberOf()}`, connectors: [] }),
    others: { leniency: 'lenient' },
    change: { vendor: 'Another vendor' },
    idIn: ({ model }) => String(model),
  },
];

const flat = { what: 'a flat body', prefix: '', wrapped: (_type: string, values: object): object => values };
const asDocument = {
  what: 'a JSON:API document',
  prefix: '/data/attributes',
  wrapped: (type: string, attributes: object): object => ({ data: { type, attributes } }),
};
const forms = [flat, asDocument];

const conflictAt = (pointer: string) => ({ code: 'conflict', source: { pointer } }) as const;
const notFound = { code: 'not_found' } as const;
const isTag = /^"\d+\.[\w-]{27}"$/;

async function created({ type, creation }: Kind, more: object = {}): Promise<Single & { etag: string }> {
  const answer = await mine.call('POST', `/${type}`, { ...creation(), ...more });
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 });
  return { ...answer.json<Single>(), etag: String(answer.headers.etag) };
}

describe.each(kinds)('$type', (kind) => {
  const { type, declaration, creation, others, change, idIn } = kind;
  const names = Object.keys(declaration.attributes);

  it.each(forms)('are created from $what: 201 with Location, ETag and the document', async (form) => {
    const values = creation();
    const answer = await mine.call('POST', `/${type}`, form.wrapped(type, values));
    const { data } = answer.json<Single>();
    const location = `${app.origin}${base}/${type}/${data.id}`;
    const now = clock.now().toISOString();
    expect({ status: answer.status, location: answer.headers.location, body: answer.json() }).toEqual({
      status: 201,
      location,
      body: {
        data: {
          type,
          id: data.id,
          attributes: { ...values, ...others, createdAt: now, updatedAt: now },
        },
        links: { self: location },
      },
    });
    const shown = names.filter((name) => declaration.attributes[name]?.isSecret !== true);
    expect(Object.keys(data.attributes)).toEqual(shown);
    expect(Check(attributesSchema(declaration as never), data.attributes)).toBe(true);
    expect(answer.headers.etag).toMatch(isTag);

    const read = await mine.call('GET', location);
    expect({ status: read.status, text: read.text, etag: read.headers.etag }).toEqual({
      status: 200,
      text: answer.text,
      etag: answer.headers.etag,
    });
  });

  it('are created at the path with a trailing slash, too, and Location has no two', async () => {
    const answer = await mine.call('POST', `/${type}/`, creation());
    expect({ status: answer.status, location: answer.headers.location }).toEqual({
      status: 201,
      location: `${app.origin}${base}/${type}/${answer.json<Single>().data.id}`,
    });
  });

  it('are taken and answered as application/vnd.api+json', async () => {
    const answer = await mine.call('POST', `/${type}`, asDocument.wrapped(type, creation()), {
      'content-type': 'application/vnd.api+json',
      accept: 'application/vnd.api+json',
    });
    expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/vnd.api+json']);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'application/vnd.api+json; profile="https://example.com/profile"',
  ])('are taken as Content-Type %s', async (contentType) => {
    const answer = await mine.call('POST', `/${type}`, creation(), { 'content-type': contentType });
    expect(answer.status).toBe(201);
  });

  it.each([
    'text/plain',
    'text/json',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/vnd.api+json; charset=utf-8',
    'application/vnd.api+json; ext="https://jsonapi.org/ext/atomic"',
    'application/merge-patch+json',
    'nonsense',
  ])('are 415 as Content-Type %s, to POST, PUT and PATCH', async (contentType) => {
    const { data } = await created(kind);
    for (const [method, at] of [
      ['POST', `/${type}`],
      ['PUT', `/${type}/${data.id}`],
      ['PATCH', `/${type}/${data.id}`],
    ] as const) {
      const answer = await mine.call(method, at, creation(), { 'content-type': contentType });
      expectRefused(answer, { code: 'unsupported_media_type', source: { header: 'Content-Type' } });
    }
  });

  it.each(['PUT', 'PATCH'].flatMap((method) => forms.map((form) => ({ method, form, what: form.what }))))(
    'are changed by $method with $what, in what it names only',
    async ({ method, form }) => {
      const { data } = await created(kind);
      clock.moveBy(1_000);
      const at = `/${type}/${data.id}`;
      const answer = await mine.call(method, at, form.wrapped(type, change));
      const body = {
        data: {
          ...data,
          attributes: { ...data.attributes, ...change, updatedAt: clock.now().toISOString() },
        },
        links: { self: `${app.origin}${base}${at}` },
      };
      expect({ status: answer.status, body: answer.json() }).toEqual({ status: 200, body });
      const read = await mine.call('GET', at);
      expect({ text: read.text, etag: read.headers.etag }).toEqual({
        text: answer.text,
        etag: answer.headers.etag,
      });
    },
  );

  it('can be sent back as they were read', async () => {
    const { data } = await created(kind);
    const read = (await mine.call('GET', `/${type}/${data.id}`)).json<Single>();
    for (const body of [read, read.data.attributes]) {
      const answer = await mine.call('PUT', `/${type}/${data.id}`, body);
      expect({ status: answer.status, attributes: answer.json<Single>().data.attributes }).toEqual({
        status: 200,
        attributes: read.data.attributes,
      });
    }
  });

  it('are deleted: 204 without a body, then 404', async () => {
    const { data } = await created(kind);
    const at = `/${type}/${data.id}`;
    const answer = await mine.call('DELETE', at, undefined, { 'content-type': 'application/json' });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    expectRefused(await mine.call('GET', at), notFound);
    expectRefused(await mine.call('PUT', at, change), notFound);
    expectRefused(await mine.call('PATCH', at, change), notFound);
    expectRefused(await mine.call('DELETE', at), notFound);
  });

  it.each(forms)('ignore what is unknown or read-only in $what', async (form) => {
    const values = creation();
    const ignored = {
      id: 'mine',
      createdAt: 'yesterday',
      updatedAt: 17,
      connectionStatus: 'online',
      hasPassword: true,
      lastRefusal: { at: 'yesterday' },
      tenantId: theirs.tenantId,
      password_hash: 'x',
      constructor: { a: 1 },
      'label; drop table tenants': '\u0000',
    };
    const text = (members: object) =>
      JSON.stringify(form.wrapped(type, members)).replace(
        '"id":"mine"',
        '"__proto__":{"label":1},"id":"mine"',
      );
    const answer = await mine.call('POST', `/${type}`, text({ ...ignored, ...values }));
    const now = clock.now().toISOString();
    const attributes = { ...values, ...others, createdAt: now, updatedAt: now };
    expect({ status: answer.status, attributes: answer.json<Single>().data?.attributes }).toEqual({
      status: 201,
      attributes,
    });
    const put = await mine.call('PUT', `/${type}/${answer.json<Single>().data.id}`, text(ignored));
    expect({ status: put.status, attributes: put.json<Single>().data?.attributes }).toEqual({
      status: 200,
      attributes,
    });
  });

  it.each(forms)('that lack everything are told each missing attribute, in $what', async (form) => {
    const answer = await mine.call('POST', `/${type}`, form.wrapped(type, {}));
    const required = names.filter((name) => declaration.attributes[name]?.required);
    expectFaultsAt(
      answer,
      required.map((name) => `${form.prefix}/${name}`),
    );
    expect(answer.text).toContain('The value is missing.');
  });

  it.each(forms)('with null or a wrong type for each attribute are told each, in $what', async (form) => {
    const { data } = await created(kind);
    const written = Object.keys(creation());
    const wrong = Object.fromEntries(written.map((name) => [name, { a: [name] }]));
    const pointers = written.map((name) => `${form.prefix}/${name}`);
    expectFaultsAt(await mine.call('POST', `/${type}`, form.wrapped(type, wrong)), pointers);
    expectFaultsAt(await mine.call('PUT', `/${type}/${data.id}`, form.wrapped(type, wrong)), pointers);
    expectFaultsAt(await mine.call('PATCH', `/${type}/${data.id}`, form.wrapped(type, wrong)), pointers);
  });

  const broken: [string, string, string][] = [
    ['broken JSON', '{"label":', ''],
    ['an empty body', '', ''],
    ['an array', '[{"label":"x"}]', ''],
    ['a text', '"label"', ''],
    ['a number', '1', ''],
    ['null', 'null', ''],
    ['two documents', '{}{}', ''],
    ['data that is null', '{"data":null}', '/data'],
    ['data that is an array', '{"data":[]}', '/data'],
    ['attributes that are an array', `{"data":{"type":"${type}","attributes":[]}}`, '/data/attributes'],
    ['attributes that are a text', `{"data":{"type":"${type}","attributes":"x"}}`, '/data/attributes'],
  ];
  it.each(broken)('from %s are 400', async (_what, body, pointer) => {
    const { data } = await created(kind);
    const wanted = { code: 'bad_request', source: { pointer } } as const;
    expectRefused(await mine.call('POST', `/${type}`, body), wanted);
    expectRefused(await mine.call('PUT', `/${type}/${data.id}`, body), wanted);
    expectRefused(await mine.call('PATCH', `/${type}/${data.id}`, body), wanted);
  });

  it('from bytes that are not UTF-8 are 400', async () => {
    const { authorization } = mine;
    const answer = await app.ask(`${base}/${type}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: Buffer.from('{"label":"M\xfcller"}', 'latin1'),
    });
    expectRefused(answer, {
      code: 'bad_request',
      detail: 'The body is not in UTF-8.',
      source: { pointer: '' },
    });
  });

  it('from no body and no Content-Type are 400', async () => {
    expectRefused(await mine.call('POST', `/${type}`), { code: 'bad_request', source: { pointer: '' } });
  });

  it('of another type are 409', async () => {
    const { data } = await created(kind);
    const wanted = { code: 'conflict', source: { pointer: '/data/type' } } as const;
    for (const body of [
      asDocument.wrapped('things', creation()),
      { data: { attributes: creation() } },
      { data: { type: [type], attributes: creation() } },
    ]) {
      expectRefused(await mine.call('POST', `/${type}`, body), wanted);
      expectRefused(await mine.call('PATCH', `/${type}/${data.id}`, body), wanted);
    }
  });

  it('of another id than the URL’s are 409 and stay as they are', async () => {
    const { data } = await created(kind);
    const { data: another } = await created(kind);
    for (const id of [another.id, 'nonsense', 0, {}, null]) {
      const answer = await mine.call('PATCH', `/${type}/${data.id}`, {
        data: { type, id, attributes: change },
      });
      expectRefused(answer, { code: 'conflict', source: { pointer: '/data/id' } });
    }
    expect((await mine.call('GET', `/${type}/${data.id}`)).json<Single>().data).toEqual(data);
  });

  it('with U+0000 in a text are 422', async () => {
    const { data } = await created(kind);
    const [name = ''] = Object.keys(change);
    const body = { [name]: 'a\u0000b' };
    expectFaultsAt(await mine.call('PUT', `/${type}/${data.id}`, body), [`/${name}`]);
    expectFaultsAt(await mine.call('POST', `/${type}`, { ...creation(), ...body }), [`/${name}`]);
  });

  it.each(['', ' ', '\t\n', 'x'.repeat(201)])('with the text "%s" for a name are 422', async (text) => {
    const [name = ''] = Object.keys(change);
    expectFaultsAt(await mine.call('POST', `/${type}`, { ...creation(), [name]: text }), [`/${name}`]);
  });

  it('take no query parameters with a write', async () => {
    const { data } = await created(kind);
    const wanted = { code: 'unknown_parameter', source: { parameter: 'force' } } as const;
    expectRefused(await mine.call('POST', `/${type}?force=1`, creation()), wanted);
    expectRefused(await mine.call('PUT', `/${type}/${data.id}?force=1`, change), wanted);
    expectRefused(await mine.call('DELETE', `/${type}/${data.id}?force=1`), wanted);
    expect((await mine.call('GET', `/${type}/${data.id}`)).status).toBe(200);
  });

  it('of another tenant are 404 to read, change and delete, and stay as they are', async () => {
    const at = `/${type}/${idIn(theirs)}`;
    const before = (await theirs.call('GET', at)).text;
    // Of a tenant without any: models are numbered per tenant, and the same number may be one of ours.
    const stranger = await aCaller(app, (await aTenant(app.store)).id);
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      expectRefused(await stranger(method, at, method === 'GET' ? undefined : change), notFound);
    }
    expect((await theirs.call('GET', at)).text).toBe(before);
  });

  it.each(['1', '0', '-1', '1e3', '00', '99999999999', 'x', '%20', '%00', "'", '9'.repeat(300)])(
    'of the id %s are 404 unless there is one',
    async (id) => {
      if (type === 'charging_station_models' && id === '1') return;
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
        expectRefused(
          await mine.call(method, `/${type}/${id}`, method === 'GET' ? undefined : change),
          notFound,
        );
      }
    },
  );

  it('need the scope to write; to read is not enough, and another resource’s neither', async () => {
    const { data } = await created(kind);
    const at = `/${type}/${data.id}`;
    const other = type === 'companies' ? 'charging_stations' : 'companies';
    const call = await aCaller(app, mine.tenantId, {
      scopes: [`cpoapi:${type}:read`, `cpoapi:${other}:write`],
    });
    expect((await call('GET', at)).status).toBe(200);
    for (const [method, path] of [
      ['POST', `/${type}`],
      ['PUT', at],
      ['PATCH', at],
      ['DELETE', at],
    ] as const) {
      const answer = await call(method, path, creation());
      expectRefused(answer, {
        code: 'insufficient_scope',
        detail: `This request needs the scope cpoapi:${type}:write.`,
      });
      expect(answer.headers['www-authenticate']).toBe(
        `Bearer error="insufficient_scope", scope="cpoapi:${type}:write"`,
      );
    }
    expect((await mine.call('GET', at)).json<Single>().data).toEqual(data);
  });

  it('are written and read with the scope to write', async () => {
    const call = await aCaller(app, mine.tenantId, { scopes: [`cpoapi:${type}:write`] });
    const { data } = (await call('POST', `/${type}`, creation())).json<Single>();
    const at = `/${type}/${data.id}`;
    const answers = [
      await call('GET', at),
      await call('PUT', at, change),
      await call('PATCH', at, change),
      await call('DELETE', at),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 204]);
  });

  it('are created on the tenant’s host with links of that host, and on no other tenant’s', async () => {
    const asked = (host: string) =>
      app.ask(`${base}/${type}`, {
        method: 'POST',
        host,
        headers: { authorization: mine.authorization, 'content-type': 'application/json' },
        body: JSON.stringify(creation()),
      });
    const answer = await asked(`${mine.slug}.localhost`);
    const { data, links } = answer.json<Single>();
    const location = `http://${mine.slug}.localhost:${app.port}${base}/${type}/${data.id}`;
    expect([answer.status, answer.headers.location, links.self]).toEqual([201, location, location]);
    const elsewhere = await asked(`${theirs.slug}.localhost`);
    expectRefused(elsewhere, { code: 'invalid_token', source: { header: 'Authorization' } });
  });

  it('that were refused leave nothing behind', async () => {
    const total = async () =>
      (await mine.call('GET', `/${type}`)).json<{ meta: { pagination: { total: number } } }>().meta.pagination
        .total;
    const before = await total();
    await mine.call('POST', `/${type}`, {
      ...creation(),
      ...Object.fromEntries([[Object.keys(change)[0], 1]]),
    });
    await mine.call('POST', `/${type}`, creation(), { 'content-type': 'text/plain' });
    await mine.call('POST', `/${type}?x=1`, creation());
    const picky = await mine.call('POST', `/${type}`, creation(), {
      accept: 'application/vnd.api+json; x=1',
    });
    expect(picky.status).toBe(406);
    expect(await total()).toBe(before);
  });
});

const [ofStations, ofCompanies, ofModels] = kinds as [Kind, Kind, Kind];

describe('a charging station', () => {
  const path = '/charging_stations';

  it('is created from the documented sample as it stands', async () => {
    const { id: tenantId } = await aTenant(app.store);
    const call = await aCaller(app, tenantId);
    const company = (await call('POST', '/companies/', { name: 'A' })).json<Single>().data.id;
    const model = await call('POST', '/charging_station_models/', { vendor: 'V', name: 'M' });
    expect(model.json<Single>().data.id).toBe('1');
    const sample =
      '{"label":"Station A","chargeBoxIdentity":"ABC123","modelId":1,"companyUuid":"company-uuid-here","timeZone":"Europe/Berlin"}';
    const answer = await call('POST', `${path}/`, sample.replace('company-uuid-here', company));
    expect(answer.status).toBe(201);
    expect(Check(ChargingStationDocument, answer.json())).toBe(true);
    const { attributes } = answer.json<Single>().data;
    expect(attributes).toMatchObject({
      ...(JSON.parse(sample) as object),
      companyUuid: company,
    });
    expect(Object.keys(attributes).slice(0, 6)).toEqual([
      'label',
      'chargeBoxIdentity',
      'iccid',
      'imsi',
      'serialnumber',
      'firmwareVersion',
    ]);
    const { data } = (await call('GET', `${path}/`)).json<{ data: ResourceObject[] }>();
    expect(data).toEqual([answer.json<Single>().data]);
  });

  const optionals = {
    iccid: '89430103223239999999',
    imsi: '232010000000000',
    serialnumber: '112233',
    publicDisplayName: 'At the lake',
    address: {
      street: 'Lakeside',
      houseNumber: '1 a',
      postalCode: '5020',
      city: 'Salzburg',
      state: null,
      country: 'AT',
    },
    geolocation: { latitude: 47.79941, longitude: -13.04399 },
  };

  it('has every optional attribute that it was created with, until null clears it', async () => {
    const { data } = await created(ofStations, optionals);
    expect(data.attributes).toMatchObject(optionals);
    for (const name of Object.keys(optionals)) {
      const answer = await mine.call('PATCH', `${path}/${data.id}`, { [name]: null });
      expect({ status: answer.status, value: answer.json<Single>().data.attributes[name] }).toEqual({
        status: 200,
        value: null,
      });
    }
    const cleared = (await mine.call('GET', `${path}/${data.id}`)).json<Single>().data;
    expect(cleared).toEqual({
      ...data,
      attributes: {
        ...data.attributes,
        ...Object.fromEntries(Object.keys(optionals).map((name) => [name, null])),
        updatedAt: cleared.attributes['updatedAt'],
      },
    });
  });

  it('has an address of some members only, and null for the others', async () => {
    const { data } = await created(ofStations, { address: { city: 'Salzburg', country: 'AT' } });
    expect(data.attributes['address']).toEqual({
      street: null,
      houseNumber: null,
      postalCode: null,
      city: 'Salzburg',
      state: null,
      country: 'AT',
    });
  });

  it('cannot be without a label or an identity', async () => {
    const { data } = await created(ofStations);
    const answer = await mine.call('PATCH', `${path}/${data.id}`, { label: null, chargeBoxIdentity: null });
    expectFaultsAt(answer, ['/label', '/chargeBoxIdentity']);
  });

  it.each(forms)('is told every fault at once, in $what', async (form) => {
    const wrong = {
      label: '',
      chargeBoxIdentity: 'has spaces',
      iccid: '1'.repeat(21),
      imsi: 5,
      serialnumber: 'x'.repeat(101),
      publicDisplayName: false,
      modelId: 0,
      companyUuid: 'company-uuid-here',
      timeZone: 'Europe/Atlantis',
      address: { ...optionals.address, country: 'Austria', city: 1 },
      geolocation: { latitude: 90.1, longitude: -181 },
    };
    const pointers = [
      ...Object.keys(wrong).filter((name) => !['address', 'geolocation'].includes(name)),
      'address/country',
      'address/city',
      'geolocation/latitude',
      'geolocation/longitude',
    ].map((place) => `${form.prefix}/${place}`);
    const { data } = await created(ofStations);
    expectFaultsAt(await mine.call('POST', path, form.wrapped('charging_stations', wrong)), pointers);
    const at = `${path}/${data.id}`;
    expectFaultsAt(await mine.call('PUT', at, form.wrapped('charging_stations', wrong)), pointers);
    expect((await mine.call('GET', at)).json<Single>().data).toEqual(data);
  });

  it.each([
    ['label', 'x'.repeat(200)],
    ['chargeBoxIdentity', 'AZaz09*-_=+|@.'],
    ['chargeBoxIdentity', 'x'.repeat(48)],
    ['timeZone', 'UTC'],
    ['timeZone', 'America/Argentina/Buenos_Aires'],
    ['geolocation', { latitude: 90, longitude: -180 }],
    ['geolocation', { latitude: 0, longitude: 0.000_000_1 }],
    ['publicDisplayName', '𝄞'.repeat(200)],
  ])('takes the %s %j', async (name, value) => {
    const { data } = await created(ofStations, { [name]: value });
    expect(data.attributes[name]).toEqual(value);
  });

  it.each([
    ['chargeBoxIdentity', ''],
    ['chargeBoxIdentity', 'x'.repeat(49)],
    ['chargeBoxIdentity', 'a:b'],
    ['chargeBoxIdentity', 'a/b'],
    ['chargeBoxIdentity', 'a\n'],
    ['chargeBoxIdentity', 'ä'],
    ['modelId', '1'],
    ['modelId', 1.5],
    ['modelId', -1],
    ['modelId', 2_147_483_648],
    ['modelId', 1e300],
    ['companyUuid', ''],
    ['companyUuid', '1'],
    ['companyUuid', 'urn:uuid:01a20000-0000-7000-8000-000000000000'],
    ['companyUuid', '{01a20000-0000-7000-8000-000000000000}'],
    ['timeZone', ''],
    ['timeZone', '+01:00'],
    ['timeZone', 'CET\u0000'],
    ['geolocation', {}],
    ['geolocation', { latitude: '47', longitude: '13' }],
    ['geolocation', [47, 13]],
    ['address', 'Lakeside 1'],
    ['address', { city: 'a\u0000b' }],
  ])('refuses the %s %j with 422 that points there', async (name, value) => {
    const answer = await mine.call('POST', path, { ...ofStations.creation(), [name]: value });
    const { errors } = answer.json<{ errors: { code: string; source?: { pointer: string } }[] }>();
    const places = new Set(errors?.map(({ code, source }) => `${code} ${source?.pointer.split('/')[1]}`));
    expect({ status: answer.status, places: [...places] }).toEqual({
      status: 422,
      places: [`invalid_value ${name}`],
    });
  });

  it.each(forms)('with an identity that is taken is 409 that points there, in $what', async (form) => {
    const { data: first } = await created(ofStations);
    const { data: second } = await created(ofStations);
    const { chargeBoxIdentity } = first.attributes;
    const wanted = conflictAt(`${form.prefix}/chargeBoxIdentity`);
    const creation = form.wrapped('charging_stations', { ...ofStations.creation(), chargeBoxIdentity });
    expectRefused(await mine.call('POST', path, creation), wanted);
    const change = form.wrapped('charging_stations', { chargeBoxIdentity });
    expectRefused(await mine.call('PUT', `${path}/${second.id}`, change), wanted);
    expect((await mine.call('PUT', `${path}/${first.id}`, change)).status).toBe(200);
    expect((await theirs.call('POST', path, { ...creation, chargeBoxIdentity })).status).not.toBe(409);
  });

  it.each(forms)('of an unknown model or company is 422 that points there, in $what', async (form) => {
    const { data } = await created(ofStations);
    const foreignModel = mine.model + 1_000;
    for (const wrong of [
      { modelId: foreignModel },
      { companyUuid: newId() },
      { companyUuid: theirs.company },
    ]) {
      const [name = ''] = Object.keys(wrong);
      const creation = form.wrapped('charging_stations', { ...ofStations.creation(), ...wrong });
      expectFaultsAt(await mine.call('POST', path, creation), [`${form.prefix}/${name}`]);
      const change = form.wrapped('charging_stations', wrong);
      expectFaultsAt(await mine.call('PUT', `${path}/${data.id}`, change), [`${form.prefix}/${name}`]);
    }
    expect((await mine.call('GET', `${path}/${data.id}`)).json<Single>().data).toEqual(data);
  });

  it('of another tenant’s model of a number that is none of ours is 422', async () => {
    const numbers = [];
    for (let made = 0; made < 40; made += 1)
      numbers.push(await aChargingStationModel(app.store, theirs.tenantId));
    const { id: tenantId } = await aTenant(app.store);
    const call = await aCaller(app, tenantId);
    const answer = await call('POST', path, {
      ...ofStations.creation(),
      companyUuid: null,
      modelId: Math.max(...numbers),
    });
    expectFaultsAt(answer, ['/modelId']);
  });

  it('keeps what was written until a boot brings another', async () => {
    const written = { iccid: '1', imsi: '2', serialnumber: 'by hand' };
    const { data } = await created(ofStations, written);
    const boot = (serialNumber: string | undefined) =>
      app.store.stationFacts.record({
        kind: 'booted',
        tenantId: mine.tenantId,
        chargingStationId: data.id,
        connectionId: newId(),
        at: clock.now(),
        vendor: 'V',
        model: 'M',
        serialNumber,
        firmwareVersion: undefined,
        iccid: undefined,
        imsi: '3',
      });
    const read = async () => (await mine.call('GET', `${path}/${data.id}`)).json<Single>().data.attributes;
    await boot(undefined);
    expect(await read()).toMatchObject({ iccid: '1', imsi: '3', serialnumber: 'by hand' });
    await boot('by the station');
    expect(await read()).toMatchObject({ iccid: '1', imsi: '3', serialnumber: 'by the station' });
    await mine.call('PATCH', `${path}/${data.id}`, { serialnumber: 'by hand again', imsi: null });
    expect(await read()).toMatchObject({ iccid: '1', imsi: null, serialnumber: 'by hand again' });
  });

  it('takes its connectors with it when it is deleted', async () => {
    const { data } = await created(ofStations);
    const connector = await aConnector(app.store, mine.tenantId, data.id, 1);
    expect((await mine.call('GET', `/connectors/${connector}`)).status).toBe(200);
    expect((await mine.call('DELETE', `${path}/${data.id}`)).status).toBe(204);
    expectRefused(await mine.call('GET', `/connectors/${connector}`), notFound);
  });
});

describe('an API client that is bound to a company', () => {
  let root: string;
  let sub: string;
  let sibling: string;
  let alone: Caller;
  let subtree: Caller;

  beforeAll(async () => {
    root = await aCompany(app.store, mine.tenantId);
    sub = await aCompany(app.store, mine.tenantId, root);
    sibling = await aCompany(app.store, mine.tenantId);
    const bound = (withSubordinates: boolean) =>
      aCaller(app, mine.tenantId, { company: { companyId: root, withSubordinates } });
    alone = await bound(false);
    subtree = await bound(true);
  });

  const outside = () => [
    ['alone', alone, [sub, sibling, theirs.company, newId()]] as const,
    ['with its subordinates', subtree, [sibling, theirs.company, newId()]] as const,
  ];

  it('creates stations in the companies that it sees, and in no other', async () => {
    for (const [, call, unseen] of outside()) {
      const inside = await call('POST', '/charging_stations', {
        ...ofStations.creation(),
        companyUuid: root,
      });
      expect(inside.status).toBe(201);
      for (const companyUuid of unseen) {
        const answer = await call('POST', '/charging_stations', { ...ofStations.creation(), companyUuid });
        expectRefused(answer, {
          code: 'invalid_value',
          detail: 'There is no such company.',
          source: { pointer: '/companyUuid' },
        });
      }
    }
    const below = { ...ofStations.creation(), companyUuid: sub };
    expect((await subtree('POST', '/charging_stations', below)).status).toBe(201);
  });

  it('must name a company', async () => {
    for (const [, call] of outside()) {
      const { companyUuid: _, ...creation } = ofStations.creation();
      expectFaultsAt(await call('POST', '/charging_stations', creation), ['/companyUuid']);
      expectFaultsAt(await call('POST', '/charging_stations', { ...creation, companyUuid: null }), [
        '/companyUuid',
      ]);
    }
  });

  it('moves stations within what it sees, and nowhere else', async () => {
    const { data } = await created(ofStations, { companyUuid: root });
    const at = `/charging_stations/${data.id}`;
    for (const [, call, unseen] of outside()) {
      for (const companyUuid of [...unseen, null]) {
        expectFaultsAt(await call('PUT', at, { companyUuid }), ['/companyUuid']);
      }
    }
    expect((await mine.call('GET', at)).json<Single>().data).toEqual(data);
    expect((await subtree('PATCH', at, { companyUuid: sub })).status).toBe(200);
    expectRefused(await alone('GET', at), notFound);
    expectRefused(await alone('PUT', at, { label: 'x' }), notFound);
  });

  it('neither reads, changes nor deletes another company’s stations and connectors', async () => {
    const { data } = await created(ofStations, { companyUuid: sibling });
    const connector = await aConnector(app.store, mine.tenantId, data.id, 1);
    for (const [, call] of outside()) {
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
        const body = method === 'GET' ? undefined : { label: 'taken', companyUuid: root };
        expectRefused(await call(method, `/charging_stations/${data.id}`, body), notFound);
        if (method === 'DELETE') continue;
        expectRefused(await call(method, `/connectors/${connector}`, body), notFound);
      }
    }
    expect((await mine.call('GET', `/charging_stations/${data.id}`)).json<Single>().data).toEqual(data);
  });

  it('does not learn which identities another company has beyond that one is taken', async () => {
    const { data } = await created(ofStations, { companyUuid: sibling });
    const { chargeBoxIdentity } = data.attributes;
    const answer = await subtree('POST', '/charging_stations', {
      ...ofStations.creation(),
      companyUuid: root,
      chargeBoxIdentity,
    });
    expectRefused(answer, { code: 'conflict', source: { pointer: '/chargeBoxIdentity' } });
    expect(answer.text).not.toContain(data.id);
  });

  it('sees, changes and deletes no other company', async () => {
    for (const [, call, unseen] of outside()) {
      for (const company of unseen) {
        for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
          const body = method === 'GET' ? undefined : { name: 'taken' };
          expectRefused(await call(method, `/companies/${company}`, body), notFound);
        }
      }
    }
  });

  it('adds companies below those that it sees with their subordinates, and only there', async () => {
    const added = await subtree('POST', '/companies', { name: 'Below', parentUuid: sub });
    expect(added.json<Single>().data.attributes).toMatchObject({ name: 'Below', parentUuid: sub });
    for (const parentUuid of [sibling, theirs.company, newId(), null]) {
      expectFaultsAt(await subtree('POST', '/companies', { name: 'Elsewhere', parentUuid }), ['/parentUuid']);
    }
    expectFaultsAt(await subtree('POST', '/companies', { name: 'Elsewhere' }), ['/parentUuid']);
  });

  it('that sees no subordinates adds none, since it could not see them', async () => {
    const count = async () => (await mine.call('GET', `/companies?filter[parentUuid]=${root}`)).text;
    const before = await count();
    expectFaultsAt(await alone('POST', '/companies', { name: 'Unseen', parentUuid: root }), ['/parentUuid']);
    expect(await count()).toBe(before);
  });

  it('cannot delete the company that it is bound to', async () => {
    expectRefused(await subtree('DELETE', `/companies/${root}`), { code: 'conflict' });
  });
});

describe('a company', () => {
  it('is created below another, and stays below it', async () => {
    const { data: parent } = await created(ofCompanies);
    const { data } = await created(ofCompanies, { parentUuid: parent.id });
    expect(data.attributes['parentUuid']).toBe(parent.id);
    const answer = await mine.call('PUT', `/companies/${data.id}`, { parentUuid: null, name: 'Renamed' });
    expect(answer.json<Single>().data.attributes).toMatchObject({ name: 'Renamed', parentUuid: parent.id });
  });

  it.each(forms)('below a company that is not there is 422 that points there, in $what', async (form) => {
    for (const parentUuid of [
      newId(),
      theirs.company,
      'urn:uuid:01a20000-0000-7000-8000-000000000000',
      'x',
    ]) {
      const body = form.wrapped('companies', { ...ofCompanies.creation(), parentUuid });
      expectFaultsAt(await mine.call('POST', '/companies', body), [`${form.prefix}/parentUuid`]);
    }
  });

  it('that has stations, subordinates or API clients cannot be deleted', async () => {
    const withStation = (await created(ofCompanies)).data.id;
    const station = (await created(ofStations, { companyUuid: withStation })).data.id;
    const withSubordinate = (await created(ofCompanies)).data.id;
    const subordinate = (await created(ofCompanies, { parentUuid: withSubordinate })).data.id;
    const withClient = (await created(ofCompanies)).data.id;
    await aCaller(app, mine.tenantId, { company: { companyId: withClient, withSubordinates: true } });
    const refusals = [
      [withStation, 'There are charging stations that belong to this company.'],
      [withSubordinate, 'There are subordinate companies of this company.'],
      [withClient, 'There are API clients that are bound to this company.'],
    ] as const;
    for (const [id, detail] of refusals) {
      expectRefused(await mine.call('DELETE', `/companies/${id}`), { code: 'conflict', detail });
      expect((await mine.call('GET', `/companies/${id}`)).status).toBe(200);
    }
    await mine.call('DELETE', `/charging_stations/${station}`);
    await mine.call('DELETE', `/companies/${subordinate}`);
    expect((await mine.call('DELETE', `/companies/${withStation}`)).status).toBe(204);
    expect((await mine.call('DELETE', `/companies/${withSubordinate}`)).status).toBe(204);
  });
});

describe('a charging station model', () => {
  it('gets the next number of its tenant, also when many are created at once', async () => {
    const { id: tenantId } = await aTenant(app.store);
    const call = await aCaller(app, tenantId);
    const numbers = await Promise.all(
      Array.from({ length: 8 }, async (_, number) => {
        const answer = await call('POST', '/charging_station_models', { vendor: 'V', name: `M${number}` });
        return answer.status === 201 ? answer.json<Single>().data.id : answer.text;
      }),
    );
    expect(numbers.toSorted()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  });

  it.each(forms)('of a vendor and name that are taken is 409 that points there, in $what', async (form) => {
    const { data: first } = await created(ofModels);
    const { data: second } = await created(ofModels);
    const { vendor, name } = first.attributes;
    const wanted = { code: 'conflict', source: { pointer: `${form.prefix}/name` } } as const;
    const body = form.wrapped('charging_station_models', { vendor, name });
    expectRefused(await mine.call('POST', '/charging_station_models', body), wanted);
    expectRefused(await mine.call('PUT', `/charging_station_models/${second.id}`, body), wanted);
  });

  it('of which there are stations cannot be deleted', async () => {
    const { data } = await created(ofModels);
    const station = (await created(ofStations, { modelId: Number(data.id) })).data.id;
    const at = `/charging_station_models/${data.id}`;
    expectRefused(await mine.call('DELETE', at), {
      code: 'conflict',
      detail: 'There are charging stations of this model.',
    });
    await mine.call('DELETE', `/charging_stations/${station}`);
    expect((await mine.call('DELETE', at)).status).toBe(204);
  });
});

/** The connector under its own path and under both of its station. */
const connectorPaths = () =>
  ['', `/cp/${mine.station}`, `/charging_stations/${mine.station}`].map(
    (parent) => `${parent}/connectors/${mine.connector}`,
  );

describe('a connector', () => {
  const operator = {
    evseId: 'AT*HTB*E00008',
    label: 'Left',
    type: 'IEC_62196_T2',
    format: 'CABLE',
    powerType: 'AC_3_PHASE',
    maxVoltage: 400,
    maxAmperage: 32,
    maxPowerW: 22_000,
  };

  it('keeps what the operator knows beside what the station told, until null clears it', async () => {
    for (const at of connectorPaths()) {
      for (const method of ['PUT', 'PATCH']) {
        const before = (await mine.call('GET', at)).json<Single>().data;
        const changed = await mine.call(method, at, operator);
        const { data } = changed.json<Single>();
        expect({ status: changed.status, body: changed.json() }).toEqual({
          status: 200,
          body: {
            data: {
              ...before,
              attributes: { ...before.attributes, ...operator, updatedAt: data.attributes['updatedAt'] },
            },
            links: { self: `${app.origin}${base}${at}` },
          },
        });
        expect(Check(attributesSchema(connectors), data.attributes)).toBe(true);
        const read = await mine.call('GET', at);
        expect([read.text, read.headers.etag]).toEqual([changed.text, changed.headers.etag]);
        const nothing = Object.fromEntries(Object.keys(operator).map((name) => [name, null]));
        const cleared = await mine.call(method, at, asDocument.wrapped('connectors', nothing));
        expect({ status: cleared.status, text: cleared.text }).toMatchObject({ status: 200 });
        expect(cleared.json<Single>().data.attributes).toMatchObject(nothing);
      }
    }
  });

  it('keeps it through the station’s reports', async () => {
    await mine.call('PUT', `/connectors/${mine.connector}`, operator);
    await aConnector(app.store, mine.tenantId, mine.station, 1, {
      status: 'Faulted',
      errorCode: 'OtherError',
    });
    const { data } = (await mine.call('GET', `/connectors/${mine.connector}`)).json<Single>();
    expect(data.attributes).toMatchObject({ ...operator, status: 'Faulted', errorCode: 'OtherError' });
  });

  it('does not take what only its station tells', async () => {
    const before = (await mine.call('GET', `/connectors/${mine.connector}`)).json<Single>().data;
    const answer = await mine.call('PUT', `/connectors/${mine.connector}`, {
      cpId: theirs.station,
      connectorNumber: 9,
      status: 'Available?',
      errorCode: 1,
      statusAt: null,
    });
    const { data } = answer.json<Single>();
    expect(data.attributes).toEqual({ ...before.attributes, updatedAt: data.attributes['updatedAt'] });
  });

  it.each(forms)('is told every fault at once, in $what', async (form) => {
    const wrong = {
      evseId: '',
      label: 'x'.repeat(201),
      type: 'Type 2',
      format: 'socket',
      powerType: 'AC',
      maxVoltage: -1,
      maxAmperage: 1.5,
      maxPowerW: '22000',
    };
    for (const at of connectorPaths()) {
      const answer = await mine.call('PATCH', at, form.wrapped('connectors', wrong));
      expectFaultsAt(
        answer,
        Object.keys(wrong).map((name) => `${form.prefix}/${name}`),
      );
    }
  });

  it('of another type or id is 409', async () => {
    for (const at of connectorPaths()) {
      const type = await mine.call('PATCH', at, asDocument.wrapped('charging_stations', operator));
      expectRefused(type, { code: 'conflict', source: { pointer: '/data/type' } });
      const id = await mine.call('PATCH', at, { data: { type: 'connectors', id: newId(), attributes: {} } });
      expectRefused(id, { code: 'conflict', source: { pointer: '/data/id' } });
    }
  });

  it('of another tenant or under another station’s path is 404', async () => {
    const { data } = await created(ofStations);
    for (const at of [
      `/connectors/${theirs.connector}`,
      `/cp/${theirs.station}/connectors/${theirs.connector}`,
      `/cp/${mine.station}/connectors/${theirs.connector}`,
      `/cp/${theirs.station}/connectors/${mine.connector}`,
      `/cp/${data.id}/connectors/${mine.connector}`,
      `/charging_stations/${data.id}/connectors/${mine.connector}`,
      `/cp/x/connectors/${mine.connector}`,
      `/cp/${mine.station}/connectors/x`,
    ]) {
      for (const method of ['GET', 'PUT', 'PATCH']) {
        const answer: Answer = await mine.call(method, at, method === 'GET' ? undefined : { label: 'taken' });
        expectRefused(answer, notFound);
      }
    }
    const { attributes } = (await theirs.call('GET', `/connectors/${theirs.connector}`)).json<Single>().data;
    expect(attributes['label']).toBeNull();
  });

  it('needs the scope of connectors to write', async () => {
    const call = await aCaller(app, mine.tenantId, {
      scopes: ['cpoapi:connectors:read', 'cpoapi:charging_stations:write'],
    });
    for (const at of connectorPaths()) {
      expect((await call('GET', at)).status).toBe(200);
      expectRefused(await call('PUT', at, { label: 'x' }), { code: 'insufficient_scope' });
    }
  });
});

describe('a creation', () => {
  it('with an id that the client made up is 403 (JSON:API 1.1 §9.1.2)', async () => {
    const tenant = await aTenant(app.store);
    const token = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
    const answer = await app.ask('/api/cpoapi/v1/companies', {
      method: 'POST',
      headers: { authorization: token, 'content-type': 'application/json' },
      body: JSON.stringify({ data: { type: 'companies', id: newId(), attributes: { name: 'Mine' } } }),
    });
    expect({ status: answer.status, body: answer.json() }).toMatchObject({
      status: 403,
      body: { errors: [{ code: 'client_generated_id', source: { pointer: '/data/id' } }] },
    });
  });

  it.each(['half \ud800 a pair', 'nul \0'])('of a text that cannot be stored is 422: %j', async (name) => {
    const tenant = await aTenant(app.store);
    const token = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
    const answer = await app.ask('/api/cpoapi/v1/companies', {
      method: 'POST',
      headers: { authorization: token, 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    expect({ status: answer.status, body: answer.json() }).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'invalid_value', source: { pointer: '/name' } }] },
    });
  });
});

describe('an API client that is bound to a company', () => {
  it('reads models and writes none', async () => {
    const tenant = await aTenant(app.store);
    const companyId = await aCompany(app.store, tenant.id);
    const bound = await anApiClient(app.store, tenant.id, { company: { companyId, withSubordinates: true } });
    const authorization = await anAccessToken(app.origin, bound);
    const path = '/api/cpoapi/v1/charging_station_models';
    const headers = { authorization, 'content-type': 'application/json' };
    const body = JSON.stringify({ vendor: 'V', name: 'N' });
    expect((await app.ask(path, { headers })).status).toBe(200);
    const answer = await app.ask(path, { method: 'POST', headers, body });
    expect({ status: answer.status, body: answer.json() }).toMatchObject({
      status: 403,
      body: { errors: [{ code: 'bound_to_company' }] },
    });
  });
});
