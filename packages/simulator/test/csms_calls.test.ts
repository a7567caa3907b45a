// What a station answers when it is called: OCPP 1.6 §5. `ocpp-rpc` checks the answers' schemas.

import { describe, expect, test } from 'vitest';
import { bootedStation, chargeRemotely } from './booted_station.ts';
import { centralSystem } from './central_system.ts';
import { startedStation } from './started_station.ts';

describe('Reset', () => {
  test.each(['Soft', 'Hard'])('%s is accepted, and the station boots on a new connection', async (type) => {
    const { call, callsAfter, events } = await bootedStation();
    expect(await call('Reset', { type })).toEqual({ status: 'Accepted' });
    expect(await callsAfter(1)).toEqual([['BootNotification']]);
    expect(await events.first((event) => event.type === 'disconnected')).toMatchObject({ code: 1000 });
  });
});

describe('Reset in a transaction', () => {
  test.each(['Soft', 'Hard'])('%s stops it first', async (type) => {
    const booted = await bootedStation();
    await chargeRemotely(booted);
    await booted.call('Reset', { type });
    const [stop] = await booted.system.calls.firsts(1, ({ action }) => action === 'StopTransaction');
    expect(stop?.payload).toMatchObject({ transactionId: 1, reason: `${type}Reset` });
    const calls = await booted.system.calls.firsts(2, ({ action }) => action === 'BootNotification');
    expect(calls).toHaveLength(2);
  });
});

describe('TriggerMessage', () => {
  test.each(['BootNotification', 'Heartbeat'])('sends %s', async (requestedMessage) => {
    const { call, callsAfter } = await bootedStation();
    expect(await call('TriggerMessage', { requestedMessage })).toEqual({ status: 'Accepted' });
    expect(await callsAfter(1)).toEqual([[requestedMessage]]);
  });

  test('sends the status of one connector', async () => {
    const { call, callsAfter } = await bootedStation();
    expect(await call('TriggerMessage', { requestedMessage: 'StatusNotification', connectorId: 2 })).toEqual({
      status: 'Accepted',
    });
    expect(await callsAfter(1)).toEqual([['StatusNotification', 2, 'Available']]);
  });

  test('sends the statuses of all connectors when it names none', async () => {
    const { call, callsAfter } = await bootedStation();
    await call('TriggerMessage', { requestedMessage: 'StatusNotification' });
    expect(await callsAfter(3)).toEqual([
      ['StatusNotification', 0, 'Available'],
      ['StatusNotification', 1, 'Available'],
      ['StatusNotification', 2, 'Available'],
    ]);
  });

  test('is rejected for a connector that is not there', async () => {
    const { call } = await bootedStation();
    expect(await call('TriggerMessage', { requestedMessage: 'StatusNotification', connectorId: 9 })).toEqual({
      status: 'Rejected',
    });
  });

  test('sends the meter values of one connector, or of all', async () => {
    const { call, received } = await bootedStation();
    await call('TriggerMessage', { requestedMessage: 'MeterValues', connectorId: 2 });
    await call('TriggerMessage', { requestedMessage: 'MeterValues' });
    const calls = await received(3);
    expect(calls.map(({ action, payload }) => [action, payload['connectorId']])).toEqual([
      ['MeterValues', 2],
      ['MeterValues', 1],
      ['MeterValues', 2],
    ]);
    expect(calls[0]?.payload['meterValue']).toMatchObject([
      { sampledValue: [{ context: 'Trigger' }, { value: '0', unit: 'W' }, { value: '0' }, { value: '230' }] },
    ]);
  });

  test.each(['DiagnosticsStatusNotification', 'FirmwareStatusNotification'])(
    'sends %s, which is Idle',
    async (requestedMessage) => {
      const { call, received } = await bootedStation();
      expect(await call('TriggerMessage', { requestedMessage })).toEqual({ status: 'Accepted' });
      expect(await received(1)).toMatchObject([{ action: requestedMessage, payload: { status: 'Idle' } }]);
    },
  );

  test('brings a pending station to boot before its interval', async () => {
    const system = await centralSystem({
      boots: [
        { status: 'Pending', interval: 3_600 },
        { status: 'Accepted', interval: 300 },
      ],
    });
    const { events } = startedStation(system.url);
    await events.first(({ type }) => type === 'boot_refused');
    const peer = await system.peers.first(() => true);
    await peer.call('TriggerMessage', { requestedMessage: 'BootNotification' });
    expect(await events.first(({ type }) => type === 'booted')).toMatchObject({
      heartbeatIntervalMs: 300_000,
    });
  });
});

describe('GetConfiguration', () => {
  test('answers all keys when none is asked for', async () => {
    const { call } = await bootedStation();
    const { configurationKey } = await call('GetConfiguration', {});
    expect(configurationKey).toHaveLength(33);
    expect(configurationKey).toEqual(
      expect.arrayContaining([
        { key: 'AuthorizeRemoteTxRequests', readonly: false, value: 'false' },
        { key: 'HeartbeatInterval', readonly: false, value: '300' },
        { key: 'NumberOfConnectors', readonly: true, value: '2' },
      ]),
    );
  });

  test('answers the keys asked for and names those it does not know', async () => {
    const { call } = await bootedStation();
    expect(await call('GetConfiguration', { key: ['NumberOfConnectors', 'Colour'] })).toEqual({
      configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '2' }],
      unknownKey: ['Colour'],
    });
  });
});

