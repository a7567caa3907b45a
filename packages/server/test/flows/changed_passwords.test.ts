// A station's password and security profile, changed by remote command (OCPP 1.6 security whitepaper, A01 and A05): the new
// one counts once the station connects with it, the old one until then. Two processes share the database.

import { createRPCError } from 'ocpp-rpc';
import type { RPCClient } from 'ocpp-rpc';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hashedStationPassword } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { aCaller, expectFaultsAt } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { ocppClient } from '../ocpp_client.ts';
import { testApp } from '../test_app.ts';
import type { TestApp } from '../test_app.ts';

const here = testApp({ node: 'here' });
const there = testApp({ node: 'there' }, here);

const [oldPassword, newPassword] = ['old-password-0123', 'new-password-4567'];
const clients: RPCClient[] = [];
let tenant: { id: string; slug: string };
let station: { id: string; identity: string };
let call: Caller;

beforeEach(async () => {
  tenant = await aTenant(here.store);
  station = await aChargingStation(here.store, tenant.id, { password: oldPassword });
  call = await aCaller(here, tenant.id);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ force: true })));
});

async function connected(app: TestApp, password: string, answer = 'Accepted'): Promise<RPCClient> {
  const endpoint = `ws://localhost:${app.port}/ocpp/${tenant.slug}`;
  const client = ocppClient({ endpoint, identity: station.identity, password });
  clients.push(client);
  client.handle('ChangeConfiguration', async ({ params }) => {
    received.push(params);
    return { status: answer };
  });
  await client.connect();
  await isKnown();
  return client;
}
/** Waits until the connection is durable: commands go over it from then on. */
const isKnown = () =>
  here.database.until(
    'select 1 from station_connections where connection_id is not null and charging_station_id = $1',
    [station.id],
  );
const received: unknown[] = [];
beforeEach(() => void received.splice(0));

const isLetIn = async (password: string): Promise<boolean> => {
  try {
    await (await connected(here, password)).close();
    return true;
  } catch {
    return false;
  }
};

const change = (key: string, value: string, mode = 'synchronous') =>
  call('POST', `/remote_commands/${mode}/${station.id}/change_configuration`, { key, value });

it.each([
  ['this process', here],
  ['another process', there],
])('a password counts once the station of %s connects with it', async (_, app) => {
  const client = await connected(app, oldPassword);
  const answer = await change('AuthorizationKey', newPassword);
  expect(answer.status, answer.text).toBe(200);
  expect(received).toEqual([{ key: 'AuthorizationKey', value: newPassword }]);
  await client.close();

  // It may not have restarted yet.
  expect(await isLetIn(oldPassword)).toBe(true);
  expect(await isLetIn(newPassword)).toBe(true);
  expect(await isLetIn(oldPassword)).toBe(false);
  expect(await isLetIn(newPassword)).toBe(true);
});

it('is shown and kept nowhere', async () => {
  await connected(there, oldPassword);
  const answer = await change('AuthorizationKey', newPassword);
  expect(answer.json<Single>().data.attributes['parameters']).toEqual({
    key: 'AuthorizationKey',
    value: '(withheld)',
  });
  await vi.waitFor(async () => {
    const log = await call('GET', '/communication_log?filter[action]=ChangeConfiguration');
    expect(log.text).toContain('(withheld)');
    expect(log.text).not.toContain(newPassword);
  });
  const configurations = await call('GET', `/cp/${station.id}/configurations`);
  expect(configurations.text).toContain('AuthorizationKey');
  expect(configurations.text).not.toContain(newPassword);
  const [tables] = await here.database.look<{ text: string }>(
    `select string_agg(query_to_xml(format('select * from %I', table_name), true, false, '')::text, '') as text
     from information_schema.tables where table_schema = 'public'`,
  );
  expect(tables?.text).toContain('AuthorizationKey');
  expect(tables?.text).not.toContain(newPassword);
  expect([...here.logged, ...there.logged].join()).not.toContain(newPassword);
});

