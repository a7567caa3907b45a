// Compound documents (JSON:API 1.1 §6.3, §7.4): related resources that come along, and what does not.

import { relationshipsOf } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import { chargingStationModels } from '@chargeyard/contract/resources/charging_station_models';
import { chargingStations } from '@chargeyard/contract/resources/charging_stations';
import { companies } from '@chargeyard/contract/resources/companies';
import { connectors } from '@chargeyard/contract/resources/connectors';
import { locations } from '@chargeyard/contract/resources/locations';
import { maintenanceWindows } from '@chargeyard/contract/resources/maintenance_windows';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  aChargingStation,
  aChargingStationModel,
  aCompany,
  aConnector,
  aLocation,
  aTenant,
} from '../builders.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { aCaller, expectRefused } from './caller.ts';
import type { Caller, ResourceObject } from './caller.ts';

type Identifier = { type: string; id: string };
type Related = ResourceObject & {
  relationships?: Record<string, { data: Identifier | Identifier[] | null }>;
};
type Document = {
  data: Related | Related[];
  included?: Related[];
  links: Record<string, string>;
};

const app = testApp();
let tenantId: string;
let call: Caller;
/** Bound to the company `child` alone. */
let bound: Caller;
const ids: Record<string, string> = {};
const idOf = (name: string) => ids[name] ?? '';

/**
 * Stations `one` (child; at the child's location; two connectors), `two` (child; at the root's location; a connector) and
 * `bare` (no company, nothing else), in this order.
 */
beforeAll(async () => {
  const { store } = app;
  ({ id: tenantId } = await aTenant(store));
  call = await aCaller(app, tenantId);
  ids['root'] = await aCompany(store, tenantId);
  ids['child'] = await aCompany(store, tenantId, idOf('root'));
  ids['model'] = String(await aChargingStationModel(store, tenantId));
  ids['here'] = await aLocation(store, tenantId, { companyId: idOf('child') });
  ids['there'] = await aLocation(store, tenantId, { companyId: idOf('root') });
  const station = async (name: string, companyId?: string) => {
    ({ id: ids[name] } = await aChargingStation(
      store,
      tenantId,
      companyId === undefined ? {} : { companyId },
    ));
  };
  await station('one', idOf('child'));
  await station('two', idOf('child'));
  await station('bare');
  ids['left'] = await aConnector(store, tenantId, idOf('one'), 1);
  ids['right'] = await aConnector(store, tenantId, idOf('one'), 2);
  ids['only'] = await aConnector(store, tenantId, idOf('two'), 1);
  await write('PUT', `/locations/${idOf('here')}/charging_stations/${idOf('one')}`);
  await write('PUT', `/locations/${idOf('there')}/charging_stations/${idOf('two')}`);
  await write('PATCH', `/charging_stations/${idOf('one')}`, { modelId: Number(idOf('model')) });
  const window = await write('POST', '/maintenance_windows', {
    cpUuid: idOf('one'),
    connectorUuid: idOf('left'),
    startDate: '2091-02-17T07:00:00.000Z',
    endDate: '2091-02-17T17:00:00.000Z',
  });
  ids['window'] = window.json<{ data: Identifier }>().data.id;
  bound = await aCaller(app, tenantId, { company: { companyId: idOf('child'), withSubordinates: false } });
});

async function write(method: string, at: string, body?: object): Promise<Answer> {
  const answer = await call(method, at, body);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer;
}

async function read(at: string, caller = call): Promise<Document> {
  const answer = await caller('GET', at);
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
  return answer.json<Document>();
}

const identifier = (type: string, name: string): Identifier => ({ type, id: idOf(name) });
const listOf = ({ data }: Document) => [data].flat();
const identifiersIn = (resources: readonly Related[] | undefined) =>
  resources?.map(({ type, id }) => ({ type, id }));

describe('a document without include', () => {
  it.each(['charging_stations', 'connectors', 'companies', 'locations', 'maintenance_windows'])(
    'of %s has neither relationships nor included',
    async (type) => {
      const { included, ...page } = await read(`/${type}`);
      expect(included).toBeUndefined();
      for (const resource of listOf(page)) {
        expect(Object.keys(resource)).toEqual(['type', 'id', 'attributes']);
        const single = await read(`/${type}/${resource.id}`);
        expect(Object.keys(single)).toEqual(['data', 'links']);
        expect(single.data).toEqual(resource);
      }
    },
  );
});