describe('ChangeConfiguration', () => {
  test.each([
    ['MeterValueSampleInterval', '30', 'Accepted'],
    ['metervaluesampleinterval', '30', 'Accepted'],
    ['MeterValuesSampledData', 'Voltage,Power.Active.Import', 'Accepted'],
    ['MeterValuesSampledData', 'Taste', 'Rejected'],
    ['HeartbeatInterval', '0', 'Rejected'],
    ['LocalPreAuthorize', 'yes', 'Rejected'],
    ['NumberOfConnectors', '3', 'Rejected'],
    ['WebSocketPingInterval', '30', 'RebootRequired'],
    ['Colour', 'red', 'NotSupported'],
  ])('%s to %s is %s', async (key, value, status) => {
    const { call } = await bootedStation();
    expect(await call('ChangeConfiguration', { key, value })).toEqual({ status });
    const { configurationKey } = await call('GetConfiguration', { key: [key] });
    const isChanged = status === 'Accepted' || status === 'RebootRequired';
    const told = configurationKey as { value: string }[];
    expect(told.some((each) => each.value === value)).toBe(isChanged);
  });

  test.each([
    ['a-password-of-16+', 'a-password-of-16+'],
    ['4f43415f4f4354545f61646d696e5f74657374', 'OCA_OCTT_admin_test'],
  ])('of AuthorizationKey to %s connects again with %s, and tells nobody', async (value, password) => {
    const { call, system } = await bootedStation();
    const key = 'AuthorizationKey';
    expect(await call('ChangeConfiguration', { key, value })).toEqual({ status: 'Accepted' });
    const [, handshake] = await system.handshakes.firsts(2, () => true);
    expect(handshake).toEqual({ identity: 'cp_1', password });
    const [, again] = await system.peers.firsts(2, () => true);
    expect(await again?.call('GetConfiguration', { key: [key] })).toEqual({
      configurationKey: [{ key, readonly: false }],
    });
  });

  test('takes up a new heartbeat interval at once', async () => {
    const { call, callsAfter } = await bootedStation();
    await call('ChangeConfiguration', { key: 'HeartbeatInterval', value: '1' });
    expect(await callsAfter(1)).toEqual([['Heartbeat']]);
  });
});

describe('ChangeAvailability', () => {
  test('takes a connector out of service and reports it', async () => {
    const { call, callsAfter } = await bootedStation();
    expect(await call('ChangeAvailability', { connectorId: 1, type: 'Inoperative' })).toEqual({
      status: 'Accepted',
    });
    expect(await callsAfter(1)).toEqual([['StatusNotification', 1, 'Unavailable']]);
  });

  test('waits for the end of a transaction', async () => {
    const booted = await bootedStation();
    const transactionId = await chargeRemotely(booted);
    const outOfService = { connectorId: 1, type: 'Inoperative' };
    expect(await booted.call('ChangeAvailability', outOfService)).toEqual({ status: 'Scheduled' });
    await booted.call('RemoteStopTransaction', { transactionId });
    const statuses = await booted.system.calls.firsts(
      5,
      ({ action, payload }) => action === 'StatusNotification' && payload['connectorId'] === 1,
    );
    expect(statuses.map(({ payload }) => payload['status'])).toEqual([
      'Available',
      'Preparing',
      'Charging',
      'Finishing',
      'Unavailable',
    ]);
  });

  test('lasts over a restart', async () => {
    const { call, callsAfter } = await bootedStation();
    await call('ChangeAvailability', { connectorId: 1, type: 'Inoperative' });
    await callsAfter(1);
    await call('Reset', { type: 'Hard' });
    expect(await callsAfter(5)).toEqual([
      ['StatusNotification', 1, 'Unavailable'],
      ['BootNotification'],
      ['StatusNotification', 0, 'Available'],
      ['StatusNotification', 1, 'Unavailable'],
      ['StatusNotification', 2, 'Available'],
    ]);
  });
});

describe('UnlockConnector', () => {
  test('stops the transaction that goes on there', async () => {
    const booted = await bootedStation();
    await chargeRemotely(booted);
    expect(await booted.call('UnlockConnector', { connectorId: 1 })).toEqual({ status: 'Unlocked' });
    const stop = await booted.system.calls.first(({ action }) => action === 'StopTransaction');
    expect(stop.payload).toMatchObject({ transactionId: 1, reason: 'UnlockCommand' });
  });

  test.each([0, 9])('is not supported of connector %i', async (connectorId) => {
    const { call } = await bootedStation();
    expect(await call('UnlockConnector', { connectorId })).toEqual({ status: 'NotSupported' });
  });
});

describe('other calls', () => {
  test('are answered NotImplemented', async () => {
    const { call } = await bootedStation();
    const unknown = call('GetLog', {
      logType: 'SecurityLog',
      requestId: 1,
      log: { remoteLocation: 'ftp://x' },
    });
    await expect(unknown).rejects.toMatchObject({ rpcErrorCode: 'NotImplemented' });
  });

  test('of no vendor that is known are answered UnknownVendorId', async () => {
    const { call } = await bootedStation();
    expect(await call('DataTransfer', { vendorId: 'com.example' })).toEqual({ status: 'UnknownVendorId' });
  });
});
