// Who has signed in at the settings API asks the CPO API by the session, as an API client does by its access token.

import { beforeAll, describe, expect, it } from 'vitest';
import { aChargingStation, aCompany, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aSignedIn } from '../settings/signed_in.ts';
import { aClock, testApp } from '../test_app.ts';
import { base, expectRefused } from './caller.ts';
import type { List, Single } from './caller.ts';

const clock = aClock();
const app = testApp({ clock });
const path = `${base}/charging_stations`;

let tenant: { id: string; slug: string };
beforeAll(async () => {
  tenant = await aTenant(app.store);
});

describe('a session at the CPO API', () => {
  it('sees what its user’s company lets see, and no other tenant’s', async () => {
    const company = await aCompany(app.store, tenant.id);
    const sub = await aCompany(app.store, tenant.id, company);
    const ids = [
      (await aChargingStation(app.store, tenant.id, { companyId: company })).id,
      (await aChargingStation(app.store, tenant.id, { companyId: sub })).id,
      (await aChargingStation(app.store, tenant.id)).id,
    ];
    const seenBy = async (options: Parameters<typeof aSignedIn>[2]) => {
      const { call } = await aSignedIn(app, tenant, options);
      const { data, meta } = (await call('GET', path)).json<List>();
      expect(meta.pagination['total']).toBe(data.length);
      return data.map(({ id }) => id);
    };
    const binding = { companyId: company, withSubordinates: false };
    expect(await seenBy({ role: 'viewer' })).toEqual(ids);
    expect(await seenBy({ role: 'viewer', company: binding })).toEqual(ids.slice(0, 1));
    expect(await seenBy({ role: 'viewer', company: { ...binding, withSubordinates: true } })).toEqual(
      ids.slice(0, 2),
    );
    const other = await aSignedIn(app, await aTenant(app.store));
    expect((await other.call('GET', path)).json<List>().data).toEqual([]);
    expectRefused(await other.call('GET', `${path}/${ids[0]}`), { code: 'not_found' });
  });

  it('writes what its role allows', async () => {
    const { id } = await aChargingStation(app.store, tenant.id);
    const change = async (role: 'operator' | 'viewer') =>
      (await aSignedIn(app, tenant, { role })).call('PATCH', `${path}/${id}`, { label: role });
    expect((await change('operator')).json<Single>().data.attributes['label']).toBe('operator');
    const refusal = await change('viewer');
    expectRefused(refusal, { code: 'insufficient_scope' });
    // It presented no access token that another one could replace.
    expect(refusal.headers).not.toHaveProperty('www-authenticate');
  });

  it('is told of its user what an API client is told of itself', async () => {
    const companyId = await aCompany(app.store, tenant.id);
    const company = { companyId, withSubordinates: false };
    const { call } = await aSignedIn(app, tenant, { role: 'admin', company });
    const sent = { name: 'Company' };
    expectRefused(await call('POST', `${base}/companies`, sent), {
      code: 'invalid_value',
      detail: 'A user that sees one company alone cannot add another.',
      source: { pointer: '/parentUuid' },
    });
    expectRefused(await call('POST', `${base}/locations`, { ...sent, companyUuid: null }), {
      code: 'invalid_value',
      detail: 'A user bound to a company must name a company.',
      source: { pointer: '/companyUuid' },
    });
    expectRefused(await call('DELETE', `${base}/companies/${companyId}`), {
      code: 'conflict',
      detail: 'A user bound to a company cannot delete it.',
    });
    const model = { vendor: 'Vendor', name: 'Wallbox', connectors: [] };
    expectRefused(await call('POST', `${base}/charging_station_models`, model), {
      code: 'bound_to_company',
      detail: 'Models belong to the whole tenant. A user bound to a company reads them only.',
    });
  });

  it('remembers its creations by its user’s own Idempotency-Keys', async () => {
    const one = await aSignedIn(app, tenant);
    const two = await aSignedIn(app, tenant);
    const create = ({ call }: typeof one) =>
      call('POST', `${base}/companies`, { name: 'Company' }, { 'idempotency-key': 'same' });
    const [first, again, others] = [await create(one), await create(one), await create(two)];
    expect(again.text).toBe(first.text);
    expect(others.json<Single>().data.id).not.toBe(first.json<Single>().data.id);
  });

  it('is refused a change that comes from another site', async () => {
    const { id } = await aChargingStation(app.store, tenant.id);
    const { call } = await aSignedIn(app, tenant);
    const change = (site: string) =>
      call('PATCH', `${path}/${id}`, { label: site }, { 'sec-fetch-site': site });
    expect((await change('same-origin')).status).toBe(200);
    expectRefused(await change('cross-site'), {
      code: 'cross_site_request',
      source: { header: 'Sec-Fetch-Site' },
    });
    expect((await call('GET', path, undefined, { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  });

  it('counts for nothing beside an access token, and an API client needs no origin', async () => {
    const { cookie } = await aSignedIn(app, await aTenant(app.store));
    const { id } = await aChargingStation(app.store, tenant.id, { label: 'Mine' });
    const authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
    const headers = {
      cookie,
      authorization,
      'sec-fetch-site': 'cross-site',
      'content-type': 'application/json',
    };
    const answer = await app.ask(`${path}/${id}`, { method: 'PATCH', headers, body: '{"label":"Ours"}' });
    expect(answer.json<Single>().data.attributes['label']).toBe('Ours');
    expectRefused(await app.ask(path, { headers: { cookie, authorization: 'nonsense' } }), {
      code: 'invalid_token',
      source: { header: 'Authorization' },
    });
  });

  it('needs no licence, which is for API clients', async () => {
    const unlicensed = await aTenant(app.store);
    await app.store.tenants.updateLicence(unlicensed.id, false, new Date());
    const { call } = await aSignedIn(app, unlicensed);
    expect((await call('GET', path)).status).toBe(200);
  });

  it('that has ended is 401, as is a request without either', async () => {
    const { call } = await aSignedIn(app, tenant);
    await call('DELETE', '/session');
    expectRefused(await call('GET', path), { code: 'not_signed_in' });
    expectRefused(await app.ask(path), { code: 'missing_token', source: { header: 'Authorization' } });
  });
});

describe('an access token at the settings API', () => {
  it('opens nothing, whatever its scopes', async () => {
    const authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
    for (const at of ['session', 'users', 'api_clients', 'tenant']) {
      const answer = await app.ask(`/api/settings/v1/${at}`, { headers: { authorization } });
      expectRefused(answer, { code: 'not_signed_in' });
    }
  });
});
