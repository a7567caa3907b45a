// technicians: the documented list, and the technician of a charging station.

import { beforeAll, describe, expect, it } from 'vitest';
import { TechnicianPage } from '@chargeyard/contract/resources/technicians';
import { Check } from 'typebox/value';
import type { CompanyVisibility } from '../../src/domain/index.ts';
import { aChargingStation, aChargingStationModel, aCompany, aTenant, aUser } from '../builders.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { aCaller, expectFaultsAt, expectRefused } from './caller.ts';
import type { Caller, List, Single } from './caller.ts';

const app = testApp();
const listUrl = () => `${app.origin}/api/cpoapi/v1/technicians`;

type Page = {
  data: { id: number; name: string }[];
  meta: { pagination: Record<string, unknown> };
  links: Record<string, string>;
};
const namesIn = (answer: Answer) => {
  expect(Check(TechnicianPage, answer.json())).toBe(true);
  return answer.json<Page>().data.map(({ name }) => name);
};

const aTechnician = (tenantId: string, name: string, more: Parameters<typeof aUser>[2] = {}) => {
  const [firstName = '', lastName = ''] = name.split(' ');
  return aUser(app.store, tenantId, { firstName, lastName, role: 'viewer', isTechnician: true, ...more });
};

const invalid = (parameter: string) => ({ code: 'invalid_parameter', source: { parameter } }) as const;

describe('the list of technicians', () => {
  it('answers the documented sample', async () => {
    const { id } = await aTenant(app.store);
    const jane = await aTechnician(id, 'Jane Smith', { email: 'jane.smith@example.com' });
    const john = await aTechnician(id, 'John Doe', { email: 'john.doe@example.com' });
    const call = await aCaller(app, id);
    const answer = await call('GET', '/technicians/?limit=50&offset=0');
    expect({ status: answer.status, text: answer.text }).toEqual({
      status: 200,
      text: JSON.stringify({
        data: [
          { id: jane.id, uuid: jane.uuid, name: 'Jane Smith', email: 'jane.smith@example.com' },
          { id: john.id, uuid: john.uuid, name: 'John Doe', email: 'john.doe@example.com' },
        ],
        meta: { pagination: { total: 2, limit: 50, offset: 0, lastPage: true } },
        links: { current: listUrl() },
      }),
    });
    const again = await call('GET', '/technicians/?limit=50&offset=0', undefined, {
      'if-none-match': answer.headers.etag ?? '',
    });
    expect(again).toMatchObject({ status: 304, text: '' });
  });

  it('is of active technicians only, by first name, then last name, whatever their case', async () => {
    const { id } = await aTenant(app.store);
    for (const name of ['bea Young', 'Bea adams', 'anna Zeller', 'Carl Adams']) await aTechnician(id, name);
    await aTechnician(id, 'Inactive One', { isActive: false });
    await aUser(app.store, id, { firstName: 'No', lastName: 'Technician' });
    await aTechnician((await aTenant(app.store)).id, 'Another Tenants');
    const call = await aCaller(app, id);
    expect(namesIn(await call('GET', '/technicians'))).toEqual([
      'anna Zeller',
      'Bea adams',
      'bea Young',
      'Carl Adams',
    ]);
  });

  it('has pages, by either name of the parameters', async () => {
    const { id } = await aTenant(app.store);
    for (const name of ['A A', 'B B', 'C C']) await aTechnician(id, name);
    const call = await aCaller(app, id);
    for (const query of ['limit=1&offset=1', 'page[limit]=1&page[offset]=1', 'page%5Blimit%5D=1&offset=1']) {
      const answer = await call('GET', `/technicians?${query}`);
      expect(namesIn(answer)).toEqual(['B B']);
      const { meta, links } = answer.json<Page>();
      expect({ meta, links }).toEqual({
        meta: { pagination: { total: 3, limit: 1, offset: 1, lastPage: false } },
        links: {
          current: `${listUrl()}?limit=1&offset=1`,
          next: `${listUrl()}?limit=1&offset=2`,
          prev: `${listUrl()}?limit=1&offset=0`,
        },
      });
      expect(namesIn(await call('GET', links['next'] ?? ''))).toEqual(['C C']);
    }
    const largest = await call('GET', '/technicians?limit=501');
    expect(largest.json<Page>()).toMatchObject({
      meta: { pagination: { total: 3, limit: 500, offset: 0, lastPage: true } },
      links: { current: `${listUrl()}?limit=500&offset=0` },
    });
  });

  it('refuses what it does not know', async () => {
    const call = await aCaller(app, (await aTenant(app.store)).id);
    expectRefused(await call('GET', '/technicians?limit=0&offset=-1'), invalid('limit'), invalid('offset'));
    expectRefused(await call('GET', '/technicians?limit=5&page[limit]=5'), invalid('page[limit]'));
    expectRefused(await call('GET', '/technicians?sort=name'), {
      code: 'unknown_parameter',
      source: { parameter: 'sort' },
    });
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expectRefused(await call(method, '/technicians'), { code: 'method_not_allowed' });
    }
    const lesser = await aCaller(app, (await aTenant(app.store)).id, { scopes: ['cpoapi:companies:read'] });
    expectRefused(await lesser('GET', '/technicians'), { code: 'insufficient_scope' });
  });
});

