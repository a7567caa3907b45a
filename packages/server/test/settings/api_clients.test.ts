// api_clients: made, changed and deleted by administrators; the secret is shown once, and what it opens ends at once.

import { beforeAll, describe, expect, it } from 'vitest';
import { aCompany, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { base, expectFaultsAt, expectRefused } from '../cpoapi/caller.ts';
import type { Caller, Single } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';
import { aSignedIn } from './signed_in.ts';

const clock = aClock();
const app = testApp({ clock });

let tenant: { id: string; slug: string };
let owner: Caller;
beforeAll(async () => {
  tenant = await aTenant(app.store);
  owner = (await aSignedIn(app, tenant)).call;
});

type Created = Single & { meta?: { clientSecret: string } };
const stations = (authorization: string) =>
  app.ask(`${base}/charging_stations`, { headers: { authorization } });
const credentialsOf = ({ data, meta }: Created) => ({
  clientId: data.id,
  clientSecret: meta?.clientSecret ?? '',
});

describe('an API client', () => {
  it('is made with a secret that is shown once, and gets access tokens for it', async () => {
    const answer = await owner('POST', '/api_clients', { name: 'Billing' });
    const created = answer.json<Created>();
    const self = `${app.origin}/api/settings/v1/api_clients/${created.data.id}`;
    expect({ status: answer.status, headers: answer.headers, body: created }).toMatchObject({
      status: 201,
      headers: { location: self, 'cache-control': 'no-store' },
    });
    expect(created).toEqual({
      data: {
        type: 'api_clients',
        id: expect.stringMatching(/^[0-9a-f]{26}$/),
        attributes: {
          name: 'Billing',
          scopes: ['cpoapi:*'],
          companyUuid: null,
          visibility: null,
          createdAt: '2026-11-25T12:00:00.000Z',
          updatedAt: '2026-11-25T12:00:00.000Z',
        },
      },
      meta: { clientSecret: expect.stringMatching(/^[0-9a-f]{64}$/) },
      links: { self },
    });
    expect((await stations(await anAccessToken(app.origin, credentialsOf(created)))).status).toBe(200);
    const read = await owner('GET', `/api_clients/${created.data.id}`);
    expect(read.json()).toEqual({ data: created.data, links: { self } });
    const { clientSecret } = credentialsOf(created);
    const list = await owner('GET', '/api_clients');
    expect(list.text).not.toMatch(/sha256|[sS]ecret/);
    expect(list.text).toContain(created.data.id);
    expect(app.logged.join('\n')).not.toContain(clientSecret);
    expect(JSON.stringify(await app.database.look('select * from api_clients'))).not.toContain(clientSecret);
  });

  it('is made once for an Idempotency-Key, whose second answer has no secret, and nothing keeps it', async () => {
    const create = ['POST', '/api_clients', { name: 'Once' }, { 'idempotency-key': 'once' }] as const;
    const created = (await owner(...create)).json<Created>();
    const again = await owner(...create);
    expect({ status: again.status, body: again.json() }).toEqual({
      status: 201,
      body: { data: created.data, links: created.links },
    });
    const kept = JSON.stringify(await app.database.look('select * from idempotent_requests'));
    expect(kept).not.toContain(credentialsOf(created).clientSecret);
  });

  it('has its scopes changed, which its tokens feel at once', async () => {
    const scopes = ['cpoapi:charging_stations:read'];
    const created = (await owner('POST', '/api_clients', { name: 'Reader', scopes })).json<Created>();
    const token = await anAccessToken(app.origin, credentialsOf(created));
    expect((await stations(token)).status).toBe(200);
    const changed = await owner('PATCH', `/api_clients/${created.data.id}`, {
      scopes: ['cpoapi:companies:write'],
    });
    expect(changed.json()).toMatchObject({
      data: { attributes: { name: 'Reader', scopes: ['cpoapi:companies:write'] } },
    });
    clock.moveBy(1_000);
    expectRefused(await stations(token), { code: 'insufficient_scope' });
  });

  it('gets another secret; the old one stops working, and what was fetched with it', async () => {
    const old = await anApiClient(app.store, tenant.id);
    const itsToken = await anAccessToken(app.origin, old);
    expect((await stations(itsToken)).status).toBe(200);
    const answer = await owner('POST', `/api_clients/${old.clientId}/rotate_secret`);
    const rotated = answer.json<Created>();
    expect({ status: answer.status, kept: answer.headers['cache-control'], body: rotated }).toEqual({
      status: 200,
      kept: 'no-store',
      body: {
        data: (await owner('GET', `/api_clients/${old.clientId}`)).json<Single>().data,
        meta: { clientSecret: expect.stringMatching(/^[0-9a-f]{64}$/) },
        links: { self: `${app.origin}/api/settings/v1/api_clients/${old.clientId}` },
      },
    });
    await expect(anAccessToken(app.origin, old)).rejects.toThrow('invalid_client');
    expect((await stations(await anAccessToken(app.origin, credentialsOf(rotated)))).status).toBe(200);
    clock.moveBy(1_000);
    expectRefused(await stations(itsToken), {
      code: 'invalid_token',
      detail: 'The API client has another secret than this access token was fetched with.',
      source: { header: 'Authorization' },
    });
  });

  it('gets another secret only as the version that If-Match names', async () => {
    const client = await anApiClient(app.store, tenant.id);
    const at = `/api_clients/${client.clientId}`;
    const read = await owner('GET', at);
    const rotate = (tag: string) => owner('POST', `${at}/rotate_secret`, undefined, { 'if-match': tag });
    await owner('PATCH', at, { name: 'Changed' });
    expectRefused(await rotate(read.headers.etag ?? ''), {
      code: 'precondition_failed',
      source: { header: 'If-Match' },
    });
    expect((await anAccessToken(app.origin, client)).length).toBeGreaterThan(0);
    const tag = (await owner('GET', at)).headers.etag ?? '';
    const answers = await Promise.all([rotate(tag), rotate(tag)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect((await rotate('*')).status).toBe(200);
  });

  it('ends with all its access at once when it is deleted', async () => {
    const client = await anApiClient(app.store, tenant.id);
    const token = await anAccessToken(app.origin, client);
    expect((await stations(token)).status).toBe(200);
    expect((await owner('DELETE', `/api_clients/${client.clientId}`)).status).toBe(204);
    clock.moveBy(1_000);
    expect((await stations(token)).status).toBe(401);
    expectRefused(await owner('GET', `/api_clients/${client.clientId}`), { code: 'not_found' });
  });

  it('is refused with all that is wrong at once', async () => {
    expectFaultsAt(await owner('POST', '/api_clients', { scopes: [] }), ['/name', '/scopes']);
    expectFaultsAt(await owner('POST', '/api_clients', { name: 'A', scopes: ['cpoapi:everything'] }), [
      '/scopes/0',
    ]);
    expectFaultsAt(await owner('POST', '/api_clients', { name: 'A', scopes: ['settings:users:write'] }), [
      '/scopes/0',
    ]);
    // Nothing would be allowed by it: technicians are written as users.
    const scopes = ['cpoapi:technicians:read', 'cpoapi:technicians:write'];
    expectFaultsAt(await owner('POST', '/api_clients', { name: 'A', scopes }), ['/scopes/1']);
    const companyUuid = '01a21033-a00e-775b-9a7d-08bda82763c0';
    expectFaultsAt(await owner('POST', '/api_clients', { name: 'A', companyUuid }), ['/companyUuid']);
  });

  it('is of one tenant: 404 to another’s owner', async () => {
    const { call } = await aSignedIn(app, await aTenant(app.store));
    const { clientId } = await anApiClient(app.store, tenant.id);
    for (const [method, at, body] of [
      ['GET', '', undefined],
      ['PATCH', '', {}],
      ['DELETE', '', undefined],
      ['POST', '/rotate_secret', undefined],
    ] as const) {
      expectRefused(await call(method, `/api_clients/${clientId}${at}`, body), { code: 'not_found' });
    }
    expect((await call('GET', '/api_clients')).json()).toMatchObject({
      data: [],
      meta: { pagination: { total: 0 } },
    });
  });

  it.each(['x%00', 'UPPER', '..', 'a'.repeat(200), '%25'])(
    'is not there under an id such as %s',
    async (id) => {
      for (const [method, at] of [
        ['GET', ''],
        ['DELETE', ''],
        ['POST', '/rotate_secret'],
      ] as const) {
        expectRefused(await owner(method, `/api_clients/${id}${at}`), { code: 'not_found' });
      }
    },
  );
});

describe('an administrator who is bound to a company', () => {
  it('changes, rotates and deletes what is bound to a subordinate', async () => {
    const company = await aCompany(app.store, tenant.id);
    const companyUuid = await aCompany(app.store, tenant.id, company);
    const { call } = await aSignedIn(app, tenant, {
      role: 'admin',
      company: { companyId: company, withSubordinates: true },
    });
    const { data } = (await call('POST', '/api_clients', { name: 'B', companyUuid })).json<Created>();
    const at = `/api_clients/${data.id}`;
    const answers = [
      await call('PATCH', at, { name: 'C' }),
      await call('POST', `${at}/rotate_secret`),
      await call('DELETE', at),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 204]);
  });

  it('sees and makes API clients that see no more than he does', async () => {
    const company = await aCompany(app.store, tenant.id);
    const other = await aCompany(app.store, tenant.id);
    const { call } = await aSignedIn(app, tenant, {
      role: 'admin',
      company: { companyId: company, withSubordinates: false },
    });
    const whole = await anApiClient(app.store, tenant.id);
    const tree = await anApiClient(app.store, tenant.id, {
      company: { companyId: company, withSubordinates: true },
    });
    const same = await anApiClient(app.store, tenant.id, {
      company: { companyId: company, withSubordinates: false },
    });
    const wanted: [string, number][] = [
      [whole.clientId, 404],
      [tree.clientId, 403],
      [same.clientId, 200],
    ];
    for (const [clientId, status] of wanted) {
      expect((await call('POST', `/api_clients/${clientId}/rotate_secret`)).status).toBe(status);
      expect((await call('PATCH', `/api_clients/${clientId}`, { name: 'B' })).status).toBe(status);
      expect((await call('DELETE', `/api_clients/${clientId}`)).status).toBe(status === 200 ? 204 : status);
    }
    const create = (more: object) => call('POST', '/api_clients', { name: 'C', ...more });
    expectFaultsAt(await create({}), ['/companyUuid']);
    expectFaultsAt(await create({ companyUuid: other }), ['/companyUuid']);
    expectFaultsAt(await create({ companyUuid: company, visibility: 'subtree' }), ['/visibility']);
    expect((await create({ companyUuid: company })).json()).toMatchObject({
      data: { attributes: { companyUuid: company, visibility: 'company' } },
    });
  });
});
