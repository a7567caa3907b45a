// Transactions that the central system starts and stops: OCPP 1.6 §4.7, §4.8, §4.10, §5.11, §5.12.

import { describe, expect, test } from 'vitest';
import { bootedStation, chargeRemotely } from './booted_station.ts';
import { centralSystem } from './central_system.ts';
import { startedStation } from './started_station.ts';

const remoteStart = { connectorId: 1, idTag: 'DRIVER' };
const refused = { idTagInfo: { status: 'Blocked' } };

type Sample = { sampledValue: { measurand: string; value: string; unit: string }[] };
const readingIn = (payload: Record<string, unknown>, measurand: string): number => {
  const [{ sampledValue } = { sampledValue: [] }] = payload['meterValue'] as Sample[];
  return Number(sampledValue.find((each) => each.measurand === measurand)?.value);
};

describe('a transaction that is started remotely', () => {
  test('goes from Preparing to Charging, and from its stop to Available', async () => {
    const { call, callsAfter, received } = await bootedStation();
    expect(await call('RemoteStartTransaction', remoteStart)).toEqual({ status: 'Accepted' });
    await received(3);
    expect(await call('RemoteStopTransaction', { transactionId: 1 })).toEqual({ status: 'Accepted' });
    expect(await callsAfter(6)).toEqual([
      ['StatusNotification', 1, 'Preparing'],
      ['StartTransaction'],
      ['StatusNotification', 1, 'Charging'],
      ['StopTransaction'],
      ['StatusNotification', 1, 'Finishing'],
      ['StatusNotification', 1, 'Available'],
    ]);
    const calls = await received(6);
    expect(calls[1]?.payload).toMatchObject({ connectorId: 1, idTag: 'DRIVER' });
    expect(calls[3]?.payload).toMatchObject({ transactionId: 1, reason: 'Remote' });
  });

  test('is authorized first where it is configured so', async () => {
    const { call, received } = await bootedStation();
    await call('ChangeConfiguration', { key: 'AuthorizeRemoteTxRequests', value: 'true' });
    await call('RemoteStartTransaction', remoteStart);
    expect((await received(3)).map(({ action }) => action)).toEqual([
      'StatusNotification',
      'Authorize',
      'StartTransaction',
    ]);
  });

  test('does not begin when the driver token is refused', async () => {
    const { call, callsAfter } = await bootedStation({
      answering: ({ action }) => (action === 'Authorize' ? refused : undefined),
    });
    await call('ChangeConfiguration', { key: 'AuthorizeRemoteTxRequests', value: 'true' });
    await call('RemoteStartTransaction', remoteStart);
    expect(await callsAfter(3)).toEqual([
      ['StatusNotification', 1, 'Preparing'],
      ['Authorize'],
      ['StatusNotification', 1, 'Available'],
    ]);
  });

  test('is stopped when its start is answered with a refusal', async () => {
    const { call, system } = await bootedStation({
      answering: ({ action }) =>
        action === 'StartTransaction' ? { transactionId: 7, ...refused } : undefined,
    });
    await call('RemoteStartTransaction', remoteStart);
    const stop = await system.calls.first(({ action }) => action === 'StopTransaction');
    expect(stop.payload).toMatchObject({ transactionId: 7, reason: 'DeAuthorized' });
  });

  test('takes the first connector that is free', async () => {
    const booted = await bootedStation();
    await chargeRemotely(booted);
    const anywhere = { idTag: 'ANOTHER' };
    expect(await booted.call('RemoteStartTransaction', anywhere)).toEqual({ status: 'Accepted' });
    const [, start] = await booted.system.calls.firsts(2, ({ action }) => action === 'StartTransaction');
    expect(start?.payload).toMatchObject({ connectorId: 2, idTag: 'ANOTHER' });
    expect(await booted.call('RemoteStartTransaction', anywhere)).toEqual({ status: 'Rejected' });
  });

  test.each([0, 9])('is rejected at connector %i', async (connectorId) => {
    const { call } = await bootedStation();
    expect(await call('RemoteStartTransaction', { connectorId, idTag: 'DRIVER' })).toEqual({
      status: 'Rejected',
    });
  });

  test('is rejected at a connector that is out of service', async () => {
    const { call } = await bootedStation();
    await call('ChangeAvailability', { connectorId: 1, type: 'Inoperative' });
    expect(await call('RemoteStartTransaction', remoteStart)).toEqual({ status: 'Rejected' });
  });

  test('is rejected while the station is pending', async () => {
    const system = await centralSystem({ boots: [{ status: 'Pending', interval: 3_600 }] });
    const { events } = startedStation(system.url);
    await events.first(({ type }) => type === 'boot_refused');
    const peer = await system.peers.first(() => true);
    expect(await peer.call('RemoteStartTransaction', remoteStart)).toEqual({ status: 'Rejected' });
  });

  test('is not stopped by another number', async () => {
    const booted = await bootedStation();
    await chargeRemotely(booted);
    expect(await booted.call('RemoteStopTransaction', { transactionId: 99 })).toEqual({ status: 'Rejected' });
  });
});

