// In whose name a webhook is sent events: who may not have them any more is not sent them either, until he may again, or
// somebody who may has the webhook go on.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import type { CompanyVisibility, Visibility } from '../../src/domain/index.ts';
import { aChargingStation, aCompany, aReport, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aCaller, callerWith, expectRefused } from '../cpoapi/caller.ts';
import type { Caller, Single } from '../cpoapi/caller.ts';
import { aSignedIn } from '../settings/signed_in.ts';
import { testApp } from '../test_app.ts';
import { aReceiver } from './receiver.ts';
import type { Received, Receiver } from './receiver.ts';

const app = testApp({ webhooksToPrivateNetworks: true });

let receiver: Receiver;
let tenant: { id: string; slug: string };
let tenantId: string;
let visibility: Visibility;
let station: string;
let admin: Caller;

beforeEach(async () => {
  receiver = await aReceiver();
  tenant = await aTenant(app.store);
  tenantId = tenant.id;
  visibility = wholeTenant(tenantId);
  station = (await aChargingStation(app.store, tenantId)).id;
  admin = await aCaller(app, tenantId);
});
afterEach(() => receiver.close());

async function aClient(options: { scopes?: string[]; company?: CompanyVisibility } = {}) {
  const client = await anApiClient(app.store, tenantId, options);
  return { ...client, call: callerWith(app, await anAccessToken(app.origin, client)) };
}

async function aWebhook(name: string, by: Caller, base = ''): Promise<string> {
  const answer = await by('POST', `${base}/webhooks`, { url: `${receiver.url}/${name}` });
  expect(answer.status, answer.text).toBe(201);
  return `/webhooks/${answer.json<Single>().data.id}`;
}

async function stateOf(path: string, by = admin) {
  const { state, pauseReason } = (await by('GET', path)).json<Single>().data.attributes;
  return { state, pauseReason };
}
const active = { state: 'active', pauseReason: null };
const forbidden = { state: 'paused', pauseReason: 'forbidden' };

let reports = 0;
async function say(stationId = station): Promise<string> {
  const info = String((reports += 1));
  await aReport(app.store, tenantId, stationId, 1, { info, at: new Date(), receivedAt: new Date() });
  return info;
}
const infosAt = (name: string) =>
  receiver.taken
    .filter(({ path }) => path === `/${name}`)
    .map(({ event }: Received) => (event.data as { info: string }).info);
const until = (name: string, infos: readonly string[]) =>
  vi.waitFor(() => expect(infosAt(name)).toEqual(infos), { timeout: 10_000 });

const change = (clientId: string, values: object) =>
  app.store.apiClients.update(visibility, { id: clientId, values, ifUpdatedAt: undefined, now: new Date() });

/** Has the right be taken away from who made a webhook, and given back where it can be. */
async function expectItEndsWith(
  path: string,
  takeAway: () => Promise<unknown>,
  giveBack?: () => Promise<unknown>,
): Promise<void> {
  await aWebhook('kept', (await aSignedIn(app, tenant, { role: 'admin' })).call, '/api/cpoapi/v1');
  const before = await say();
  await until('other', [before]);
  await until('kept', [before]);
  await takeAway();
  // A round that had begun goes on to its end: from the next lease on, which leaves the webhook out.
  await app.database.until(
    `select from webhooks k join webhooks o using (tenant_id)
     where tenant_id = $1 and k.url like '%/kept' and o.url like '%/other'
       and k.leased_until > o.leased_until + interval '50 milliseconds'`,
    [tenantId],
  );
  const after = [await say(), await say()];
  await until('kept', [before, ...after]);
  expect(infosAt('other')).toEqual([before]);
  if (giveBack === undefined) return;
  await giveBack();
  await until('other', [before, ...after]);
  expect(await stateOf(path)).toEqual(active);
}

