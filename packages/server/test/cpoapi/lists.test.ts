// What a list can be asked for: order, filters, search, some attributes only, pages by cursor; and the paths below a
// station. What the token may not see is in none of it.

import { hash } from 'node:crypto';
import { attributesSchema, shownAttributes } from '@chargeyard/contract/resource';
import type { AttributeDeclaration } from '@chargeyard/contract/resource';
import { chargingStationModels } from '@chargeyard/contract/resources/charging_station_models';
import { chargingStations } from '@chargeyard/contract/resources/charging_stations';
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
  aUser,
} from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import { aCaller, base, expectRefused, idsIn, idsOf } from './caller.ts';
import type { Caller, List, ResourceObject, Single } from './caller.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const clock = aClock(start);
const app = testApp({ clock });
const minuteMs = 60_000;

let tenantId: string;
let call: Caller;
/** A station per letter, in the order of creation. */
const stations: Record<string, string> = {};

type Told = {
  vendor: string;
  model: string;
  firmwareVersion?: string;
  heard?: { minutesAgo: number; closed?: true };
};

/** By station, the connection that it last had. */
const connections = new Map<string, string>();

async function tell(stationId: string, { vendor, model, firmwareVersion, heard }: Told): Promise<void> {
  const reference = { tenantId, chargingStationId: stationId, connectionId: newId() };
  connections.set(stationId, reference.connectionId);
  const at = new Date(clock.now().getTime() - (heard?.minutesAgo ?? 0) * minuteMs);
  if (heard !== undefined) {
    const ocppVersion = heard.closed ? '2.0.1' : '1.6';
    await app.store.stationFacts.record({
      ...reference,
      kind: 'connection_opened',
      at,
      node: 'test',
      ocppVersion,
    });
  }
  await app.store.stationFacts.record({
    ...reference,
    kind: 'booted',
    at: clock.now(),
    vendor,
    model,
    serialNumber: undefined,
    firmwareVersion,
    iccid: undefined,
    imsi: undefined,
  });
  if (heard?.closed) await app.store.stationFacts.record({ ...reference, kind: 'connection_closed', at });
}

beforeAll(async () => {
  ({ id: tenantId } = await aTenant(app.store));
  call = await aCaller(app, tenantId);
  const post = async (at: string, body: object): Promise<string> => {
    clock.moveBy(minuteMs);
    const answer = await call('POST', at, body);
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 });
    return answer.json<Single>().data.id;
  };
  const north = await post('/companies', { name: 'north' });
  const south = await post('/companies', { name: 'south' });
  const east = await post('/companies', { name: 'east', parentUuid: north });
  await post('/companies', { name: 'east', parentUuid: south });
  const one = await post('/charging_station_models', { vendor: 'zeta', name: 'one' });
  const two = await post('/charging_station_models', { vendor: 'alfa', name: 'two' });
  await post('/charging_station_models', { vendor: 'alfa', name: 'one' });
  const created = async (letter: string, values: object) => {
    const identity = { label: letter, chargeBoxIdentity: `cp_${letter}`, timeZone: 'Europe/Berlin' };
    stations[letter] = await post('/charging_stations', {
      ...identity,
      companyUuid: null,
      modelId: null,
      ...values,
    });
  };
  await created('e', {
    companyUuid: north,
    modelId: Number(one),
    iccid: '111',
    imsi: '211',
    serialnumber: 's-2',
  });
  await created('b', { companyUuid: south, modelId: Number(two), iccid: '112', serialnumber: 's-1' });
  await created('d', { companyUuid: north, modelId: Number(two), imsi: '212', label: 'b' });
  await created('a', { companyUuid: east, serialnumber: '100%_of\\it', label: 'a "100%" \\ a_b, c' });
  await created('c', { label: 'ab' });
  await created('f', { serialnumber: 's-2', chargeBoxIdentity: 'F-of-the-yard' });
  await tell(stations['e'] ?? '', {
    vendor: 'v2',
    model: 'm1',
    firmwareVersion: '1.0',
    heard: { minutesAgo: 1 },
  });
  clock.moveBy(minuteMs);
  await tell(stations['b'] ?? '', { vendor: 'v1', model: 'm1', heard: { minutesAgo: 10, closed: true } });
  clock.moveBy(minuteMs);
  await tell(stations['d'] ?? '', {
    vendor: 'v1',
    model: 'm2',
    firmwareVersion: '0.9',
    heard: { minutesAgo: 40 },
  });
  await tell(stations['a'] ?? '', { vendor: 'v3', model: 'm2', heard: { minutesAgo: 90 } });
  // What no request can write today.
  const location = newId();
  await app.database.look(
    'insert into locations (tenant_id, id, name, created_at, updated_at) values ($1, $2, $3, now(), now())',
    [tenantId, location, 'Lakeside'],
  );
  const technician = await aUser(app.store, tenantId, { isTechnician: true });
  await app.database.look(
    'update charging_stations set location_id = $2, technician_user_id = $3, security_profile = 2 where id = $1',
    [stations['b'], location, technician.id],
  );
  for (const [letter, number, status, errorCode] of [
    ['e', 2, 'Available', 'NoError'],
    ['e', 1, 'Faulted', 'GroundFailure'],
    ['b', 0, 'Available', 'NoError'],
    ['b', 1, 'Charging', 'NoError'],
    ['f', 1, 'Available', 'NoError'],
  ] as const) {
    clock.moveBy(minuteMs);
    await aConnector(app.store, tenantId, stations[letter] ?? '', number, {
      status,
      errorCode,
      at: clock.now(),
      // Over the connection that it has: another one's would be old.
      connectionId: connections.get(stations[letter] ?? '') ?? newId(),
    });
  }
  const all = (await call('GET', '/connectors')).json<List>().data;
  const known = [
    {
      evseId: 'AT*HTB*E1',
      label: 'right',
      type: 'IEC_62196_T2',
      format: 'CABLE',
      powerType: 'AC_3_PHASE',
      maxPowerW: 22_000,
    },
    {
      evseId: 'AT*HTB*E2',
      label: 'left',
      type: 'CHADEMO',
      format: 'SOCKET',
      powerType: 'DC',
      maxPowerW: 50_000,
    },
    { label: 'left' },
  ];
  for (const [at, values] of known.entries()) await call('PUT', `/connectors/${all[at]?.id}`, values);
});

