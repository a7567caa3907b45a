// From a station's mouth to the API's answer, with an OCPP client and an HTTP client that are not ours.

import type { RPCClient } from 'ocpp-rpc';
import { afterEach, describe, expect, it } from 'vitest';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { ocppClient } from '../ocpp_client.ts';
import { testApp } from '../test_app.ts';

const app = testApp();
const clients: RPCClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function connected(endpoint: string, identity: string, password: string): Promise<RPCClient> {
  const client = ocppClient({ endpoint, identity, password });
  clients.push(client);
  await client.connect();
  return client;
}

async function aStationWithItsReader() {
  const tenant = await aTenant(app.store);
  const password = 'a-password-of-a-station';
  const station = await aChargingStation(app.store, tenant.id, { label: 'Station 1', password });
  const accessToken = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
  const read = async () => {
    const url = `${app.origin}/api/cpoapi/v1/charging_stations/${station.id}`;
    const response = await fetch(url, { headers: { authorization: accessToken } });
    return ((await response.json()) as { data: { attributes: Record<string, unknown> } }).data.attributes;
  };
  const endpoint = `ws://localhost:${app.port}/ocpp/${tenant.slug}`;
  return { ...station, password, endpoint, read };
}

const boot = {
  chargePointVendor: 'has·to·be',
  chargePointModel: 'Model',
  chargePointSerialNumber: '112233',
  firmwareVersion: 'htb.firmware.version',
  iccid: '12345',
  imsi: '567869',
};

describe('a station', () => {
  it('is shown with what its boot brought, in the API’s next answer', async () => {
    const station = await aStationWithItsReader();
    expect(await station.read()).toMatchObject({
      connectionStatus: 'no_communication',
      iccid: null,
      lastSeenAt: null,
    });

    const client = await connected(station.endpoint, station.identity, station.password);
    const answer = await client.call('BootNotification', boot);
    expect(answer).toMatchObject({ status: 'Accepted', interval: expect.any(Number) });
    expect(await station.read()).toMatchObject({
      label: 'Station 1',
      chargeBoxIdentity: station.identity,
      iccid: '12345',
      imsi: '567869',
      serialnumber: '112233',
      firmwareVersion: 'htb.firmware.version',
      vendor: 'has·to·be',
      model: 'Model',
      ocppVersion: '1.6',
      connectionStatus: 'online',
    });
  });

  it('is offline once its connection closed', async () => {
    const station = await aStationWithItsReader();
    const client = await connected(station.endpoint, station.identity, station.password);
    await client.call('BootNotification', boot);
    await client.close();
    await expect.poll(async () => (await station.read())['connectionStatus']).toBe('offline');
  });

  it('keeps each connector’s newest status', async () => {
    const station = await aStationWithItsReader();
    const client = await connected(station.endpoint, station.identity, station.password);
    for (const [connectorId, status] of [
      [0, 'Available'],
      [1, 'Preparing'],
      [1, 'Charging'],
      [2, 'Faulted'],
    ] as const) {
      await client.call('StatusNotification', {
        connectorId,
        status,
        errorCode: 'NoError',
        timestamp: '2026-01-01T00:00:00Z',
      });
    }
    const rows = await app.database.look(
      'select number, status, status_at from connectors where charging_station_id = $1 order by number',
      [station.id],
    );
    const statusAt = new Date('2026-01-01T00:00:00Z');
    expect(rows).toEqual([
      { number: 0, status: 'Available', status_at: statusAt },
      { number: 1, status: 'Charging', status_at: statusAt },
      { number: 2, status: 'Faulted', status_at: statusAt },
    ]);
  });

  it('that connects twice keeps the newer connection, and stays online when the older one’s end is noticed', async () => {
    const station = await aStationWithItsReader();
    const older = await connected(station.endpoint, station.identity, station.password);
    const closed = new Promise((resolve) => older.once('close', resolve));
    const newer = await connected(station.endpoint, station.identity, station.password);
    await closed;
    await newer.call('BootNotification', boot);
    expect(await station.read()).toMatchObject({ connectionStatus: 'online', serialnumber: '112233' });
  });

  it('that is deleted is disconnected, and comes in again when it is made anew', async () => {
    const tenant = await aTenant(app.store);
    const { id, identity } = await aChargingStation(app.store, tenant.id);
    const authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
    const endpoint = `ws://localhost:${app.port}/ocpp/${tenant.slug}`;
    const client = await connected(endpoint, identity, '');
    const closed = new Promise((resolve) => client.once('close', resolve));
    const url = `${app.origin}/api/cpoapi/v1/charging_stations/${id.toUpperCase()}`;
    const answer = await fetch(url, { method: 'DELETE', headers: { authorization } });
    expect(answer.status).toBe(204);
    await closed;
    await expect(connected(endpoint, identity, '')).rejects.toThrow(/Not Found|404/);
    await aChargingStation(app.store, tenant.id, { identity });
    const again = await connected(endpoint, identity, '');
    expect(await again.call('BootNotification', boot)).toMatchObject({ status: 'Accepted' });
  });

  it('that has the wrong password is refused and changes nothing', async () => {
    const station = await aStationWithItsReader();
    await expect(connected(station.endpoint, station.identity, 'another-password-0')).rejects.toThrow(
      'Unauthorized',
    );
    expect(await station.read()).toMatchObject({ connectionStatus: 'no_communication' });
  });
});

describe('a URL for stations', () => {
  it('tells a browser what it is for', async () => {
    const response = await fetch(`${app.origin}/ocpp/tenant/cp_1`);
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
  });
});
