// tenant: the caller's own tenant's settings.

import { beforeAll, describe, expect, it } from 'vitest';
import { aCompany, aTenant } from '../builders.ts';
import { expectFaultsAt, expectRefused } from '../cpoapi/caller.ts';
import type { Caller } from '../cpoapi/caller.ts';
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

describe('the tenant', () => {
  it('shows its settings, and changes them in parts', async () => {
    const document = (pendingAfterSeconds: number, offlineAfterSeconds: number) => ({
      data: {
        type: 'tenant',
        id: tenant.id,
        attributes: {
          slug: tenant.slug,
          cpoApiIsLicensed: true,
          pendingAfterSeconds,
          offlineAfterSeconds,
          unknownDriverTokens: 'refuse',
          communicationLogDays: 30,
          meterValueDays: 400,
          eventDays: 7,
          unknownChargingStations: 'wait',
          createdAt: instant,
          updatedAt: instant,
        },
      },
      links: { self: `${app.origin}/api/settings/v1/tenant` },
    });
    const read = await owner('GET', '/tenant');
    expect(read.json()).toEqual(document(1800, 3600));
    const changed = await owner('PATCH', '/tenant', {
      pendingAfterSeconds: 60,
      slug: 'another',
      cpoApiIsLicensed: false,
    });
    expect({ status: changed.status, body: changed.json() }).toEqual({
      status: 200,
      body: document(60, 3600),
    });
    const data = { type: 'tenant', id: tenant.id, attributes: { offlineAfterSeconds: 120 } };
    expect((await owner('PATCH', '/tenant', { data })).json()).toEqual(document(60, 120));
    expectRefused(await owner('PATCH', '/tenant', {}, { 'if-match': read.headers.etag ?? '' }), {
      code: 'precondition_failed',
      source: { header: 'If-Match' },
    });
  });

  it('says for how many days the communication log and meter values are kept', async () => {
    const days = { communicationLogDays: 7, meterValueDays: 3650, eventDays: 14 };
    const changed = await owner('PATCH', '/tenant', days);
    expect(changed.json()).toMatchObject({ data: { attributes: days } });
    expectFaultsAt(await owner('PATCH', '/tenant', { communicationLogDays: 0, meterValueDays: 3651 }), [
      '/communicationLogDays',
      '/meterValueDays',
    ]);
  });

  it('lets no station be offline before it is pending', async () => {
    await owner('PATCH', '/tenant', { pendingAfterSeconds: 60, offlineAfterSeconds: 120 });
    expectFaultsAt(await owner('PATCH', '/tenant', { pendingAfterSeconds: 121 }), ['/pendingAfterSeconds']);
    expectFaultsAt(await owner('PATCH', '/tenant', { offlineAfterSeconds: 59 }), ['/offlineAfterSeconds']);
    expectFaultsAt(await owner('PATCH', '/tenant', { pendingAfterSeconds: 0, offlineAfterSeconds: 1.5 }), [
      '/offlineAfterSeconds',
      '/pendingAfterSeconds',
    ]);
  });

  it('is read and not changed by who is bound to a company', async () => {
    const company = { companyId: await aCompany(app.store, tenant.id), withSubordinates: true };
    const { call } = await aSignedIn(app, tenant, { role: 'admin', company });
    expect((await call('GET', '/tenant')).status).toBe(200);
    expectRefused(await call('PATCH', '/tenant', { pendingAfterSeconds: 1 }), { code: 'bound_to_company' });
  });

  it('is neither made nor deleted', async () => {
    for (const method of ['POST', 'DELETE'])
      expectRefused(await owner(method, '/tenant'), { code: 'method_not_allowed' });
  });
});