type Declaration = {
  type: string;
  attributes: Record<string, AttributeDeclaration>;
  searched?: readonly string[];
};
const kinds: { type: string; declaration: Declaration }[] = [
  chargingStations,
  companies,
  chargingStationModels,
  connectors,
].map((declaration) => ({ type: declaration.type, declaration }));

const list = async (at: string): Promise<List> => {
  const answer = await call('GET', at);
  expect({ at, status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
  return answer.json<List>();
};
const totalOf = ({ meta }: List) => meta.pagination['total'];
const letters = (page: List) =>
  page.data.map(({ attributes }) => String(attributes['chargeBoxIdentity']).slice(3));
const refusedBy = (parameter: string) => ({ code: 'invalid_parameter', source: { parameter } }) as const;
const unknown = (parameter: string) => ({
  code: 'unknown_parameter' as const,
  detail: `The parameter ${parameter} is not supported here.`,
  source: { parameter },
});
const link = (at: string, query: Record<string, string>) =>
  `${app.origin}${base}${at}?${new URLSearchParams(query).toString()}`;

describe.each(kinds)('the list of $type', ({ type, declaration }) => {
  const names = (has: 'sorts' | 'filters') =>
    Object.entries(declaration.attributes).flatMap(([name, attribute]) => (attribute[has] ? [name] : []));
  const all = () => list(`/${type}`);

  const shownNames = shownAttributes(declaration as never).map(([name]) => name);

  it('is in the order of creation, and of the contract’s form', async () => {
    const { data } = await all();
    const created = data.map(({ attributes }) => String(attributes['createdAt']));
    expect(data.length).toBeGreaterThan(2);
    expect(created).toEqual(created.toSorted());
    for (const { attributes } of data) {
      expect(Check(attributesSchema(declaration as never), attributes)).toBe(true);
      expect(Object.keys(attributes)).toEqual(shownNames);
    }
  });

  it.each(names('sorts').flatMap((name) => [name, `-${name}`]))(
    'is sorted by %s: what is not known last, equals in the order of creation',
    async (key) => {
      const name = key.replace('-', '');
      const wanted = sorted((await all()).data, name, key.startsWith('-'));
      const page = await list(`/${type}?sort=${key}`);
      expect(page.data.map(({ id, attributes }) => [id, attributes[name]])).toEqual(
        wanted.map(({ id, attributes }) => [id, attributes[name]]),
      );
      expect(page.links['current']).toBe(
        link(`/${type}`, { sort: key, 'page[limit]': '50', 'page[offset]': '0' }),
      );
      expect(totalOf(page)).toBe(wanted.length);
    },
  );

  it('is sorted the same on pages that are put together', async () => {
    const [first = ''] = names('sorts');
    const whole = await list(`/${type}?sort=-${first}`);
    const walked: string[] = [];
    for (let at: string | undefined = `/${type}?sort=-${first}&page[limit]=1`; at !== undefined;) {
      const page: List = await list(at);
      walked.push(...idsIn(page));
      at = page.links.next;
    }
    expect(walked).toEqual(idsIn(whole));
  });

  it.each([
    'none',
    'id',
    'type',
    'constructor',
    '__proto__',
    '',
    '-',
    '+',
    '--createdAt',
    'createdAt,',
    'createdAt,none',
    'CREATEDAT',
    'createdAt desc',
  ])('cannot be sorted by "%s"', async (key) => {
    expectRefused(await call('GET', `/${type}?sort=${encodeURIComponent(key)}`), refusedBy('sort'));
  });

  it('cannot be sorted by what is not declared so, and is told what it can be', async () => {
    const unsorted = Object.keys(declaration.attributes).filter((name) => !names('sorts').includes(name));
    for (const name of unsorted) {
      expectRefused(await call('GET', `/${type}?sort=${name}`), {
        ...refusedBy('sort'),
        detail: `Up to 3 of these can be sorted by: ${names('sorts').join(', ')}.`,
      });
    }
  });

  it.each(names('filters'))('is filtered by %s, by each value and by several', async (name) => {
    const { data } = await all();
    const values = [...new Set(data.map(({ attributes }) => attributes[name]))].filter(
      (value) => value !== null && !textOf(value).includes(','),
    );
    expect(values).not.toEqual([]);
    for (const wanted of [...values.map((value) => [value]), values, [values[0], values[0]]]) {
      const text = wanted.join();
      const page = await list(`/${type}?${new URLSearchParams({ [`filter[${name}]`]: text }).toString()}`);
      const matching = data.filter(({ attributes }) => wanted.includes(attributes[name]));
      expect({ text, data: page.data, total: totalOf(page) }).toEqual({
        text,
        data: matching,
        total: matching.length,
      });
      expect(page.links['current']).toBe(
        link(`/${type}`, { [`filter[${name}]`]: text, 'page[limit]': '50', 'page[offset]': '0' }),
      );
    }
  });

  it.each(names('filters'))('is empty for a %s that nothing has', async (name) => {
    const { type: kind, format, anyOf } = formOf(declaration.attributes[name]?.schema);
    if (anyOf !== undefined || kind === 'boolean') return;
    const value = kind === 'integer' ? '2147483647' : format === 'uuid' ? newId() : 'nothing has this';
    const page = await list(`/${type}?filter[${name}]=${encodeURIComponent(value)}`);
    expect({ data: page.data, total: totalOf(page) }).toEqual({ data: [], total: 0 });
    expect(page.meta.pagination['lastPage']).toBe(true);
  });

  it.each(names('filters'))('refuses values that a %s cannot have', async (name) => {
    const { type: kind, format, anyOf } = formOf(declaration.attributes[name]?.schema);
    const bad = ['%00', 'a%00b'];
    if (kind === 'integer' || format === 'uuid' || anyOf !== undefined)
      bad.push('', 'x', '1.5', '-1', '1,', ',', 'null');
    if (kind === 'integer') bad.push('2147483648', '9'.repeat(40), '0x1', '1e0', '%2B1', '1,x');
    if (format === 'uuid') bad.push(`${newId()},x`, newId().slice(1), `{${newId()}}`, `urn:uuid:${newId()}`);
    if (anyOf !== undefined) bad.push('ONLINE', 'online%20');
    for (const value of bad) {
      expectRefused(await call('GET', `/${type}?filter[${name}]=${value}`), refusedBy(`filter[${name}]`));
    }
  });

  it('knows no filter of what is not declared so', async () => {
    const unfiltered = Object.keys(declaration.attributes).filter((name) => !names('filters').includes(name));
    for (const name of [...unfiltered, 'none', '', 'constructor', 'id']) {
      expectRefused(await call('GET', `/${type}?filter[${name}]=1`), unknown(`filter[${name}]`));
    }
    expectRefused(await call('GET', `/${type}?filter=1`), unknown('filter'));
  });

  it('has all that was changed since an instant, the instant itself included', async () => {
    const { data } = await all();
    for (const { attributes } of data) {
      const since = String(attributes['updatedAt']);
      const wanted = data.filter((one) => String(one.attributes['updatedAt']) >= since);
      const local = `${new Date(Date.parse(since) + 90 * minuteMs).toISOString().slice(0, -1)}+01:30`;
      for (const text of [since, local]) {
        const page = await list(`/${type}?filter[updatedSince]=${encodeURIComponent(text)}`);
        expect({ text, data: page.data, total: totalOf(page) }).toEqual({
          text,
          data: wanted,
          total: wanted.length,
        });
      }
    }
    expect((await list(`/${type}?filter[updatedSince]=2100-01-01T00:00:00Z`)).data).toEqual([]);
    for (const early of ['2000-01-01', '0001-01-01T00:00:00Z']) {
      expect((await list(`/${type}?filter[updatedSince]=${early}`)).data).toEqual(data);
    }
    // Before the year 1 PostgreSQL and RFC 3339 part; no refusal of the database's own leaves it.
    for (const early of ['0000-01-01', '0001-01-01T00:00:00%2B14:00']) {
      const answer = await call('GET', `/${type}?filter[updatedSince]=${early}`);
      expectRefused(answer, refusedBy('filter[updatedSince]'));
    }
  });

  it.each([
    '',
    'yesterday',
    '1700000000',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2026-02-30T00:00:00Z',
    '2026-11-25T25:00:00Z',
    '2026-11-25 (noon)',
    '2026-11-25T12:00:00Z%00',
    '2026-11-25,2026-11-26',
  ])('refuses "%s" as an instant', async (text) => {
    const answer = await call('GET', `/${type}?filter[updatedSince]=${text.replaceAll(' ', '%20')}`);
    expectRefused(answer, refusedBy('filter[updatedSince]'));
  });

  it('is searched in the declared attributes, in any case, or not at all', async () => {
    const { searched } = declaration;
    if (searched === undefined) {
      expectRefused(await call('GET', `/${type}?filter[search]=a`), unknown('filter[search]'));
      return;
    }
    const { data } = await all();
    const texts = [
      'a',
      'A',
      'NO',
      'one',
      '%',
      '_',
      '\\',
      '"',
      '0%',
      '%_',
      's-',
      'S-2',
      'cp_',
      'nothing',
      ' ',
      '%%',
      "'",
      '.*',
      'YARD',
    ];
    for (const text of texts) {
      const page = await list(`/${type}?filter[search]=${encodeURIComponent(text)}`);
      const wanted = data.filter(({ attributes }) =>
        searched.some((name) =>
          textOf(attributes[name] ?? '')
            .toLowerCase()
            .includes(text.toLowerCase()),
        ),
      );
      expect({ text, ids: idsIn(page), total: totalOf(page) }).toEqual({
        text,
        ids: wanted.map(({ id }) => id),
        total: wanted.length,
      });
    }
  });

  it('has some attributes only where that is asked, in their order; single ones, too', async () => {
    const { data } = await all();
    const order = shownNames;
    const asked = [order[3], order[0], order[0]];
    const few = ({ id, attributes }: ResourceObject, members: unknown[]) => ({
      type,
      id,
      attributes: Object.fromEntries(
        order.filter((name) => members.includes(name)).map((name) => [name, attributes[name]]),
      ),
    });
    for (const members of [asked, [order.at(-1)], [], order.toReversed()]) {
      const query = `fields[${type}]=${members.join()}`;
      const page = await list(`/${type}?${query}`);
      expect(JSON.stringify(page.data)).toBe(JSON.stringify(data.map((one) => few(one, members))));
      expect(page.links['current']).toContain(
        new URLSearchParams([query.split('=') as [string, string]]).toString(),
      );
      const [first] = data;
      if (first === undefined) throw new Error('the list is empty');
      const single = await call('GET', `/${type}/${first.id}?${query}`);
      expect(single.status).toBe(200);
      expect(single.text).toBe(
        JSON.stringify({
          data: few(first, members),
          links: { self: link(`/${type}/${first.id}`, { [`fields[${type}]`]: members.join() }) },
        }),
      );
    }
  });

  it('refuses attributes that it does not have, single ones, too', async () => {
    const [id] = idsIn(await all());
    for (const at of [`/${type}`, `/${type}/${id}`]) {
      for (const members of [
        'none',
        'createdAt,none',
        'id',
        'constructor',
        'CREATEDAT',
        'createdAt%20',
        '%00',
      ]) {
        expectRefused(await call('GET', `${at}?fields[${type}]=${members}`), refusedBy(`fields[${type}]`));
      }
      expectRefused(await call('GET', `${at}?fields[things]=createdAt`), unknown('fields[things]'));
      expectRefused(await call('GET', `${at}?fields=createdAt`), unknown('fields'));
    }
  });

  it('tells every fault of a query at once', async () => {
    const query = `sort=none&fields[${type}]=none&page[limit]=0&filter[updatedSince]=x&none=1`;
    const answer = await call('GET', `/${type}?${query}`);
    const { errors } = answer.json<{ errors: { source: { parameter: string } }[] }>();
    expect({
      status: answer.status,
      parameters: errors.map(({ source }) => source.parameter).toSorted(),
    }).toEqual({
      status: 400,
      parameters: [`fields[${type}]`, 'filter[updatedSince]', 'none', 'page[limit]', 'sort'],
    });
  });

  it('is walked by cursor: the same as by offset, one document per page', async () => {
    const { data } = await all();
    const at = `/${type}`;
    for (const limit of [1, 2, data.length - 1, data.length, data.length + 1]) {
      const walked: ResourceObject[] = [];
      let cursor = 'start';
      for (let pages = 0; pages <= data.length; pages += 1) {
        const query = { 'page[limit]': String(limit), 'page[cursor]': cursor };
        const page = await list(link(at, query));
        walked.push(...page.data);
        const isLast = walked.length === data.length;
        const nextCursor = page.meta.pagination['nextCursor'];
        expect(page).toEqual({
          data: data.slice(walked.length - page.data.length, walked.length),
          meta: { pagination: { limit, nextCursor: isLast ? null : String(nextCursor), lastPage: isLast } },
          links: {
            current: link(at, query),
            ...(isLast ? {} : { next: link(at, { ...query, 'page[cursor]': String(nextCursor) }) }),
            self: link(at, query),
            first: link(at, { ...query, 'page[cursor]': 'start' }),
          },
        });
        if (isLast) break;
        cursor = String(nextCursor);
      }
      expect(walked).toEqual(data);
    }
  });

  it('refuses what is no cursor of its own', async () => {
    const first = await list(`/${type}?page[limit]=1&page[cursor]=start`);
    const cursor = String(first.meta.pagination['nextCursor']);
    const other = type === 'companies' ? 'charging_stations' : 'companies';
    const others = (await list(`/${other}?page[limit]=1&page[cursor]=start`)).meta.pagination['nextCursor'];
    for (const wrong of [
      '',
      'x',
      'START',
      'start ',
      '0',
      `${cursor}x`,
      `${cursor}!`,
      `${cursor}=`,
      ` ${cursor}`,
      cursor.slice(1),
      cursor.slice(0, -2),
      cursor + cursor,
      String(others),
      idsIn(first)[0] ?? '',
      Buffer.from(`${type}:`).toString('base64url'),
      Buffer.from(`${type}:x`).toString('base64url'),
      Buffer.from(`${type}:\0`).toString('base64url'),
      '%00',
    ]) {
      const answer = await call('GET', link(`/${type}`, { 'page[cursor]': wrong }));
      expect({ wrong, status: answer.status }).toEqual({ wrong, status: 400 });
      expectRefused(answer, refusedBy('page[cursor]'));
    }
  });

  it('refuses a cursor in which any one character was changed', async () => {
    const first = await list(`/${type}?page[limit]=1&page[cursor]=start`);
    const cursor = String(first.meta.pagination['nextCursor']);
    const taken: string[] = [];
    for (const at of Array.from(cursor).keys()) {
      const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
      const { status } = await call('GET', link(`/${type}`, { 'page[cursor]': changed }));
      if (status !== 400) taken.push(`${status} ${changed}`);
    }
    expect(taken).toEqual([]);
  });

  it('refuses a cursor whose check was made without the installation’s key', async () => {
    const first = await list(`/${type}?page[limit]=1&page[cursor]=start`);
    const [id = ''] = idsIn(first);
    const check = hash('sha256', `${tenantId}/${type}/${id}`, 'base64url').slice(0, 16);
    const made = `${Buffer.from(id).toString('base64url')}.${check}`;
    expect(made).toHaveLength(String(first.meta.pagination['nextCursor']).length);
    expectRefused(await call('GET', link(`/${type}`, { 'page[cursor]': made })), refusedBy('page[cursor]'));
  });

  it('refuses a cursor together with an offset or an order', async () => {
    expectRefused(await call('GET', `/${type}?page[cursor]=start&page[offset]=0`), refusedBy('page[cursor]'));
    expectRefused(await call('GET', `/${type}?page[cursor]=start&sort=createdAt`), refusedBy('sort'));
  });
});

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function sorted(data: readonly ResourceObject[], name: string, descending: boolean): ResourceObject[] {
  return data.toSorted((one, other) => {
    const [a, b] = [one.attributes[name], other.attributes[name]];
    if (a === b) return 0;
    if (a === null) return 1;
    if (b === null) return -1;
    const order = (typeof a === 'number' ? a < Number(b) : textOf(a) < textOf(b)) ? -1 : 1;
    return descending ? -order : order;
  });
}

type Form = { type?: string; format?: string; anyOf?: Form[] };
function formOf(schema: unknown): Form {
  const { anyOf, ...plain } = schema as Form;
  const others = anyOf?.filter(({ type }) => type !== 'null') ?? [];
  if (anyOf === undefined) return plain;
  return others.length === 1 && others[0] !== undefined ? formOf(others[0]) : { anyOf: others };
}

describe('charging stations', () => {
  it.each([
    ['online', ['e']],
    ['offline', ['b', 'a']],
    ['pending', ['d']],
    ['no_communication', ['c', 'f']],
    ['online,pending', ['e', 'd']],
    ['offline,no_communication,online,pending', ['e', 'b', 'd', 'a', 'c', 'f']],
  ])('are filtered by the connectionStatus %s as it is now', async (status, wanted) => {
    const page = await list(`/charging_stations?filter[connectionStatus]=${status}&sort=createdAt`);
    const ids = wanted.map((letter) => stations[letter]);
    expect({ ids: idsIn(page), total: totalOf(page) }).toEqual({ ids, total: ids.length });
  });

  it('are sorted by several keys, each in its direction', async () => {
    const page = await list('/charging_stations?sort=label,-vendor,chargeBoxIdentity&filter[label]=b,ab');
    expect(letters(page)).toEqual(['c', 'b', 'd']);
    expectRefused(
      await call('GET', '/charging_stations?sort=label,vendor,model,createdAt'),
      refusedBy('sort'),
    );
  });

  it('are filtered by several attributes at once, searched and paged, and the total agrees', async () => {
    const query = 'filter[vendor]=v1,v2&filter[modelId]=1,2&filter[search]=cp_&filter[label]=b,e';
    const page = await list(
      `/charging_stations?${query}&sort=-chargeBoxIdentity&page[limit]=2&page[offset]=1`,
    );
    expect({ letters: letters(page), pagination: page.meta.pagination }).toEqual({
      letters: ['d', 'b'],
      pagination: { total: 3, offset: 1, limit: 2, lastPage: true },
    });
  });

  it.each([
    ['Mall, left', String.raw`Mall\, left`],
    [String.raw`C:\lot`, String.raw`C:\lot`],
    [String.raw`C:\lot`, String.raw`C:\\lot`],
    [String.raw`a\,b`, String.raw`a\\\,b`],
    [String.raw`ends in \\`, String.raw`ends in \\\\`],
    [',', String.raw`\,`],
  ])('are filtered by %s, written %s, alone and beside others', async (label, written) => {
    const { id } = await aTenant(app.store);
    const itsCall = await aCaller(app, id);
    const station = await aChargingStation(app.store, id, { label });
    for (const other of ['Mall', 'left', 'a', 'b']) await aChargingStation(app.store, id, { label: other });
    const idsAt = async (text: string) =>
      idsOf(await itsCall('GET', link('/charging_stations', { 'filter[label]': text })));
    expect(await idsAt(written)).toEqual([station.id]);
    expect(await idsAt(`nobody,${written},nobody`)).toEqual([station.id]);
  });

  it('are filtered by many texts as by few', async () => {
    const others = Array.from({ length: 90 }, (_, at) => `nobody-${at}`).join();
    const page = '/charging_stations?sort=-chargeBoxIdentity&page[limit]=2&';
    const few = await list(`${page}filter[label]=b,e,ab`);
    const many = await list(`${page}filter[label]=b,${others},e,ab`);
    expect(letters(few)).not.toEqual([]);
    expect({ data: many.data, meta: many.meta }).toEqual({ data: few.data, meta: few.meta });
  });

  it('have a total in the filtered list that is that of all its pages', async () => {
    const walked: string[] = [];
    const totals = new Set<unknown>();
    for (
      let at: string | undefined = '/charging_stations?filter[search]=cp&page[limit]=2';
      at !== undefined;
    ) {
      const page: List = await list(at);
      walked.push(...idsIn(page));
      totals.add(totalOf(page));
      at = page.links.next;
    }
    expect([...totals]).toEqual([walked.length]);
    expect(new Set(walked).size).toBe(walked.length);
  });

  it('are walked by cursor within a filter', async () => {
    const first = await list('/charging_stations?filter[vendor]=v1,v2&page[limit]=2&page[cursor]=start');
    const second = await list(first.links.next ?? '');
    expect([letters(first), letters(second)]).toEqual([['e', 'b'], ['d']]);
    expect(second.links.next).toBeUndefined();
  });

  it('are walked by cursor without a gap or a double while others come and go', async () => {
    const { id } = await aTenant(app.store);
    const walker = await aCaller(app, id);
    const persistent: string[] = [];
    const passing: string[] = [];
    for (let made = 0; made < 12; made += 1) {
      const { id: station } = await aChargingStation(app.store, id);
      (made % 3 === 1 ? passing : persistent).push(station);
    }
    const walked: string[] = [];
    const added: string[] = [];
    for (
      let at: string | undefined = '/charging_stations?page[limit]=3&page[cursor]=start';
      at !== undefined;
    ) {
      const answer = await walker('GET', at);
      const page = answer.json<List>();
      walked.push(...idsIn(page));
      // The last station of the page goes, which the cursor names, and one that is still to come.
      const last = idsIn(page).at(-1) ?? '';
      const going = [...passing.splice(0, 1), ...(added.length === 1 ? [last] : [])];
      for (const station of going)
        expect((await walker('DELETE', `/charging_stations/${station}`)).status).toBe(204);
      if (added.length < 3) added.push((await aChargingStation(app.store, id)).id);
      at = page.links.next;
    }
    expect(new Set(walked).size).toBe(walked.length);
    for (const station of [...persistent, ...added]) expect(walked).toContain(station);
    expect(walked).toEqual(walked.toSorted());
  });

  it('have totals that agree while they are created, moved and deleted', async () => {
    const { id } = await aTenant(app.store);
    const company = await aCompany(app.store, id);
    const asked = await aCaller(app, id);
    const bound = await aCaller(app, id, { company: { companyId: company, withSubordinates: true } });
    const totals = async () => {
      const pages = await Promise.all([
        asked('GET', '/charging_stations?page[limit]=1'),
        asked('GET', '/charging_stations?page[limit]=1&sort=label'),
        asked('GET', `/charging_stations?page[limit]=1&filter[companyUuid]=${company}`),
        bound('GET', '/charging_stations?page[limit]=1'),
        bound('GET', '/charging_stations?page[limit]=1&filter[search]=tation'),
      ]);
      return pages.map((page) => totalOf(page.json<List>()));
    };
    const { id: inside } = await aChargingStation(app.store, id, { companyId: company });
    const { id: outside } = await aChargingStation(app.store, id);
    expect(await totals()).toEqual([2, 2, 1, 1, 1]);
    await asked('PUT', `/charging_stations/${outside}`, { companyUuid: company });
    expect(await totals()).toEqual([2, 2, 2, 2, 2]);
    await asked('PUT', `/charging_stations/${inside}`, { companyUuid: null });
    expect(await totals()).toEqual([2, 2, 1, 1, 1]);
    await asked('DELETE', `/charging_stations/${outside}`);
    expect(await totals()).toEqual([1, 1, 0, 0, 0]);
  });

  it('have totals that agree after many writes at once', async () => {
    const { id } = await aTenant(app.store);
    const places = [await aCompany(app.store, id), await aCompany(app.store, id), null];
    const asked = await aCaller(app, id);
    const made: string[] = [];
    for (let at = 0; at < 12; at += 1) made.push((await aChargingStation(app.store, id)).id);
    const writes = Array.from({ length: 60 }, (_, at) => {
      const [station, companyUuid] = [made[at % 12], places[(at * 7) % 3] ?? null];
      if (at % 10 === 9) return asked('DELETE', `/charging_stations/${station}`);
      if (at % 4 === 1) {
        const creation = {
          label: 'x',
          chargeBoxIdentity: `many-${at}`,
          modelId: null,
          companyUuid,
          timeZone: 'UTC',
        };
        return asked('POST', '/charging_stations', creation);
      }
      return asked('PUT', `/charging_stations/${station}`, { companyUuid });
    });
    const statuses = new Set((await Promise.all(writes)).map(({ status }) => status));
    expect([...statuses].filter((status) => ![200, 201, 204, 404].includes(status))).toEqual([]);
    const { data } = (
      await asked('GET', '/charging_stations?page[limit]=500&page[cursor]=start')
    ).json<List>();
    const whole = (await asked('GET', '/charging_stations')).json<List>();
    expect([whole.data, totalOf(whole)]).toEqual([data, data.length]);
    for (const company of places.filter((place) => place !== null)) {
      const bound = await aCaller(app, id, { company: { companyId: company, withSubordinates: false } });
      const seen = (await bound('GET', '/charging_stations')).json<List>();
      const wanted = data.filter(({ attributes }) => attributes['companyUuid'] === company);
      expect([seen.data, totalOf(seen)]).toEqual([wanted, wanted.length]);
    }
  });
});

/** The list of a station's connectors, under both its paths. */
const below = (letter: string) =>
  ['cp', 'charging_stations'].map((parent) => `/${parent}/${stations[letter]}/connectors`);

describe('connectors', () => {
  it('of one station are listed under both its paths, in the list’s own form', async () => {
    const all = await list('/connectors');
    for (const letter of ['e', 'b', 'f']) {
      const wanted = all.data.filter(({ attributes }) => attributes['cpId'] === stations[letter]);
      expect(wanted).not.toEqual([]);
      for (const at of below(letter).flatMap((path) => [path, `${path}/`])) {
        const answer = await call('GET', at);
        const here = link(at, { 'page[limit]': '50', 'page[offset]': '0' });
        expect({ status: answer.status, body: answer.json() }).toEqual({
          status: 200,
          body: {
            data: wanted,
            meta: { pagination: { total: wanted.length, offset: 0, limit: 50, lastPage: true } },
            links: { current: here, self: here, first: here, last: here },
          },
        });
      }
    }
  });

  it('of a station without any are an empty list', async () => {
    for (const at of below('c')) {
      const page = await list(at);
      expect([page.data, totalOf(page)]).toEqual([[], 0]);
    }
  });

  it('are the same singly under all three paths, and the station itself is none of them', async () => {
    const { data } = await list('/connectors');
    expect(data.map(({ attributes }) => attributes['connectorNumber'])).not.toContain(0);
    for (const resource of data) {
      const station = String(resource.attributes['cpId']);
      for (const at of ['', `/cp/${station}`, `/charging_stations/${station}`].flatMap((parent) => [
        `${parent}/connectors/${resource.id}`,
        `${parent}/connectors/${resource.id}/`,
      ])) {
        const answer = await call('GET', at);
        expect({ status: answer.status, body: answer.json() }).toEqual({
          status: 200,
          body: { data: resource, links: { self: `${app.origin}${base}${at}` } },
        });
      }
    }
    const [itself] = await app.database.look<{ id: string }>('select id from connectors where number = 0');
    expectRefused(await call('GET', `/connectors/${itself?.id}`), { code: 'not_found' });
  });

  it('are sorted, filtered and walked under a station’s path, too', async () => {
    for (const at of below('e')) {
      const sorts = await list(`${at}?sort=-connectorNumber`);
      expect(sorts.data.map(({ attributes }) => attributes['connectorNumber'])).toEqual([2, 1]);
      const filtered = await list(`${at}?filter[status]=Available`);
      expect([filtered.data.length, totalOf(filtered)]).toEqual([1, 1]);
      const elsewhere = await list(`${at}?filter[cpId]=${stations['b']}`);
      expect([elsewhere.data, totalOf(elsewhere)]).toEqual([[], 0]);
      const first = await list(`${at}?page[limit]=1&page[cursor]=start`);
      const second = await list(first.links.next ?? '');
      expect([...idsIn(first), ...idsIn(second)]).toEqual(idsIn(await list(at)));
      expect(second.links.next).toBeUndefined();
    }
  });

  it('under the path of no station, or with one of another station, are 404', async () => {
    const [mine] = idsIn(await list(below('e')[0] ?? ''));
    for (const parent of ['cp', 'charging_stations']) {
      for (const at of [
        `/${parent}/${newId()}/connectors`,
        `/${parent}/x/connectors`,
        `/${parent}/%00/connectors`,
        `/${parent}/${newId()}/connectors/${mine}`,
        `/${parent}/${stations['b']}/connectors/${mine}`,
        `/${parent}/${stations['e']}/connectors/${newId()}`,
        `/${parent}/${stations['e']}/connectors/x`,
      ]) {
        expectRefused(await call('GET', at), { code: 'not_found' });
      }
    }
  });

  it('are found by their ids in upper case, as stations are', async () => {
    const [mine = ''] = idsIn(await list(below('e')[0] ?? ''));
    const station = (stations['e'] ?? '').toUpperCase();
    const answer = await call('GET', `/cp/${station}/connectors/${mine.toUpperCase()}`);
    expect(answer.json()).toMatchObject({ data: { id: mine } });
    expect((await list(`/cp/${station}/connectors`)).data).toHaveLength(2);
  });
});

type Company = 'root' | 'sub' | 'subsub' | 'sibling' | 'empty';
type World = {
  tenant: { id: string };
  companies: Record<Company, string>;
  stations: Record<Company, string>;
  connectors: Record<Company, string>;
};
const all: Company[] = ['root', 'sub', 'subsub', 'sibling', 'empty'];
const bindings: [string, Company | undefined, boolean, Company[]][] = [
  ['no company: the whole tenant', undefined, false, all],
  ['the root alone', 'root', false, ['root']],
  ['the root and its subordinates', 'root', true, ['root', 'sub', 'subsub', 'sibling']],
  ['a subordinate alone', 'sub', false, ['sub']],
  ['a subordinate and its own', 'sub', true, ['sub', 'subsub']],
  ['a leaf and its (no) subordinates', 'subsub', true, ['subsub']],
];

describe('who is', () => {
  const worlds = {} as Record<'a' | 'b', World>;

  beforeAll(async () => {
    for (const name of ['a', 'b'] as const) {
      const tenant = await aTenant(app.store);
      const world: World = {
        tenant,
        companies: {} as World['companies'],
        stations: {} as World['stations'],
        connectors: {} as World['connectors'],
      };
      const parents: Partial<Record<Company, Company>> = { sub: 'root', subsub: 'sub', sibling: 'root' };
      await aChargingStationModel(app.store, tenant.id);
      for (const company of all) {
        const parent = parents[company];
        const companyId = await aCompany(app.store, tenant.id, parent && world.companies[parent]);
        world.companies[company] = companyId;
        const { id } = await aChargingStation(app.store, tenant.id, {
          companyId,
          label: `Station ${company}`,
        });
        world.stations[company] = id;
        world.connectors[company] = await aConnector(app.store, tenant.id, id, 1);
      }
      worlds[name] = world;
    }
  });

  const cases = (['a', 'b'] as const).flatMap((name) =>
    bindings.map(([what, company, withSubordinates, seen]) => ({
      name,
      what,
      company,
      withSubordinates,
      seen,
    })),
  );

  describe.each(cases)('of tenant $name and bound to $what', ({ name, company, withSubordinates, seen }) => {
    let asked: Caller;
    let whole: Caller;

    beforeAll(async () => {
      const { tenant, companies: ids } = worlds[name];
      const bound = company === undefined ? {} : { company: { companyId: ids[company], withSubordinates } };
      asked = await aCaller(app, tenant.id, bound);
      whole = await aCaller(app, tenant.id);
    });

    it.each(['companies', 'connectors', 'stations'] as const)(
      'sees just these %s in the list, by offset, cursor, order, search and filter',
      async (resource) => {
        const type = resource === 'stations' ? 'charging_stations' : resource;
        const wanted = seen.map((one) => worlds[name][resource][one]);
        const queries = [
          'page[limit]=1',
          'page[limit]=1&page[cursor]=start',
          'page[limit]=1&sort=createdAt',
          'page[limit]=2&filter[updatedSince]=2000-01-01',
          ...(resource === 'stations' ? ['page[limit]=1&filter[search]=station'] : []),
          ...(resource === 'companies' ? ['page[limit]=1&filter[search]=company'] : []),
          ...(resource === 'connectors' ? ['page[limit]=1&filter[status]=Available'] : []),
        ];
        for (const query of queries) {
          const walked: string[] = [];
          const totals = new Set<unknown>();
          for (let at: string | undefined = `/${type}?${query}`; at !== undefined;) {
            const answer = await asked('GET', at);
            expect(answer.status).toBe(200);
            const page: List = answer.json<List>();
            walked.push(...idsIn(page));
            totals.add(totalOf(page));
            at = page.links.next;
          }
          const total = query.includes('cursor') ? undefined : wanted.length;
          // Rows that were made in one instant are equals, and then in the order of creation.
          expect({ query, walked, totals: [...totals] }).toEqual({ query, walked: wanted, totals: [total] });
        }
      },
    );

    it('gets each of these singly under every path, and 404 for every other of both tenants', async () => {
      const answered: Record<string, number> = {};
      const wanted: Record<string, number> = {};
      for (const of of ['a', 'b'] as const) {
        for (const one of all) {
          const { companies: company_, connectors: connector, stations: station } = worlds[of];
          for (const [what, at] of [
            ['company', `/companies/${company_[one]}`],
            ['connector', `/connectors/${connector[one]}`],
            ['connector below cp', `/cp/${station[one]}/connectors/${connector[one]}`],
            [
              'connector below its station',
              `/charging_stations/${station[one]}/connectors/${connector[one]}`,
            ],
            ['connectors below cp', `/cp/${station[one]}/connectors`],
            ['connectors below its station', `/charging_stations/${station[one]}/connectors`],
          ]) {
            answered[`${of} ${one} ${what}`] = (await asked('GET', String(at))).status;
            wanted[`${of} ${one} ${what}`] = of === name && seen.includes(one) ? 200 : 404;
          }
        }
      }
      expect(answered).toEqual(wanted);
    });

    it('finds nothing of others by a filter, a cursor or a tag', async () => {
      const other = worlds[name === 'a' ? 'b' : 'a'];
      const unseen = all.filter((one) => !seen.includes(one));
      const ids = [
        ...unseen.map((one) => worlds[name].stations[one]),
        ...all.map((one) => other.stations[one]),
      ];
      const filtered = (await asked('GET', `/connectors?filter[cpId]=${ids.join()}`)).json<List>();
      expect([filtered.data, totalOf(filtered)]).toEqual([[], 0]);
      const theirCompanies = [
        ...unseen.map((one) => worlds[name].companies[one]),
        ...all.map((one) => other.companies[one]),
      ].join();
      const byCompany = (
        await asked('GET', `/charging_stations?filter[companyUuid]=${theirCompanies}`)
      ).json<List>();
      expect([byCompany.data, totalOf(byCompany)]).toEqual([[], 0]);
      // A cursor of one who sees more goes on within what is seen.
      const first = (await whole('GET', '/connectors?page[limit]=1&page[cursor]=start')).json<List>();
      const rest = (
        await asked('GET', `/connectors?page[cursor]=${String(first.meta.pagination['nextCursor'])}`)
      ).json<List>();
      const wanted = seen.filter((one) => one !== 'root').map((one) => worlds[name].connectors[one]);
      expect(idsIn(rest)).toEqual(wanted);
      for (const one of unseen) {
        const at = `/connectors/${worlds[name].connectors[one]}`;
        const { etag } = (await whole('GET', at)).headers;
        for (const tags of [String(etag), '*']) {
          expectRefused(await asked('GET', at, undefined, { 'if-none-match': tags }), { code: 'not_found' });
        }
      }
    });

    it('sees the whole tenant’s models, and no other tenant’s', async () => {
      const page = (await asked('GET', '/charging_station_models')).json<List>();
      expect({ ids: idsIn(page), total: totalOf(page) }).toEqual({ ids: ['1'], total: 1 });
      expect((await asked('GET', '/charging_station_models/1')).status).toBe(200);
      expectRefused(await asked('GET', '/charging_station_models/2'), { code: 'not_found' });
    });
  });
});

describe('a token without the scope to read', () => {
  it.each(kinds.map(({ type }) => type))('reads no %s', async (type) => {
    const other = type === 'companies' ? 'connectors' : 'companies';
    const asked = await aCaller(app, tenantId, { scopes: [`cpoapi:${other}:write`] });
    const [id] = idsIn(await list(`/${type}`));
    for (const at of [
      `/${type}`,
      `/${type}/${id}`,
      ...(type === 'connectors'
        ? [`/cp/${stations['e']}/connectors`, `/cp/${stations['e']}/connectors/${id}`]
        : []),
    ]) {
      expectRefused(await asked('GET', at), {
        code: 'insufficient_scope',
        detail: `This request needs the scope cpoapi:${type}:read.`,
      });
    }
  });
});
