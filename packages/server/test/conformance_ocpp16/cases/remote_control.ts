// What the Central System makes a station do at once: start and stop a transaction, restart, unlock, forget, report.

import { expect } from 'vitest';
import type { TestApp } from '../../test_app.ts';
import { aBoot, aTestedStation } from '../tested_station.ts';
import type { TestedStation } from '../tested_station.ts';
import { aStationWithDriver, at, authorize, charge, expectCharging, stop } from './scene.ts';
import type { Case } from './scene.ts';

const remoteStart = { connectorId: 1, idTag: 'VALID' };

async function startRemotely({ commanded }: TestedStation, status: string): Promise<void> {
  const { asked } = await commanded('remote_start_transaction', remoteStart, { status });
  expect(asked).toEqual(remoteStart);
}

/** Restarts as it was told to, and says so. */
async function restart(app: TestApp, type: string): Promise<void> {
  const station = await aTestedStation(app);
  const { asked } = await station.commanded('reset', { type }, { status: 'Accepted' });
  expect(asked).toEqual({ type });
  await station.reconnect();
  await station.boot();
  for (const number of [0, 1, 2]) await station.report(number, 'Available');
  expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online' });
  expect(await station.shownConnector(2)).toMatchObject({ status: 'Available' });
}

async function unlock({ commanded }: TestedStation, status: string, connectorId = 1): Promise<void> {
  const { asked } = await commanded('unlock_connector', { connectorId }, { status });
  expect(asked).toEqual({ connectorId });
}

/** What a station sends that is told to, and what the API shows of it afterwards. */
async function sendTriggered(station: TestedStation, requestedMessage: string): Promise<void> {
  const { call, report, shown } = station;
  switch (requestedMessage) {
    case 'BootNotification':
      await call('BootNotification', { ...aBoot, firmwareVersion: '1.1' });
      expect(await station.shownStation()).toMatchObject({ firmwareVersion: '1.1' });
      break;
    case 'Heartbeat':
      expect(await call('Heartbeat')).toEqual({ currentTime: at(0) });
      break;
    case 'MeterValues': {
      const meterValue = [
        { timestamp: at(0), sampledValue: [{ value: '42', unit: 'Wh', context: 'Trigger' }] },
      ];
      expect(await call('MeterValues', { connectorId: 1, meterValue })).toEqual({});
      expect(await shown(`/cp/${station.id}/meter_values`)).toMatchObject([
        { connectorNumber: 1, measuredAt: at(0), samples: [{ value: 42, context: 'Trigger' }] },
      ]);
      break;
    }
    case 'StatusNotification':
      await report(1, 'SuspendedEV');
      expect(await station.shownConnector(1)).toMatchObject({ status: 'SuspendedEV' });
      break;
    default: {
      expect(await call(requestedMessage, { status: 'Idle' })).toEqual({});
      const kind = requestedMessage.startsWith('Firmware') ? 'firmware' : 'diagnostics';
      expect(await shown(`/station_reports?filter[kind]=${kind}`)).toMatchObject([{ status: 'Idle' }]);
    }
  }
}

