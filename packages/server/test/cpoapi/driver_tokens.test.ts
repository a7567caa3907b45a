import { attributesSchema } from '@chargeyard/contract/resource';
import { driverTokens as declaration } from '@chargeyard/contract/resources/driver_tokens';
import { Check } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aCompany, aDriverToken, aTenant } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import { aCaller, expectFaultsAt, expectRefused, idsOf } from './caller.ts';
import type { Caller, List, Single } from './caller.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const app = testApp({ clock: aClock(start) });
const list = '/driver_tokens';

type Place = { tenantId: string; companyUuid: string; ask: Caller };

async function aPlace(): Promise<Place> {
  const { id: tenantId } = await aTenant(app.store);
  const companyUuid = await aCompany(app.store, tenantId);
  return { tenantId, companyUuid, ask: await aCaller(app, tenantId) };
}

async function created({ ask, companyUuid }: Place, body: object) {
  const answer = await ask('POST', list, { companyUuid, ...body });
  expect(answer.status, answer.text).toBe(201);
  return answer.json<Single>().data;
}

const taken = (pointer = '/value') =>
  ({
    code: 'conflict',
    detail: 'There is a driver token with this value already.',
    source: { pointer },
  }) as const;

describe('a driver token', () => {
  it('is made with a value and a company alone, and read as it was made', async () => {
    const { ask, companyUuid } = await aPlace();
    const answer = await ask('POST', `${list}/`, { value: '04A2B3C4D5E6F7', companyUuid });
    const { data } = answer.json<Single>();
    const self = `${app.origin}/api/cpoapi/v1${list}/${data.id}`;
    const attributes = {
      value: '04A2B3C4D5E6F7',
      tokenType: null,
      label: null,
      companyUuid,
      isBlocked: false,
      expiresAt: null,
      parentValue: null,
      allowsConcurrentTransactions: false,
      createdAt: start.toISOString(),
      updatedAt: start.toISOString(),
    };
    expect({ status: answer.status, location: answer.headers['location'], body: answer.json() }).toEqual({
      status: 201,
      location: self,
      body: { data: { type: 'driver_tokens', id: data.id, attributes }, links: { self } },
    });
    expect(Object.keys(data.attributes)).toEqual(Object.keys(declaration.attributes));
    expect(Check(attributesSchema(declaration), data.attributes)).toBe(true);
    expect((await ask('GET', self)).text).toBe(answer.text);
  });

  it('takes every attribute, in changes that leave the others as they are', async () => {
    const place = await aPlace();
    const { id, attributes } = await created(place, { value: 'a' });
    let wanted = attributes;
    for (const change of [
      { value: 'B' },
      { tokenType: 'eMAID' },
      { label: 'Service card 1' },
      { companyUuid: await aCompany(app.store, place.tenantId) },
      { companyUuid: null },
      { isBlocked: true },
      { expiresAt: '2027-01-01T00:00:00.000Z' },
      { parentValue: 'Group 1' },
      { allowsConcurrentTransactions: true },
      { tokenType: null, label: null, expiresAt: null, parentValue: null },
    ]) {
      wanted = { ...wanted, ...change, updatedAt: expect.any(String) as unknown };
      const answer = await place.ask('PATCH', `${list}/${id}`, change);
      expect({ status: answer.status, data: answer.json<Single>().data }).toEqual({
        status: 200,
        data: { type: 'driver_tokens', id, attributes: wanted },
      });
    }
  });

  it('shows when it expires in UTC', async () => {
    const { attributes } = await created(await aPlace(), {
      value: 'a',
      expiresAt: '2027-01-01T01:00:00+01:00',
    });
    expect(attributes['expiresAt']).toBe('2027-01-01T00:00:00.000Z');
  });

  it('is taken away by DELETE, and its value is free again', async () => {
    const place = await aPlace();
    const { id } = await created(place, { value: 'a' });
    expect((await place.ask('DELETE', `${list}/${id}`)).status).toBe(204);
    expectRefused(await place.ask('GET', `${list}/${id}`), {
      code: 'not_found',
      detail: 'There is no such driver token.',
    });
    await created(place, { value: 'A' });
  });

  it('of a version that is gone is neither changed nor deleted', async () => {
    const place = await aPlace();
    const { id } = await created(place, { value: 'a' });
    const path = `${list}/${id}`;
    const headers = { 'if-match': String((await place.ask('GET', path)).headers['etag']) };
    const changes = await Promise.all(['x', 'y'].map((label) => place.ask('PUT', path, { label }, headers)));
    expect(changes.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect((await place.ask('DELETE', path, undefined, headers)).status).toBe(412);
  });
});

describe('a value', () => {
  it.each(['0', '04A2B3', 'DE-8AA-1A2B3C4D5-6', 'a b', '~!"#', 'x'.repeat(255)])(
    'may be %s',
    async (value) => {
      expect((await created(await aPlace(), { value })).attributes['value']).toBe(value);
    },
  );

  it.each(['', ' ', ' a', 'a ', 'ä', 'a\tb', 'a\n', 'x'.repeat(256), 1, null])(
    'may not be %j',
    async (value) => {
      const { ask, companyUuid } = await aPlace();
      const body = { companyUuid, value, parentValue: value === null ? undefined : value };
      expectFaultsAt(await ask('POST', list, body), value === null ? ['/value'] : ['/value', '/parentValue']);
    },
  );

  it('is unique per tenant, without regard to case', async () => {
    const place = await aPlace();
    const { id } = await created(place, { value: 'AbC' });
    const other = await created(place, { value: 'abd' });
    const { companyUuid } = place;
    expectRefused(await place.ask('POST', list, { value: 'aBc', companyUuid }), taken());
    const document = { data: { type: 'driver_tokens', attributes: { value: 'ABC' } } };
    expectRefused(await place.ask('PUT', `${list}/${other.id}`, document), taken('/data/attributes/value'));
    expect((await place.ask('PUT', `${list}/${id}`, { value: 'aBC' })).status).toBe(200);
    await created(await aPlace(), { value: 'abc' });
  });

  it('that two ask for at the same time is one’s alone', async () => {
    const { ask, companyUuid } = await aPlace();
    const answers = await Promise.all(
      ['abc', 'ABC', 'Abc'].map((value) => ask('POST', list, { value, companyUuid })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
  });
});

describe('a creation', () => {
  it('names all that is missing or wrong', async () => {
    const { ask } = await aPlace();
    expectFaultsAt(await ask('POST', list, {}), ['/value', '/companyUuid']);
    const wrong = {
      value: 'a',
      companyUuid: 'x',
      tokenType: 'RFID',
      label: 'x'.repeat(201),
      isBlocked: 'no',
      expiresAt: '2027-01-01',
      allowsConcurrentTransactions: null,
    };
    const pointers = Object.keys(wrong).filter((name) => name !== 'value');
    expectFaultsAt(
      await ask('POST', list, wrong),
      pointers.map((name) => `/${name}`),
    );
  });

  it('with an Idempotency-Key happens once', async () => {
    const { ask, companyUuid } = await aPlace();
    const headers = { 'idempotency-key': 'once' };
    const first = await ask('POST', list, { value: 'a', companyUuid }, headers);
    const second = await ask('POST', list, { value: 'a', companyUuid }, headers);
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
  });
});

describe('the list', () => {
  let place: Place;
  let otherCompany: string;
  const names = new Map<string, string>();

  beforeAll(async () => {
    place = await aPlace();
    otherCompany = await aCompany(app.store, place.tenantId);
    for (const [name, body] of Object.entries({
      card: { value: '04A2B3', tokenType: 'ISO14443', label: 'Card of the depot' },
      blocked: { value: 'KEY_1', tokenType: 'KeyCode', isBlocked: true, expiresAt: '2027-01-01T00:00:00Z' },
      app: { value: 'app-7', companyUuid: otherCompany, label: 'An app' },
    })) {
      names.set((await created(place, body)).id, name);
    }
  });

  it.each<[string, () => string, string[]]>([
    ['everything, as it was made', () => '', ['card', 'blocked', 'app']],
    ['a value, without regard to case', () => 'filter[value]=04a2b3,APP-7', ['card', 'app']],
    [
      'one of many values, without regard to case',
      () => `filter[value]=${Array.from({ length: 20 }, (_, at) => `none-${at}`).join()},04a2b3,APP-7`,
      ['card', 'app'],
    ],
    ['no part of a value', () => 'filter[value]=04A2', []],
    ['a company', () => `filter[companyUuid]=${otherCompany}`, ['app']],
    ['what is blocked', () => 'filter[isBlocked]=true', ['blocked']],
    ['what is not', () => 'filter[isBlocked]=false', ['card', 'app']],
    ['types', () => 'filter[tokenType]=ISO14443,KeyCode', ['card', 'blocked']],
    ['changed since', () => 'filter[updatedSince]=2026-11-25T12:00:01Z', []],
    ['search in values', () => 'filter[search]=key_', ['blocked']],
    ['search in labels', () => 'filter[search]=DEPOT', ['card']],
    ['by label, the unknown last', () => 'sort=label', ['app', 'card', 'blocked']],
    ['by expiry', () => 'sort=expiresAt', ['blocked', 'card', 'app']],
    ['by value', () => 'sort=-value', ['app', 'blocked', 'card']],
    ['by cursor', () => 'page[cursor]=start&filter[isBlocked]=false', ['card', 'app']],
  ])('%s', async (_, query, wanted) => {
    const answer = await place.ask('GET', `${list}?${query()}`);
    expect(idsOf(answer).map((id) => names.get(id))).toEqual(wanted);
  });

  it.each([
    ['filter[tokenType]', 'RFID'],
    ['filter[isBlocked]', 'yes'],
    ['filter[companyUuid]', '1'],
    ['sort', 'parentValue'],
  ])('refuses %s=%s', async (parameter, value) => {
    expectRefused(await place.ask('GET', `${list}?${parameter}=${value}`), {
      code: 'invalid_parameter',
      source: { parameter },
    });
  });
});

describe('who sees and does what', () => {
  let tenantId: string;
  const companies: Record<string, string> = {};
  const made: Record<string, string> = {};
  let foreign: { companyId: string; id: string };

  beforeAll(async () => {
    ({ id: tenantId } = await aTenant(app.store));
    companies['root'] = await aCompany(app.store, tenantId);
    companies['sub'] = await aCompany(app.store, tenantId, companies['root']);
    companies['sibling'] = await aCompany(app.store, tenantId, companies['root']);
    companies['other'] = await aCompany(app.store, tenantId);
    for (const name of ['root', 'sub', 'sibling', 'other', 'unassigned']) {
      const companyId = companies[name];
      made[name] = await aDriverToken(app.store, tenantId, {
        value: name,
        ...(companyId === undefined ? {} : { companyId }),
      });
    }
    const { id } = await aTenant(app.store);
    const companyId = await aCompany(app.store, id);
    foreign = { companyId, id: await aDriverToken(app.store, id, { companyId, value: 'root' }) };
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
    expect(idsOf(await ask('GET', `${list}?page[cursor]=start`))).toEqual(wanted);
    for (const id of wanted) expect((await ask('GET', `${list}/${id}`)).status).toBe(200);
    const hidden = Object.entries(made).filter(([name]) => !seen.includes(name));
    for (const id of [...hidden.map(([, each]) => each), foreign.id]) {
      const path = `${list}/${id}`;
      expectRefused(await ask('GET', path), { code: 'not_found' });
      expectRefused(await ask('PUT', path, { label: 'mine' }), { code: 'not_found' });
      expectRefused(await ask('PATCH', path, { label: 'mine' }), { code: 'not_found' });
      expectRefused(await ask('DELETE', path), { code: 'not_found' });
    }
    const unseen = Object.keys(companies).filter((name) => !seen.includes(name));
    for (const companyUuid of [...unseen.map((name) => companies[name]), foreign.companyId, newId()]) {
      expectFaultsAt(await ask('POST', list, { value: 'new', companyUuid }), ['/companyUuid']);
      expectFaultsAt(await ask('PUT', `${list}/${wanted[0]}`, { companyUuid }), ['/companyUuid']);
    }
    if (companyId !== undefined) {
      expectFaultsAt(await ask('POST', list, { value: 'new', companyUuid: null }), ['/companyUuid']);
    }
  });

  it('a company with driver tokens cannot be deleted', async () => {
    const place = await aPlace();
    const { id } = await created(place, { value: 'a' });
    expectRefused(await place.ask('DELETE', `/companies/${place.companyUuid}`), {
      code: 'conflict',
      detail: 'There are driver tokens that belong to this company.',
    });
    expect((await place.ask('DELETE', `${list}/${id}`)).status).toBe(204);
    expect((await place.ask('DELETE', `/companies/${place.companyUuid}`)).status).toBe(204);
  });

  it.each<[string, number, number]>([
    ['cpoapi:driver_tokens:read', 200, 403],
    ['cpoapi:driver_tokens:write', 200, 201],
    ['cpoapi:*', 200, 201],
    ['cpoapi:companies:write', 403, 403],
  ])('with the scope %s: %d, %d', async (scope, read, write) => {
    const { tenantId: id, companyUuid } = await aPlace();
    const ask = await aCaller(app, id, { scopes: [scope] });
    expect((await ask('GET', list)).status).toBe(read);
    expect((await ask('POST', list, { value: 'a', companyUuid })).status).toBe(write);
  });
});