describe('meter values', () => {
  test('come at the interval, with energy that rises by the power', async () => {
    const booted = await bootedStation();
    await booted.call('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '1' });
    await chargeRemotely(booted);
    const samples = await booted.system.calls.firsts(2, ({ action }) => action === 'MeterValues');
    expect(samples[0]?.payload).toMatchObject({ connectorId: 1, transactionId: 1 });
    const [first = NaN, second = NaN] = samples.map(({ payload }) =>
      readingIn(payload, 'Energy.Active.Import.Register'),
    );
    const powerW = readingIn(samples[1]?.payload ?? {}, 'Power.Active.Import');
    expect(powerW).toBeGreaterThan(15_000);
    expect(powerW).toBeLessThanOrEqual(22_000);
    expect(second).toBeGreaterThan(first);
    const start = booted.system.calls.all.find(({ action }) => action === 'StartTransaction');
    expect(first).toBeGreaterThanOrEqual(Number(start?.payload['meterStart']));
  });

  test('are of the measurands that are configured', async () => {
    const booted = await bootedStation();
    await booted.call('ChangeConfiguration', { key: 'MeterValuesSampledData', value: 'Voltage' });
    await booted.call('TriggerMessage', { requestedMessage: 'MeterValues', connectorId: 1 });
    const [sample] = await booted.received(1);
    expect(sample?.payload['meterValue']).toMatchObject([{ sampledValue: [{ measurand: 'Voltage' }] }]);
  });

  test('keep to a charging profile', async () => {
    const booted = await bootedStation();
    const chargingSchedule = {
      chargingRateUnit: 'W',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 5_000 }],
    };
    const chargingProfile = {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Relative',
      chargingSchedule,
    };
    await chargeRemotely(booted, { chargingProfile });
    await booted.call('TriggerMessage', { requestedMessage: 'MeterValues', connectorId: 1 });
    const sample = await booted.system.calls.first(({ action }) => action === 'MeterValues');
    expect(readingIn(sample.payload, 'Power.Active.Import')).toBe(5_000);
  });
});

describe('what is said of a transaction', () => {
  test('is said again when it was answered with an error', async () => {
    let refusals = 0;
    const booted = await bootedStation({
      answering: ({ action }) => {
        if (action !== 'StartTransaction' || refusals === 2) return undefined;
        refusals += 1;
        throw new Error('not now');
      },
    });
    await booted.call('ChangeConfiguration', { key: 'TransactionMessageRetryInterval', value: '0' });
    await chargeRemotely(booted);
    const starts = booted.system.calls.all.filter(({ action }) => action === 'StartTransaction');
    expect(starts).toHaveLength(3);
    expect(starts[2]?.payload).toEqual(starts[0]?.payload);
  });

  test('is said on the next connection when it was not answered', async () => {
    const lost = Promise.withResolvers<object>();
    let isLost = false;
    const booted = await bootedStation({
      answering: ({ action }) => {
        if (action !== 'StopTransaction' || isLost) return undefined;
        isLost = true;
        return lost.promise;
      },
    });
    const transactionId = await chargeRemotely(booted);
    await booted.call('RemoteStopTransaction', { transactionId });
    await booted.system.calls.first(({ action }) => action === 'StopTransaction');
    await booted.peer.close({ force: true });
    const stops = await booted.system.calls.firsts(2, ({ action }) => action === 'StopTransaction');
    expect(stops[1]?.payload).toEqual(stops[0]?.payload);
    lost.resolve({});
  });

  test('outlives a connection: the transaction goes on', async () => {
    const booted = await bootedStation();
    await chargeRemotely(booted);
    await booted.peer.close({ force: true });
    const statuses = await booted.system.calls.firsts(
      4,
      ({ action, payload }) => action === 'StatusNotification' && payload['connectorId'] === 1,
    );
    expect(statuses[3]?.payload['status']).toBe('Charging');
    const [, again] = await booted.system.peers.firsts(2, () => true);
    expect(await again?.call('RemoteStopTransaction', { transactionId: 1 })).toEqual({ status: 'Accepted' });
  });
});