export const remoteControlCases = (app: TestApp): Case[] => [
  [
    'TC_061_CSMS',
    'Clear Authorization Data in Authorization Cache',
    async () => {
      const { commanded } = await aTestedStation(app);
      const { asked } = await commanded('clear_cache', {}, { status: 'Accepted' });
      expect(asked).toEqual({});
    },
  ],
  [
    'TC_010_CSMS',
    'Remote Start Charging Session - Cable Plugged in First',
    async () => {
      const station = await aStationWithDriver(app);
      await station.report(1, 'Preparing');
      await startRemotely(station, 'Accepted');
      await authorize(station);
      await charge(station);
      await expectCharging(station);
    },
  ],
  [
    'TC_011_1_CSMS',
    'Remote Start Charging Session - Remote Start First',
    async () => {
      const station = await aStationWithDriver(app);
      await startRemotely(station, 'Accepted');
      await authorize(station);
      await station.report(1, 'Preparing');
      await charge(station);
      await expectCharging(station);
    },
  ],
  [
    'TC_011_2_CSMS',
    'Remote Start Charging Session - Time Out',
    async () => {
      const station = await aStationWithDriver(app);
      await startRemotely(station, 'Accepted');
      await authorize(station);
      await station.report(1, 'Preparing');
      await station.report(1, 'Available');
      expect(await station.shownConnector(1)).toMatchObject({ status: 'Available' });
      expect(await station.shown('/transactions')).toEqual([]);
    },
  ],
  [
    'TC_012_CSMS',
    'Remote Stop Charging Session',
    async () => {
      const station = await aStationWithDriver(app);
      const transactionId = await charge(station);
      const stopping = { transactionId };
      const { asked } = await station.commanded('remote_stop_transaction', stopping, { status: 'Accepted' });
      expect(asked).toEqual(stopping);
      await stop(station, transactionId, 'Remote');
    },
  ],
  ['TC_013_CSMS', 'Hard Reset', () => restart(app, 'Hard')],
  ['TC_014_CSMS', 'Soft Reset', () => restart(app, 'Soft')],
  [
    'TC_017_1_CSMS',
    'Unlock Connector - No Charging Session Running (Not Fixed Cable)',
    async () => unlock(await aTestedStation(app), 'Unlocked'),
  ],
  [
    'TC_017_2_CSMS',
    'Unlock Connector - No Charging Session Running (Fixed Cable)',
    async () => unlock(await aTestedStation(app), 'NotSupported'),
  ],
  [
    'TC_018_1_CSMS',
    'Unlock Connector - With Charging Session (Not Fixed Cable)',
    async () => {
      const station = await aStationWithDriver(app);
      const transactionId = await charge(station);
      await unlock(station, 'Unlocked');
      await stop(station, transactionId, 'UnlockCommand');
    },
  ],
  [
    'TC_026_CSMS',
    'Remote Start Charging Session - Rejected',
    async () => {
      const station = await aStationWithDriver(app);
      await startRemotely(station, 'Rejected');
      expect(await station.shown('/transactions')).toEqual([]);
    },
  ],
  [
    'TC_028_CSMS',
    'Remote Stop Transaction - Rejected',
    async () => {
      const station = await aStationWithDriver(app);
      await charge(station);
      await station.commanded('remote_stop_transaction', { transactionId: 4711 }, { status: 'Rejected' });
      await expectCharging(station);
    },
  ],
  [
    'TC_030_CSMS',
    'Unlock Connector - Unlock Failure',
    async () => unlock(await aTestedStation(app), 'UnlockFailed'),
  ],
  [
    'TC_031_CSMS',
    'Unlock Connector - Unknown Connector',
    async () => unlock(await aTestedStation(app), 'NotSupported', 9),
  ],
  [
    'TC_054_CSMS',
    'Trigger Message',
    async () => {
      const station = await aTestedStation(app);
      for (const requestedMessage of [
        'MeterValues',
        'Heartbeat',
        'StatusNotification',
        'DiagnosticsStatusNotification',
        'FirmwareStatusNotification',
        'BootNotification',
      ]) {
        const parameters = { requestedMessage };
        const { asked } = await station.commanded('trigger_message', parameters, { status: 'Accepted' });
        expect(asked).toEqual(parameters);
        await sendTriggered(station, requestedMessage);
      }
    },
  ],
  [
    'TC_055_CSMS',
    'Trigger Message - Rejected',
    async () => {
      const { commanded } = await aTestedStation(app);
      const parameters = { requestedMessage: 'MeterValues', connectorId: 9 };
      const { asked } = await commanded('trigger_message', parameters, { status: 'Rejected' });
      expect(asked).toEqual(parameters);
    },
  ],
];
