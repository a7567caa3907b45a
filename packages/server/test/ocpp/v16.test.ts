// OCPP 1.6J over the wire with an independent client: npm ocpp-rpc in strict mode checks our answers by its schemas.

import { readdirSync } from 'node:fs';
import { RPCClient } from 'ocpp-rpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { knownActions } from '../../src/ocpp/v16/known_actions.ts';
import { now, password, testGateway, testStation } from './test_gateway.ts';

async function strictClient(port: number, identity: string, secret?: string): Promise<RPCClient> {
  const options: Partial<ConstructorParameters<typeof RPCClient>[0]> = {
    endpoint: `ws://127.0.0.1:${port}/ocpp/demo`,
    identity,
    protocols: ['ocpp1.6'],
    strictMode: true,
    reconnect: false,
    ...(secret === undefined ? {} : { password: secret }),
  };
  // Its types call every option required; its code has defaults for all of them.
  const client = new RPCClient(options as ConstructorParameters<typeof RPCClient>[0]);
  onTestFinished(async () => void (await client.close({ force: true })));
  await client.connect();
  return client;
}

const station = { tenantId: 'tenant-demo', chargingStationId: 'id-locked-1', connectionId: 'connection-1' };

describe('OCPP 1.6 with ocpp-rpc in strict mode', () => {
  it('BootNotification, Heartbeat and StatusNotification of a station with a password', async () => {
    const server = await testGateway();
    const client = await strictClient(server.port, 'locked-1', password);
    expect(
      await client.call('BootNotification', {
        chargePointVendor: 'has·to·be',
        chargePointModel: 'M1',
        chargePointSerialNumber: 'SN-1',
        chargeBoxSerialNumber: 'BOX-1',
        firmwareVersion: '1.2.3',
        iccid: '89430000000000000001',
        imsi: '232000000000001',
      }),
    ).toEqual({ status: 'Accepted', currentTime: '2026-11-03T10:00:00.000Z', interval: 300 });
    expect(await client.call('Heartbeat', {})).toEqual({ currentTime: '2026-11-03T10:00:00.000Z' });
    expect(
      await client.call('StatusNotification', {
        connectorId: 2,
        errorCode: 'OtherError',
        status: 'Faulted',
        info: 'door',
        timestamp: '2026-11-03T10:59:58+01:00',
        vendorId: 'at.hastobe',
        vendorErrorCode: 'E7',
      }),
    ).toEqual({});
    expect(server.facts.slice(1)).toEqual([
      {
        ...station,
        kind: 'booted',
        at: now,
        vendor: 'has·to·be',
        model: 'M1',
        serialNumber: 'SN-1',
        firmwareVersion: '1.2.3',
        iccid: '89430000000000000001',
        imsi: '232000000000001',
      },
      {
        ...station,
        kind: 'connector_reported',
        connectorNumber: 2,
        status: 'Faulted',
        errorCode: 'OtherError',
        vendorErrorCode: 'E7',
        vendorId: 'at.hastobe',
        info: 'door',
        at: new Date('2026-11-03T09:59:58Z'),
        receivedAt: now,
      },
    ]);
  });

  it('a wrong password fails the connect', async () => {
    const server = await testGateway();
    await expect(strictClient(server.port, 'locked-1', 'wrong')).rejects.toThrow('Unauthorized');
  });

  it('understands our errors', async () => {
    const server = await testGateway();
    const client = await strictClient(server.port, 'open-1');
    await expect(client.call('Reset', { type: 'Soft' })).rejects.toMatchObject({
      rpcErrorCode: 'NotSupported',
    });
  });
});

describe('BootNotification', () => {
  it.each([
    [{ chargeBoxSerialNumber: 'BOX-1' }, 'BOX-1'],
    [{ chargePointSerialNumber: '', chargeBoxSerialNumber: 'BOX-1' }, 'BOX-1'],
    [{ chargePointSerialNumber: 'SN-1\u0000\u0000' }, 'SN-1'],
    [{}, undefined],
  ])('takes the serial number from what the station has: %j', async (serials, serialNumber) => {
    const server = await testGateway();
    const client = await testStation(server);
    await client.call('1', 'BootNotification', {
      chargePointVendor: 'V',
      chargePointModel: 'M',
      iccid: ' ',
      ...serials,
    });
    expect(server.facts[1]).toMatchObject({
      kind: 'booted',
      serialNumber,
      iccid: undefined,
      imsi: undefined,
    });
  });
});

describe('StatusNotification', () => {
  it.each([0, 1, 999])('takes connectorId %i', async (connectorId) => {
    const server = await testGateway();
    const client = await testStation(server);
    const answer = await client.call('1', 'StatusNotification', {
      connectorId,
      errorCode: 'NoError',
      status: 'Available',
    });
    expect(answer).toEqual([3, '1', {}]);
    expect(server.facts[1]).toMatchObject({ connectorNumber: connectorId, at: now });
  });

  it.each([-1, 1000, 2 ** 40])('refuses connectorId %i', async (connectorId) => {
    const server = await testGateway();
    const client = await testStation(server);
    const answer = await client.call('1', 'StatusNotification', {
      connectorId,
      errorCode: 'NoError',
      status: 'Available',
    });
    expect(answer).toEqual([4, '1', 'PropertyConstraintViolation', 'connectorId must be from 0 to 999', {}]);
  });

  it.each([
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2026-11-03T10:00:00',
    '2026-12-31T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '',
  ])('strictly refuses the timestamp "%s": no instant', async (timestamp) => {
    const server = await testGateway();
    const client = await testStation(server, '/ocpp/demo/strict-1');
    const payload = { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp };
    expect(await client.call('1', 'StatusNotification', payload)).toEqual([
      4,
      '1',
      'PropertyConstraintViolation',
      'timestamp must be a valid date-time',
      {},
    ]);
  });
});

describe('schemas', () => {
  it('are one request and one response per known action', () => {
    const folder = new URL('../../src/ocpp/v16/schemas/', import.meta.url);
    const wanted = knownActions.flatMap((name) => [`${name}.conf.json`, `${name}.req.json`]).toSorted();
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(files.toSorted()).toEqual(wanted);
    expect(knownActions).toHaveLength(39);
  });
});