describe('a webhook is sent nothing', () => {
  it('when the API client that made it is deleted', async () => {
    const { clientId, call } = await aClient();
    const path = await aWebhook('other', call);
    await expectItEndsWith(path, () => app.store.apiClients.delete(visibility, clientId));
    expect(await stateOf(path)).toEqual(forbidden);
  });

  it('while the API client lacks the scope', async () => {
    const { clientId, call } = await aClient();
    const path = await aWebhook('other', call);
    await expectItEndsWith(
      path,
      () => change(clientId, { scopes: ['cpoapi:webhooks:read', 'cpoapi:events:read'] }),
      () => change(clientId, { scopes: ['cpoapi:webhooks:write'] }),
    );
  });

  it('while the API client is bound to a company and the webhook is not', async () => {
    const { clientId, call } = await aClient();
    const path = await aWebhook('other', call);
    const company = { companyId: await aCompany(app.store, tenantId), withSubordinates: true };
    await expectItEndsWith(
      path,
      () => change(clientId, { binding: { company } }),
      () => change(clientId, { binding: { company: undefined } }),
    );
  });

  it('while the CPO API is not licensed', async () => {
    const path = await aWebhook('other', (await aClient()).call);
    await expectItEndsWith(
      path,
      () => app.store.tenants.updateLicence(tenantId, false, new Date()),
      () => app.store.tenants.updateLicence(tenantId, true, new Date()),
    );
  });

  it('while the user who made it is inactive, or only views', async () => {
    const { user, call } = await aSignedIn(app, tenant, { role: 'operator' });
    const path = await aWebhook('other', call, '/api/cpoapi/v1');
    const write = (values: object) =>
      app.store.users.update(visibility, {
        id: String(user.id),
        values,
        ifUpdatedAt: undefined,
        now: new Date(),
      });
    await expectItEndsWith(
      path,
      () => write({ isActive: false }),
      () => write({ isActive: true }),
    );
    await write({ role: 'viewer' });
    expect(await stateOf(path)).toEqual(forbidden);
  });
});

describe('a company’s webhook is sent events', () => {
  it('while the company is one of those that its maker sees', async () => {
    const above = await aCompany(app.store, tenantId);
    const [own, sibling] = [
      await aCompany(app.store, tenantId, above),
      await aCompany(app.store, tenantId, above),
    ];
    const { clientId, call } = await aClient({ company: { companyId: own, withSubordinates: false } });
    const path = await aWebhook('other', call);
    const stateBoundTo = async (companyId: string, withSubordinates: boolean) => {
      await change(clientId, { binding: { company: { companyId, withSubordinates } } });
      return stateOf(path);
    };
    expect(await stateBoundTo(own, true)).toEqual(active);
    expect(await stateBoundTo(above, true)).toEqual(active);
    expect(await stateBoundTo(above, false)).toEqual(forbidden);
    expect(await stateBoundTo(sibling, true)).toEqual(forbidden);
    expect(await stateBoundTo(own, false)).toEqual(active);
  });

  it('so the company is not deleted', async () => {
    const companyId = await aCompany(app.store, tenantId);
    const { clientId, call } = await aClient({ company: { companyId, withSubordinates: true } });
    const path = await aWebhook('other', call);
    await app.store.apiClients.delete(visibility, clientId);
    expectRefused(await admin('DELETE', `/companies/${companyId}`), {
      code: 'conflict',
      detail: 'There are webhooks that are sent the events of this company.',
    });
    expect((await admin('DELETE', path)).status).toBe(204);
    expect((await admin('DELETE', `/companies/${companyId}`)).status).toBe(204);
  });
});

describe('a webhook of a deleted API client', () => {
  it('goes on in the name of who writes that it is active, with what happened meanwhile', async () => {
    const first = await aClient();
    const path = await aWebhook('other', first.call);
    await app.store.apiClients.delete(visibility, first.clientId);
    const infos = [await say()];
    expect((await admin('PATCH', path, { description: 'Whose is it?' })).status).toBe(200);
    expect(await stateOf(path)).toEqual(forbidden);
    const heir = await aClient();
    expect((await heir.call('PATCH', path, { state: 'active' })).json()).toMatchObject({
      data: { attributes: active },
    });
    await until('other', infos);
    await app.store.apiClients.delete(visibility, heir.clientId);
    expect(await stateOf(path)).toEqual(forbidden);
  });

  it('is in the name of who sent its events elsewhere', async () => {
    const path = await aWebhook('other', (await aClient()).call);
    const { clientId, call } = await aClient();
    await call('PATCH', path, { description: 'Of another', state: 'active', url: `${receiver.url}/other` });
    await call('PATCH', path, { url: `${receiver.url}/elsewhere` });
    expect(await stateOf(path)).toEqual(active);
    await app.store.apiClients.delete(visibility, clientId);
    expect(await stateOf(path)).toEqual(forbidden);
  });

  it('stays in the name of who made it where another wrote nothing new', async () => {
    const path = await aWebhook('other', (await aClient()).call);
    const { clientId, call } = await aClient();
    await call('PATCH', path, { description: 'Of another', state: 'active', url: `${receiver.url}/other` });
    await app.store.apiClients.delete(visibility, clientId);
    expect(await stateOf(path)).toEqual(active);
  });
});
