// ocpp_passwords: shown once, several at a time, of the whole tenant.

import { beforeAll, describe, expect, it } from 'vitest';
import { aCompany, aTenant } from '../builders.ts';
import { expectFaultsAt, expectRefused } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { testApp } from '../test_app.ts';
import { aSignedIn } from './signed_in.ts';

const app = testApp();

let tenant: { id: string; slug: string };
let owner: Caller;
beforeAll(async () => {
  tenant = await aTenant(app.store);
  owner = (await aSignedIn(app, tenant)).call;
});

const instant = expect.stringMatching(/^\d{4}-.*Z$/);

describe('an OCPP password', () => {
  it('is shown when it is made, in an answer that nobody keeps, and never again', async () => {
    const made = await owner('POST', '/ocpp_passwords', { name: 'Stations' });
    const { data, meta, links } = made.json<Single & { meta: { password: string } }>();
    expect({ status: made.status, data, cache: made.headers['cache-control'] }).toEqual({
      status: 201,
      data: {
        type: 'ocpp_passwords',
        id: data.id,
        attributes: { name: 'Stations', createdAt: instant, updatedAt: instant },
      },
      cache: 'no-store',
    });
    expect(meta).toEqual({ password: expect.stringMatching(/^[0-9a-f]{40}$/) });
    for (const at of [links.self, '/ocpp_passwords', '/ocpp_passwords?format=csv']) {
      const read = await owner('GET', at.replace(app.origin, ''));
      expect(read.status).toBe(200);
      expect(read.text).not.toMatch(new RegExp(`${meta.password}|sha256`));
    }
    expect(app.logged.join('')).not.toContain(meta.password);
    const renamed = await owner('PATCH', `/ocpp_passwords/${data.id}`, {
      name: 'Old',
      password: 'x'.repeat(16),
    });
    expect(renamed.json<Single>().data.attributes).toMatchObject({ name: 'Old' });
    expect(renamed.json()).not.toHaveProperty('meta');
  });

  it('can be one that stations have already', async () => {
    const password = 'what-stations-have';
    const made = await owner('POST', '/ocpp_passwords', { name: 'Brought along', password });
    expect(made.json()).toMatchObject({ meta: { password } });
    expectFaultsAt(await owner('POST', '/ocpp_passwords', { password: 'too short' }), ['/name', '/password']);
  });

  it('is the tenant’s: who is bound to a company neither sees nor makes any', async () => {
    const made = await owner('POST', '/ocpp_passwords', { name: 'Unseen' });
    const at = `/ocpp_passwords/${made.json<Single>().data.id}`;
    const company = { companyId: await aCompany(app.store, tenant.id), withSubordinates: true };
    const { call: bound } = await aSignedIn(app, tenant, { role: 'admin', company });
    const { call: stranger } = await aSignedIn(app, await aTenant(app.store));
    for (const caller of [bound, stranger]) {
      expect((await caller('GET', '/ocpp_passwords')).json<List>().data).toEqual([]);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        expectRefused(await caller(method, at, method === 'PATCH' ? { name: 'x' } : undefined), {
          code: 'not_found',
        });
      }
    }
    expectRefused(await bound('POST', '/ocpp_passwords', { name: 'x' }), { code: 'bound_to_company' });
    expect((await owner('GET', at)).status).toBe(200);
  });

  it('is one of ten at most, also when many are made at once', async () => {
    const { call } = await aSignedIn(app, await aTenant(app.store));
    const made = await Promise.all(
      Array.from({ length: 13 }, () => call('POST', '/ocpp_passwords', { name: 'Stations' })),
    );
    const refused = made.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(3);
    for (const answer of refused) expectRefused(answer, { code: 'conflict' });
  });
});
