// What a station begins itself: it boots, charges, loses its power and its connection.

import { expect } from 'vitest';
import type { TestApp } from '../../test_app.ts';
import { aTestedStation } from '../tested_station.ts';
import {
  aStart,
  aStationWithDriver,
  aStop,
  accepted,
  at,
  authorize,
  charge,
  expectCharging,
} from './scene.ts';
import type { Case } from './scene.ts';

async function expectRefusedDriver(app: TestApp, more: object | undefined, status: string): Promise<void> {
  const { call, token, shown } = await aTestedStation(app);
  if (more !== undefined) await token('REFUSED', more);
  const { idTagInfo } = await call('Authorize', { idTag: 'REFUSED' });
  expect(idTagInfo).toMatchObject({ status });
  expect(await shown('/transactions')).toEqual([]);
}

export const chargingCases = (app: TestApp): Case[] => [
  [
    'TC_001_CSMS',
    'Cold Boot Charge Point',
    async () => {
      const station = await aTestedStation(app, { isBooted: false });
      await station.boot();
      await station.report(0, 'Available');
      await station.report(1, 'Available');
      await station.report(2, 'Available');
      expect(await station.call('Heartbeat')).toEqual({ currentTime: at(0) });
      expect(await station.shownStation()).toMatchObject({
        connectionStatus: 'online',
        vendor: 'Vendor',
        model: 'Model',
        serialnumber: 'SN-1',
        firmwareVersion: '1.0',
        ocppVersion: '1.6',
      });
      for (const number of [1, 2]) {
        expect(await station.shownConnector(number)).toMatchObject({
          status: 'Available',
          errorCode: 'NoError',
        });
      }
      expect(await station.shown('/errors')).toEqual([]);
    },
  ],
  [
    'TC_003_CSMS',
    'Regular Charging Session - Plugin First',
    async () => {
      const station = await aStationWithDriver(app);
      await station.report(1, 'Preparing');
      expect(await station.shownConnector(1)).toMatchObject({ status: 'Preparing' });
      await authorize(station);
      await charge(station);
      await expectCharging(station);
    },
  ],
  [
    'TC_004_1_CSMS',
    'Regular Charging Session - Identification First',
    async () => {
      const station = await aStationWithDriver(app);
      await authorize(station);
      await station.report(1, 'Preparing');
      await charge(station);
      await expectCharging(station);
    },
  ],
  [
    'TC_004_2_CSMS',
    'Regular Charging Session - Identification First - ConnectionTimeOut',
    async () => {
      const station = await aStationWithDriver(app);
      await authorize(station);
      await station.report(1, 'Preparing');
      await station.report(1, 'Available');
      expect(await station.shownConnector(1)).toMatchObject({ status: 'Available' });
      expect(await station.shown('/transactions')).toEqual([]);
    },
  ],
  [
    'TC_005_1_CSMS',
    'EV Side Disconnected',
    async () => {
      const station = await aStationWithDriver(app);
      const transactionId = await charge(station);
      await station.report(1, 'SuspendedEV');
      expect(await station.shownConnector(1)).toMatchObject({ status: 'SuspendedEV' });
      const stop = aStop(5, transactionId, { reason: 'EVDisconnected' });
      expect(await station.call('StopTransaction', stop)).toEqual(accepted);
      await station.report(1, 'Finishing');
      await station.report(1, 'Available');
      expect(await station.shownConnector(1)).toMatchObject({ status: 'Available' });
      expect(await station.shown('/transactions')).toMatchObject([
        { state: 'ended', stopReason: 'EVDisconnected', endDate: at(5), energyWh: 1000, endedBy: 'station' },
      ]);
    },
  ],
  [
    'TC_007_CSMS',
    'Regular Start Charging Session - Cached Id',
    async () => {
      const station = await aStationWithDriver(app);
      await station.report(1, 'Preparing');
      await charge(station);
      await expectCharging(station);
    },
  ],
  [
    'TC_023_1_CSMS',
    'Start Charging Session - Authorize invalid',
    () => expectRefusedDriver(app, undefined, 'Invalid'),
  ],
  [
    'TC_023_2_CSMS',
    'Start Charging Session - Authorize expired',
    () => expectRefusedDriver(app, { expiresAt: at(-1) }, 'Expired'),
  ],
  [
    'TC_023_3_CSMS',
    'Start Charging Session - Authorize blocked',
    () => expectRefusedDriver(app, { isBlocked: true }, 'Blocked'),
  ],
  [
    'TC_024_CSMS',
    'Start Charging Session Lock Failure',
    async () => {
      const station = await aStationWithDriver(app);
      await authorize(station);
      await station.report(1, 'Preparing');
      await station.report(1, 'Faulted', { errorCode: 'ConnectorLockFailure' });
      const fault = { status: 'Faulted', errorCode: 'ConnectorLockFailure' };
      expect(await station.shownConnector(1)).toMatchObject(fault);
      expect(await station.shown('/errors')).toMatchObject([
        { ...fault, cpId: station.id, connectorNumber: 1, open: true },
      ]);
      expect(await station.shown('/transactions')).toEqual([]);
    },
  ],
  [
    'TC_032_1_CSMS',
    'Power failure boot - configured to stop transaction(s)',
    async () => {
      const station = await aStationWithDriver(app);
      const transactionId = await charge(station);
      await station.reconnect();
      await station.boot();
      await station.report(1, 'Finishing');
      await station.report(2, 'Available');
      const stop = aStop(5, transactionId, { reason: 'PowerLoss' });
      expect(await station.call('StopTransaction', stop)).toEqual(accepted);
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online' });
      expect(await station.shownConnector(1)).toMatchObject({ status: 'Finishing' });
      expect(await station.shown('/transactions')).toMatchObject([
        { state: 'ended', stopReason: 'PowerLoss', endDate: at(5), endedBy: 'station', flags: [] },
      ]);
    },
  ],
  [
    'TC_037_1_CSMS',
    'Offline Start Transaction - Valid IdTag',
    async () => {
      const station = await aStationWithDriver(app);
      await station.report(1, 'Preparing');
      await station.reconnect();
      const { idTagInfo } = await station.call('StartTransaction', aStart(-60));
      expect(idTagInfo).toEqual({ status: 'Accepted' });
      await station.report(1, 'Charging');
      expect(await station.shownConnector(1)).toMatchObject({ status: 'Charging' });
      expect(await station.shown('/transactions')).toMatchObject([
        { state: 'active', authorizationStatus: 'Accepted', startDate: at(-60) },
      ]);
    },
  ],
  [
    'TC_037_3_CSMS',
    'Offline Start Transaction - Invalid IdTag - StopTransactionOnInvalidId',
    async () => {
      const station = await aTestedStation(app);
      await station.reconnect();
      const answer = await station.call('StartTransaction', aStart(-60, { idTag: 'NOBODY' }));
      expect(answer).toEqual({
        transactionId: expect.any(Number) as number,
        idTagInfo: { status: 'Invalid' },
      });
      await station.report(1, 'Charging');
      const { transactionId } = answer;
      const stop = aStop(0, transactionId, { idTag: undefined, reason: 'DeAuthorized' });
      expect(await station.call('StopTransaction', stop)).toEqual({});
      await station.report(1, 'Finishing');
      expect(await station.shownConnector(1)).toMatchObject({ status: 'Finishing' });
      expect(await station.shown('/transactions')).toMatchObject([
        {
          driverToken: 'NOBODY',
          authorizationStatus: 'Invalid',
          state: 'ended',
          stopReason: 'DeAuthorized',
          energyWh: 1000,
        },
      ]);
    },
  ],
  [
    'TC_039_CSMS',
    'Offline Transaction',
    async () => {
      const station = await aStationWithDriver(app);
      await station.reconnect();
      const { transactionId, idTagInfo } = await station.call('StartTransaction', aStart(-60));
      expect(idTagInfo).toEqual({ status: 'Accepted' });
      const stop = aStop(-30, transactionId, { reason: 'Local' });
      expect(await station.call('StopTransaction', stop)).toEqual(accepted);
      expect(await station.shown('/transactions')).toMatchObject([
        {
          state: 'ended',
          startDate: at(-60),
          endDate: at(-30),
          stopReason: 'Local',
          energyWh: 1000,
          flags: [],
        },
      ]);
    },
  ],
  [
    'TC_064_CSMS',
    'Data Transfer to a Central System',
    async () => {
      const { call } = await aTestedStation(app);
      const message = { vendorId: 'com.example', messageId: 'Message', data: 'data' };
      expect(await call('DataTransfer', message)).toEqual({ status: 'UnknownVendorId' });
    },
  ],
];