describe('API clients and technicians of companies', () => {
  let tenantId: string;
  const company = {} as Record<'root' | 'sub' | 'sibling', string>;
  beforeAll(async () => {
    tenantId = (await aTenant(app.store)).id;
    company.root = await aCompany(app.store, tenantId);
    company.sub = await aCompany(app.store, tenantId, company.root);
    company.sibling = await aCompany(app.store, tenantId);
    await aTechnician(tenantId, 'Whole Tenant');
    for (const [name, companyId] of Object.entries(company)) {
      await aTechnician(tenantId, `${name} Company`, { company: { companyId, withSubordinates: true } });
    }
  });

  const bindings: [string, () => { company?: CompanyVisibility }, string[]][] = [
    ['unbound', () => ({}), ['root', 'sibling', 'sub', 'Whole']],
    ['a company alone', () => ({ company: { companyId: company.root, withSubordinates: false } }), ['root']],
    [
      'a company with its subordinates',
      () => ({ company: { companyId: company.root, withSubordinates: true } }),
      ['root', 'sub'],
    ],
  ];
  it.each(bindings)('%s: sees those of its companies, and counts no other', async (_what, options, seen) => {
    const answer = await (await aCaller(app, tenantId, options()))('GET', '/technicians');
    expect(namesIn(answer).map((name) => name.split(' ')[0])).toEqual(seen);
    expect(answer.json<Page>().meta.pagination['total']).toBe(seen.length);
  });
});

describe('the technician of a charging station', () => {
  let tenantId: string;
  let call: Caller;
  let technician: number;
  beforeAll(async () => {
    tenantId = (await aTenant(app.store)).id;
    call = await aCaller(app, tenantId);
    technician = (await aTechnician(tenantId, 'Tech Nician')).id;
  });

  it('is set at creation, changed, taken away, and filtered by', async () => {
    const station = {
      label: 'Station A',
      chargeBoxIdentity: 'ABC123',
      modelId: await aChargingStationModel(app.store, tenantId),
      companyUuid: await aCompany(app.store, tenantId),
      timeZone: 'Europe/Berlin',
      technicianUserId: technician,
    };
    const created = await call('POST', '/charging_stations/', station);
    const { id, attributes } = created.json<Single>().data;
    expect([created.status, attributes['technicianUserId']]).toEqual([201, technician]);
    const other = await aTechnician(tenantId, 'Another Nician');
    const filtered = async (of: number) => {
      const answer = await call('GET', `/charging_stations?filter[technicianUserId]=${of}`);
      return answer.json<List>().data.map((found) => found.id);
    };
    expect([await filtered(technician), await filtered(other.id)]).toEqual([[id], []]);
    const set = async (technicianUserId: number | null) => {
      const answer = await call('PATCH', `/charging_stations/${id}`, { technicianUserId });
      return answer.json<Single>().data.attributes['technicianUserId'];
    };
    expect(await set(other.id)).toBe(other.id);
    expect(await set(null)).toBe(null);
  });

  it('must be an active technician whom the API client sees; told with the company', async () => {
    const company = await aCompany(app.store, tenantId);
    const { id } = await aChargingStation(app.store, tenantId, { companyId: company });
    const change = (caller: Caller, technicianUserId: number, more: object = {}) =>
      caller('PATCH', `/charging_stations/${id}`, { technicianUserId, ...more });
    const inactive = await aTechnician(tenantId, 'In Active', { isActive: false });
    const none = await aUser(app.store, tenantId);
    for (const wrong of [inactive.id, none.id, 2_147_483_647]) {
      expectFaultsAt(await change(call, wrong), ['/technicianUserId']);
    }
    for (const wrong of [0, 1.5, 2_147_483_648])
      expectFaultsAt(await change(call, wrong), ['/technicianUserId']);
    const companyUuid = '01a21033-a00e-775b-9a7d-08bda82763c0';
    expectFaultsAt(await change(call, none.id, { companyUuid }), ['/companyUuid', '/technicianUserId']);
    const bound = await aCaller(app, tenantId, { company: { companyId: company, withSubordinates: true } });
    expectFaultsAt(await change(bound, technician), ['/technicianUserId']);
    expect((await change(call, technician)).status).toBe(200);
  });

  it('may be sent back as it was read, though it is no technician any more or cannot be seen', async () => {
    const company = await aCompany(app.store, tenantId);
    const leaving = await aTechnician(tenantId, 'Soon Leaving');
    const { id } = await aChargingStation(app.store, tenantId, { companyId: company });
    const at = `/charging_stations/${id}`;
    await call('PATCH', at, { technicianUserId: leaving.id });
    const bound = await aCaller(app, tenantId, { company: { companyId: company, withSubordinates: true } });
    const { attributes } = (await bound('GET', at)).json<Single>().data;
    expect((await bound('PUT', at, { technicianUserId: attributes['technicianUserId'] })).status).toBe(200);
  });
});