describe('a list with include', () => {
  it('has the related resources, each once, and the linkage to them', async () => {
    const page = await read('/charging_stations?include=connectors,location,company');
    expect(listOf(page).map(({ id, relationships }) => [id, relationships])).toEqual([
      [
        idOf('one'),
        {
          company: { data: identifier('companies', 'child') },
          location: { data: identifier('locations', 'here') },
          connectors: { data: [identifier('connectors', 'left'), identifier('connectors', 'right')] },
        },
      ],
      [
        idOf('two'),
        {
          company: { data: identifier('companies', 'child') },
          location: { data: identifier('locations', 'there') },
          connectors: { data: [identifier('connectors', 'only')] },
        },
      ],
      [idOf('bare'), { company: { data: null }, location: { data: null }, connectors: { data: [] } }],
    ]);
    expect(identifiersIn(page.included)).toEqual([
      identifier('companies', 'child'),
      identifier('locations', 'here'),
      identifier('locations', 'there'),
      identifier('connectors', 'left'),
      identifier('connectors', 'right'),
      identifier('connectors', 'only'),
    ]);
    for (const resource of page.included ?? []) {
      expect(resource).toEqual((await read(`/${resource.type}/${resource.id}`)).data);
    }
    const plain = await read('/charging_stations');
    expect(listOf(page).map(({ type, id, attributes }) => ({ type, id, attributes }))).toEqual(plain.data);
  });

  it('has the same under every path and with either kind of pages', async () => {
    const wanted = await read('/connectors?include=chargingStation');
    expect(identifiersIn(wanted.included)).toEqual([
      identifier('charging_stations', 'one'),
      identifier('charging_stations', 'two'),
    ]);
    const byCursor = await read('/connectors?include=chargingStation&page[cursor]=start');
    expect([byCursor.data, byCursor.included]).toEqual([wanted.data, wanted.included]);
    for (const parent of ['cp', 'charging_stations']) {
      const below = await read(`/${parent}/${idOf('two')}/connectors?include=chargingStation`);
      expect([below.data, below.included]).toEqual([listOf(wanted).slice(2), wanted.included?.slice(1)]);
    }
    const standing = await read(`/locations/${idOf('here')}/charging_stations?include=connectors`);
    expect(identifiersIn(standing.included)).toEqual([
      identifier('connectors', 'left'),
      identifier('connectors', 'right'),
    ]);
  });

  it('keeps the parameters in its links', async () => {
    for (const page of ['page[offset]=0', 'page[cursor]=start']) {
      const first = await read(
        `/charging_stations?include=connectors&fields[connectors]=label&page[limit]=1&${page}`,
      );
      expect(identifiersIn(first.included)).toEqual([
        identifier('connectors', 'left'),
        identifier('connectors', 'right'),
      ]);
      const second = await read(first.links['next'] ?? '');
      expect(identifiersIn(second.included)).toEqual([identifier('connectors', 'only')]);
      expect(second.included?.map(({ attributes }) => attributes)).toEqual([{ label: null }]);
    }
  });

  it('has an empty member included where nothing is related, or nothing is asked for', async () => {
    expect(await read(`/charging_stations?filter[label]=nobody&include=connectors`)).toMatchObject({
      data: [],
      included: [],
    });
    const asksForNothing = await read('/charging_stations?include=');
    expect(asksForNothing.included).toEqual([]);
    expect(asksForNothing.data).toEqual((await read('/charging_stations')).data);
  });

  it('includes nothing that it has as primary data', async () => {
    const whole = await read('/companies?include=parent');
    expect(listOf(whole).map(({ relationships }) => relationships)).toEqual([
      { parent: { data: null } },
      { parent: { data: identifier('companies', 'root') } },
    ]);
    expect(whole.included).toEqual([]);
    const part = await read(`/companies?include=parent&filter[parentUuid]=${idOf('root')}`);
    expect(identifiersIn(part.included)).toEqual([identifier('companies', 'root')]);
  });
});

