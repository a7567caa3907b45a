// What a station answers when it is called: OCPP 1.6 §5. `ocpp-rpc` checks the answers' schemas.

import { describe, expect, test } from 'vitest';
import { centralSystem } from './central_system.ts';
import type { CentralSystem } from './central_system.ts';
import { startedStation } from './started_station.ts';

/** A booted station whose statuses of the boot have arrived, and what came after them. */
async function bootedStation(options?: Parameters<typeof centralSystem>[0]) {
  const system = await centralSystem(options);
  const { events } = startedStation(system.url);
  await events.firsts(3, ({ type }) => type === 'status_reported');
  const before = system.calls.all.length;
  const peer = await system.peers.first(() => true);
  return {
    call: (action: string, payload: object) => peer.call(action, payload),
    callsAfter: (count: number) => callsSince(system, before, count),
    events,
  };
}

async function callsSince({ calls }: CentralSystem, before: number, count: number) {
  const received = await calls.firsts(before + count, () => true);
  return received
    .slice(before)
    .map(({ action, payload }) =>
      action === 'StatusNotification' ? [action, payload.connectorId, payload.status] : [action],
    );
}

describe('Reset', () => {
  test.each(['Soft', 'Hard'])('%s is accepted, and the station boots on a new connection', async (type) => {
    const { call, callsAfter, events } = await bootedStation();
    expect(await call('Reset', { type })).toEqual({ status: 'Accepted' });
    expect(await callsAfter(1)).toEqual([['BootNotification']]);
    expect(await events.first((event) => event.type === 'disconnected')).toMatchObject({ code: 1000 });
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

  test('is not implemented for other messages', async () => {
    const { call } = await bootedStation();
    expect(await call('TriggerMessage', { requestedMessage: 'MeterValues' })).toEqual({
      status: 'NotImplemented',
    });
  });

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
    expect(await call('GetConfiguration', {})).toEqual({
      configurationKey: [
        { key: 'AuthorizeRemoteTxRequests', readonly: true, value: 'false' },
        { key: 'GetConfigurationMaxKeys', readonly: true, value: '20' },
        { key: 'HeartbeatInterval', readonly: true, value: '300' },
        { key: 'NumberOfConnectors', readonly: true, value: '2' },
        { key: 'SupportedFeatureProfiles', readonly: true, value: 'Core,RemoteTrigger' },
      ],
    });
  });

  test('answers the keys asked for and names those it does not know', async () => {
    const { call } = await bootedStation();
    expect(await call('GetConfiguration', { key: ['NumberOfConnectors', 'Colour'] })).toEqual({
      configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '2' }],
      unknownKey: ['Colour'],
    });
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

describe('other calls', () => {
  test('are answered NotImplemented', async () => {
    const { call } = await bootedStation();
    await expect(call('ClearCache', {})).rejects.toMatchObject({ rpcErrorCode: 'NotImplemented' });
  });
});
