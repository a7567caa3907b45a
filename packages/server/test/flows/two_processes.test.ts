// Two processes on one database: stations that go from one to the other, and what one of them is told and the other must know.

import { once } from 'node:events';
import type { RPCClient } from 'ocpp-rpc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aCaller } from '../cpoapi/caller.ts';
import { ocppClient } from '../ocpp_client.ts';
import { testApp } from '../test_app.ts';
import type { TestApp } from '../test_app.ts';

const first = testApp({ node: 'first/1' });
const second = testApp({ node: 'second/1' }, first);

const clients: RPCClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

type Station = { readonly id: string; readonly identity: string; readonly slug: string; tenantId: string };

async function aStation(): Promise<Station> {
  const { id: tenantId, slug } = await aTenant(first.store);
  return { tenantId, slug, ...(await aChargingStation(first.store, tenantId)) };
}

async function connected(app: TestApp, { slug, identity }: Station): Promise<RPCClient> {
  const client = ocppClient({ endpoint: `ws://localhost:${app.port}/ocpp/${slug}`, identity });
  clients.push(client);
  await client.connect();
  return client;
}

/** Waits for the end of a connection. */
async function closed(client: RPCClient): Promise<{ code: number; reason: string }> {
  const [close] = (await once(client, 'close')) as [{ code: number; reason: string }];
  return close;
}

const until = (station: Station, node: string) =>
  first.database.until(
    `select 1 from station_connections
     where charging_station_id = $1 and connection_id is not null and node = $2`,
    [station.id, node],
  );
const connectionOf = async ({ id }: Station) =>
  (
    await first.database.look<{ connection_id: string | null; node: string }>(
      'select connection_id, node from station_connections where charging_station_id = $1',
      [id],
    )
  )[0];

/** Ends the connection over which a process hears the others, as a broken network does. */
async function deafen(): Promise<void> {
  await first.database.look(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'chargeyard-bus'`);
}

const boot = { chargePointVendor: 'Vendor', chargePointModel: 'Model' };
const status = (word: string) => ({ connectorId: 1, errorCode: 'NoError', status: word });

describe('a station that connects to another process', () => {
  it('is closed where it was before, and its late closing changes nothing', async () => {
    const station = await aStation();
    const older = await connected(first, station);
    await until(station, 'first/1');
    const end = closed(older);
    const newer = await connected(second, station);
    expect(await end).toMatchObject({
      code: 1008,
      reason: 'replaced by a newer connection of this station',
    });
    await newer.call('StatusNotification', status('Available'));
    expect(await connectionOf(station)).toMatchObject({
      connection_id: expect.any(String),
      node: 'second/1',
    });
  });

  it('can go back and forth', async () => {
    const station = await aStation();
    for (const [app, node] of [
      [first, 'first/1'],
      [second, 'second/1'],
      [first, 'first/1'],
      [second, 'second/1'],
    ] as const) {
      const client = await connected(app, station);
      expect(await client.call('BootNotification', boot)).toMatchObject({ status: 'Accepted' });
      expect(await connectionOf(station)).toMatchObject({ node });
    }
    const others = clients.slice(0, 3);
    await vi.waitFor(() => expect(others.map(({ state }) => state)).toEqual([3, 3, 3]));
  });

  it('has one transaction and one reading of what it says again there', async () => {
    const station = await aStation();
    const instant = '2026-11-25T12:00:00.000Z';
    const start = { connectorId: 1, idTag: 'CARD', meterStart: 0, timestamp: instant };
    const sampledValue = [{ value: '10' }];
    const said: unknown[] = [];
    for (const app of [first, second]) {
      const client = await connected(app, station);
      const { transactionId } = (await client.call('StartTransaction', start)) as { transactionId: number };
      await client.call('MeterValues', {
        connectorId: 1,
        transactionId,
        meterValue: [{ timestamp: instant, sampledValue }],
      });
      await client.call('StopTransaction', { transactionId, meterStop: 10, timestamp: instant });
      said.push(transactionId);
    }
    expect(said).toEqual([1, 1]);
    const counts = ['transactions', 'meter_values'].map(
      (table) => `(select count(*)::int from ${table} where charging_station_id = $1) as ${table}`,
    );
    expect(await first.database.look(`select ${counts.join(', ')}`, [station.id])).toEqual([
      { transactions: 1, meter_values: 1 },
    ]);
  });
});

describe('what one process does', () => {
  it('reaches a station at another, wherever it went, with the station’s answer', async () => {
    const station = await aStation();
    const ask = await aCaller(first, station.tenantId);
    const command = `/remote_commands/synchronous/${station.id}/clear_cache`;
    for (const [app, node] of [
      [second, 'second/1'],
      [first, 'first/1'],
      [second, 'second/1'],
    ] as const) {
      const client = await connected(app, station);
      client.handle('ClearCache', async () => ({ status: 'Accepted' }));
      await until(station, node);
      const answer = await ask('POST', command, {});
      expect(answer.status, answer.text).toBe(200);
      const sent = await first.database.look(
        'select state, result, sent_by from remote_commands where charging_station_id = $1 order by id desc limit 1',
        [station.id],
      );
      expect(sent).toEqual([{ state: 'finished', result: 'Accepted', sent_by: node }]);
    }
  });

  it('ends the connection of a deleted station at another', async () => {
    const station = await aStation();
    const client = await connected(second, station);
    await until(station, 'second/1');
    const end = closed(client);
    const ask = await aCaller(first, station.tenantId);
    expect((await ask('DELETE', `/charging_stations/${station.id}`)).status).toBe(204);
    expect(await end).toMatchObject({ code: 1008, reason: 'the charging station was deleted' });
  });

  it('ends the access tokens of a deleted API client at another, within a second', async () => {
    const { id: tenantId } = await aTenant(first.store);
    const client = await anApiClient(first.store, tenantId);
    const authorization = await anAccessToken(first.origin, client);
    const asked = () => second.ask('/api/cpoapi/v1/companies', { headers: { authorization } });
    expect((await asked()).status).toBe(200);
    await first.store.apiClients.delete({ tenantId, company: undefined }, client.clientId);
    await vi.waitFor(async () => expect((await asked()).status).toBe(401), { timeout: 1_000 });
  });
});

describe('a process that missed what the others told', () => {
  it('closes connections whose stations have a newer one', async () => {
    const station = await aStation();
    const end = closed(await connected(first, station));
    await until(station, 'first/1');
    await first.database.look(
      `update station_connections set connection_id = gen_random_uuid(), node = 'third/1'
       where charging_station_id = $1`,
      [station.id],
    );
    await deafen();
    expect(await end).toMatchObject({ code: 1008, reason: expect.stringContaining('newer connection') });
    expect(await connectionOf(station)).toMatchObject({ connection_id: expect.any(String), node: 'third/1' });
  });

  it('takes up its connections again when it was taken for lost', async () => {
    const station = await aStation();
    const client = await connected(first, station);
    await until(station, 'first/1');
    const before = await connectionOf(station);
    await first.store.serverProcesses.forget('first/1', new Date());
    expect(await connectionOf(station)).toMatchObject({ connection_id: null });
    await deafen();
    await until(station, 'first/1');
    expect(await connectionOf(station)).toEqual(before);
    expect(await client.call('BootNotification', boot)).toMatchObject({ status: 'Accepted' });
  });
});