it('does not count where the station rejected it', async () => {
  const client = await connected(here, oldPassword, 'Rejected');
  expect((await change('AuthorizationKey', newPassword)).status).toBe(200);
  await client.close();
  expect(await isLetIn(newPassword)).toBe(false);
  expect(await isLetIn(oldPassword)).toBe(true);
});

it('does not count any more when the operator sets another', async () => {
  const client = await connected(here, oldPassword);
  await change('AuthorizationKey', newPassword);
  await client.close();
  const password = 'third-password-89';
  expect((await call('PUT', `/charging_stations/${station.id}`, { password })).status).toBe(200);
  expect([await isLetIn(newPassword), await isLetIn(password)]).toEqual([false, true]);
});

it('is not waited for where the station is away: it would have to be kept', async () => {
  const answer = await change('AuthorizationKey', newPassword, 'asynchronous');
  expect(answer.json<Single>().data.attributes).toMatchObject({
    state: 'failed',
    error: { code: 'station_not_connected' },
  });
  expect(await isLetIn(newPassword)).toBe(false);
});

it('a security profile counts once the station connects by it', async () => {
  station = await aChargingStation(here.store, tenant.id);
  const endpoint = `ws://localhost:${here.port}/ocpp/${tenant.slug}`;
  const open = ocppClient({ endpoint, identity: station.identity });
  clients.push(open);
  open.handle('ChangeConfiguration', async () => ({ status: 'Accepted' }));
  await open.connect();
  await isKnown();
  const profile = async () =>
    (await call('GET', `/charging_stations/${station.id}`)).json<Single>().data.attributes['securityProfile'];
  await change('AuthorizationKey', newPassword);
  await change('SecurityProfile', '1');
  await open.close();
  expect(await profile()).toBe(0);
  await open.connect();
  expect(await profile()).toBe(0);
  await open.close();
  expect(await isLetIn(newPassword)).toBe(true);
  expect(await profile()).toBe(1);
  await expect(open.connect()).rejects.toThrow('Unauthorized');
});

it('a lower security profile lets nobody in: no station may take one', async () => {
  // Not of its own: without a password at all, profile 0 asks for none.
  station = await aChargingStation(here.store, tenant.id);
  const passwordHash = hashedStationPassword(oldPassword);
  await here.store.ocppPasswords.insert(tenant.id, {
    id: newId(),
    name: 'of all',
    passwordHash,
    createdAt: new Date(),
  });
  await call('PATCH', `/charging_stations/${station.id}`, { securityProfile: 1 });
  await connected(here, oldPassword);
  expect((await change('SecurityProfile', '0')).status).toBe(200);
  const anybody = ocppClient({
    endpoint: `ws://localhost:${here.port}/ocpp/${tenant.slug}`,
    identity: station.identity,
  });
  clients.push(anybody);
  await expect(anybody.connect()).rejects.toThrow('Unauthorized');
});

it.each(['', 'short', 'a password of many words', '1'.repeat(41)])(
  'a password that the station may not have is not sent: %j',
  async (password) => {
    await connected(here, oldPassword);
    expectFaultsAt(await change('authorizationkey ', password), ['/value']);
    expect(received).toEqual([]);
  },
);

it('is shown nowhere when the station says it back, nor when its key has spaces around it', async () => {
  const client = await connected(here, oldPassword);
  const said: Record<string, unknown>[] = [];
  client.handle('ChangeConfiguration', async ({ params }) => {
    said.push(params as Record<string, unknown>);
    const error = createRPCError('GenericError', `not ${newPassword}`, {
      given: [params],
      said: [newPassword],
    });
    return Promise.reject(error);
  });
  for (const key of ['AuthorizationKey', ' AuthorizationKey ']) {
    const answer = await change(key, newPassword);
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain(newPassword);
    expect(said.pop()).toEqual({ key, value: newPassword });
  }
  await vi.waitFor(async () => {
    const log = await call('GET', '/communication_log?filter[action]=ChangeConfiguration');
    expect(log.json<List>().data).toHaveLength(2);
    expect(log.text).not.toContain(newPassword);
  });
  expect((await call('GET', '/remote_commands')).text).not.toContain(newPassword);
});