describe('a single resource with include', () => {
  it.each([
    ['charging_stations', 'one', 'chargingStationModel', 'charging_station_models', ['model']],
    ['charging_stations', 'one', 'maintenanceWindows', 'maintenance_windows', ['window']],
    ['connectors', 'left', 'chargingStation', 'charging_stations', ['one']],
    ['maintenance_windows', 'window', 'chargingStation', 'charging_stations', ['one']],
    ['maintenance_windows', 'window', 'connector', 'connectors', ['left']],
    ['locations', 'here', 'company', 'companies', ['child']],
    ['locations', 'here', 'chargingStations', 'charging_stations', ['one']],
    ['companies', 'child', 'parent', 'companies', ['root']],
  ])('of %s (%s) leads by %s to %s', async (type, name, relationship, relatedType, related) => {
    const at = `/${type}/${idOf(name)}?include=${relationship}`;
    const document = await read(at);
    const wanted = related.map((each) => identifier(relatedType, each));
    const linkage = listOf(document)[0]?.relationships?.[relationship]?.data;
    expect([linkage].flat()).toEqual(wanted);
    expect(identifiersIn(document.included)).toEqual(wanted);
    expect(document.links['self']).toBe(
      `${app.origin}/api/cpoapi/v1/${type}/${idOf(name)}?include=${relationship}`,
    );
  });

  it('has a tag of the whole document, while changes are meant for the resource alone', async () => {
    const at = `/charging_stations/${idOf('two')}`;
    const [plain, before] = [await call('GET', at), await call('GET', `${at}?include=connectors`)];
    expect(before.headers.etag).not.toBe(plain.headers.etag);
    const known = { 'if-none-match': String(before.headers.etag) };
    expect((await call('GET', `${at}?include=connectors`, undefined, known)).status).toBe(304);
    expect((await call('PATCH', `/connectors/${idOf('only')}`, { label: 'new' })).status).toBe(200);
    const after = await call('GET', `${at}?include=connectors`, undefined, known);
    expect([after.status, after.headers.etag === before.headers.etag]).toEqual([200, false]);
    const change = await call('PATCH', at, { label: 'Two' }, { 'if-match': String(before.headers.etag) });
    expect(change.status).toBe(200);
    const late = await call('PATCH', at, { label: '2' }, { 'if-match': String(before.headers.etag) });
    expectRefused(late, { code: 'precondition_failed', source: { header: 'If-Match' } });
  });
});

describe('fields', () => {
  it('are those of the type that is included', async () => {
    const { included } = await read(
      `/charging_stations/${idOf('one')}?include=connectors&fields[connectors]=connectorNumber,cpId`,
    );
    expect(included?.map(({ attributes }) => attributes)).toEqual([
      { cpId: idOf('one'), connectorNumber: 1 },
      { cpId: idOf('one'), connectorNumber: 2 },
    ]);
  });

  it('tell which relationships to show, included or not', async () => {
    const at = `/charging_stations/${idOf('one')}`;
    const without = await read(`${at}?include=location&fields[charging_stations]=label`);
    expect(listOf(without)[0]?.relationships).toBeUndefined();
    expect(identifiersIn(without.included)).toEqual([identifier('locations', 'here')]);
    const linked = await read(`${at}?fields[charging_stations]=label,location`);
    expect(Object.keys(listOf(linked)[0]?.attributes ?? {})).toEqual(['label']);
    expect(listOf(linked)[0]?.relationships).toEqual({ location: { data: identifier('locations', 'here') } });
    expect(linked.included).toBeUndefined();
  });

  it('that are not known are 400', async () => {
    expectRefused(await call('GET', '/charging_stations?include=connectors&fields[connectors]=nothing'), {
      code: 'invalid_parameter',
      source: { parameter: 'fields[connectors]' },
    });
  });
});

describe('include', () => {
  it.each(['nothing', 'connectors.chargingStation', 'connectors,nothing', 'locationUuid', 'Connectors'])(
    'of %s is 400',
    async (include) => {
      for (const at of ['/charging_stations', `/charging_stations/${idOf('one')}`]) {
        expectRefused(await call('GET', `${at}?include=${include}`), {
          code: 'invalid_parameter',
          source: { parameter: 'include' },
        });
      }
    },
  );

  it('is 400 where there are no relationships', async () => {
    for (const at of ['/charging_station_models', `/charging_station_models/${idOf('model')}`]) {
      expectRefused(await call('GET', `${at}?include=connectors`), {
        code: 'unknown_parameter',
        source: { parameter: 'include' },
      });
    }
  });

  it('is 400 where a write asks for it', async () => {
    expectRefused(await call('PATCH', `/charging_stations/${idOf('one')}?include=connectors`, {}), {
      code: 'unknown_parameter',
      source: { parameter: 'include' },
    });
  });

  it('needs the scope to read what is included', async () => {
    const narrow = await aCaller(app, tenantId, {
      scopes: ['cpoapi:charging_stations:read', 'cpoapi:locations:read'],
    });
    expect((await narrow('GET', '/charging_stations?include=location')).status).toBe(200);
    for (const query of ['include=location,connectors', 'fields[charging_stations]=connectors']) {
      for (const at of ['/charging_stations', `/charging_stations/${idOf('one')}`]) {
        expectRefused(await narrow('GET', `${at}?${query}`), {
          code: 'insufficient_scope',
          detail: 'This request needs the scope cpoapi:connectors:read.',
        });
      }
    }
  });

  it('neither includes nor links what the token may not see', async () => {
    const page = await read('/charging_stations?include=location,company,connectors', bound);
    expect(listOf(page).map(({ id, relationships }) => [id, relationships?.['location']?.data])).toEqual([
      [idOf('one'), identifier('locations', 'here')],
      [idOf('two'), null],
    ]);
    expect(identifiersIn(page.included)?.filter(({ type }) => type !== 'connectors')).toEqual([
      identifier('companies', 'child'),
      identifier('locations', 'here'),
    ]);
    const company = await read(`/companies/${idOf('child')}?include=parent`, bound);
    expect(listOf(company)[0]?.relationships).toEqual({ parent: { data: null } });
    expect(company.included).toEqual([]);
    // Of a location of its own, only the stations that it sees.
    const root = await aChargingStation(app.store, tenantId, { companyId: idOf('root') });
    await call('PUT', `/locations/${idOf('here')}/charging_stations/${root.id}`);
    const at = `/locations/${idOf('here')}?include=chargingStations`;
    expect(identifiersIn((await read(at)).included)).toHaveLength(2);
    expect(identifiersIn((await read(at, bound)).included)).toEqual([identifier('charging_stations', 'one')]);
  });
});

describe('a page of 500 stations with 10 connectors each', () => {
  it('is answered whole; one that would be larger than 10 000 is refused', async () => {
    const { id: tenant } = await aTenant(app.store);
    const all = await aCaller(app, tenant);
    await app.database.look(
      `insert into charging_stations (tenant_id, id, identity, label, created_at, updated_at)
       select $1, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'cp_' || n, 'Station ' || n, now(), now()
       from generate_series(1, 500) n`,
      [tenant],
    );
    const connectorsOf = (from: number, to: number) =>
      app.database.look(
        `insert into connectors (tenant_id, id, charging_station_id, number, created_at, updated_at)
         select $1, gen_random_uuid(), s.id, n, now(), now()
         from charging_stations s, generate_series($2::int, $3::int) n where s.tenant_id = $1`,
        [tenant, from, to],
      );
    await connectorsOf(1, 10);
    const page = await read('/charging_stations?include=connectors&page[limit]=500', all);
    expect(page.included).toHaveLength(5000);
    for (const { relationships } of listOf(page)) {
      expect(relationships?.['connectors']?.data).toHaveLength(10);
    }
    await connectorsOf(11, 21);
    expectRefused(await all('GET', '/charging_stations?include=connectors&page[limit]=500'), {
      code: 'invalid_parameter',
      source: { parameter: 'include' },
    });
    const smaller = await read('/charging_stations?include=connectors&page[limit]=400', all);
    expect(smaller.included).toHaveLength(8400);
  });
});

describe('the declarations', () => {
  const all: readonly ResourceDeclaration[] = [
    chargingStationModels,
    chargingStations,
    companies,
    connectors,
    locations,
    maintenanceWindows,
  ];
  it('rest each relationship on an attribute that refers to the other, and give none the name of an attribute', () => {
    const broken = all.flatMap((declaration) =>
      relationshipsOf(declaration).flatMap(({ name, type, isToMany, from, to }) => {
        const other = all.find((each) => each.type === type);
        const [attribute, wanted] = isToMany
          ? [other?.attributes[to], declaration.type]
          : [declaration.attributes[from], type];
        const isSound = attribute?.refersTo === wanted && declaration.attributes[name] === undefined;
        return isSound ? [] : [`${declaration.type}.${name}`];
      }),
    );
    expect(broken).toEqual([]);
  });
});

it('another tenant’s resource is 404 with include, too', async () => {
  const other = await aCaller(app, (await aTenant(app.store)).id);
  expectRefused(await other('GET', `/charging_stations/${idOf('one')}?include=connectors`), {
    code: 'not_found',
  });
  const page = await read('/charging_stations?include=connectors,location', other);
  expect([page.data, page.included]).toEqual([[], []]);
});
