// The Open Charge Alliance's test cases for a Central System of OCPP 1.6, by their ids, from the station's side: what goes
// over the wire, and what the CPO API shows of it afterwards. Those that are not here are in docs/ocpp16_conformance.md
// with the reason.

import { describe, expect, it } from 'vitest';
import { testAuthority } from '../certificates.ts';
import { tableIn } from '../conformance.ts';
import { aClock, testApp } from '../test_app.ts';
import { aTestedStation } from './tested_station.ts';
import type { TestedStation } from './tested_station.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const authority = testAuthority();
const { certificateFile, keyFile } = authority.signs('/CN=localhost');
const app = testApp({
  clock: aClock(start),
  tls: { certificateFile, keyFile, clientCaFile: authority.certificateFile, port: 0 },
});

/** Minutes from the clock's instant. */
const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000).toISOString();

const aStart = (minutes: number, more: object = {}) => ({
  connectorId: 1,
  idTag: 'VALID',
  meterStart: 100,
  timestamp: at(minutes),
  ...more,
});
const aStop = (minutes: number, transactionId: unknown, more: object = {}) => ({
  transactionId,
  idTag: 'VALID',
  meterStop: 1100,
  timestamp: at(minutes),
  ...more,
});
const password = 'a-password-of-16+';
const accepted = { idTagInfo: { status: 'Accepted' } };

/** A booted station with a driver whose token is valid. */
async function aStationWithDriver(): Promise<TestedStation> {
  const station = await aTestedStation(app);
  await station.token('VALID');
  return station;
}

async function authorize({ call }: TestedStation): Promise<void> {
  expect(await call('Authorize', { idTag: 'VALID' })).toEqual(accepted);
}

/** From the start to the status Charging; answers the transaction's number. */
async function charge({ call, report }: TestedStation): Promise<unknown> {
  const { transactionId, ...rest } = await call('StartTransaction', aStart(0));
  expect(rest).toEqual(accepted);
  await report(1, 'Charging');
  return transactionId;
}

async function expectCharging({ shown, shownConnector, id }: TestedStation): Promise<void> {
  expect(await shownConnector(1)).toMatchObject({ status: 'Charging', errorCode: 'NoError' });
  expect(await shown(`/cp/${id}/transactions`)).toMatchObject([
    {
      cpId: id,
      connectorNumber: 1,
      driverToken: 'VALID',
      authorizationStatus: 'Accepted',
      state: 'active',
      startDate: at(0),
      meterStartWh: 100,
      flags: [],
    },
  ]);
}

async function expectRefusedDriver(more: object | undefined, status: string): Promise<void> {
  const { call, token, shown } = await aTestedStation(app);
  if (more !== undefined) await token('REFUSED', more);
  const { idTagInfo } = await call('Authorize', { idTag: 'REFUSED' });
  expect(idTagInfo).toMatchObject({ status });
  expect(await shown('/transactions')).toEqual([]);
}

/** What the page says of a case; each comes up there. */
const resultsOfCases = ['passes', 'waits for remote commands'] as const;

type Case = readonly [id: string, name: string, test: () => Promise<void>];

const cases: Case[] = [
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
      const station = await aStationWithDriver();
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
      const station = await aStationWithDriver();
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
      const station = await aStationWithDriver();
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
      const station = await aStationWithDriver();
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
      const station = await aStationWithDriver();
      await station.report(1, 'Preparing');
      await charge(station);
      await expectCharging(station);
    },
  ],
  [
    'TC_023_1_CSMS',
    'Start Charging Session - Authorize invalid',
    () => expectRefusedDriver(undefined, 'Invalid'),
  ],
  [
    'TC_023_2_CSMS',
    'Start Charging Session - Authorize expired',
    () => expectRefusedDriver({ expiresAt: at(-1) }, 'Expired'),
  ],
  [
    'TC_023_3_CSMS',
    'Start Charging Session - Authorize blocked',
    () => expectRefusedDriver({ isBlocked: true }, 'Blocked'),
  ],
  [
    'TC_024_CSMS',
    'Start Charging Session Lock Failure',
    async () => {
      const station = await aStationWithDriver();
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
      const station = await aStationWithDriver();
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
      const station = await aStationWithDriver();
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
      const station = await aStationWithDriver();
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
  [
    'TC_085_CSMS',
    'Basic Authentication - Valid username/password combination',
    async () => {
      const station = await aTestedStation(app, { securityProfile: 1, password });
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online' });
    },
  ],
  [
    'TC_086_CSMS',
    'TLS - Server-side Certificate - Valid Certificate',
    async () => {
      const tls = { ca: authority.cert };
      const station = await aTestedStation(app, { securityProfile: 2, password, tls });
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online', securityProfile: 2 });
    },
  ],
  [
    'TC_087_CSMS',
    'TLS - Client-side Certificate - Valid Certificate',
    async () => {
      const { cert, key } = authority.signs('/CN=cp_of_tc_087');
      const tls = { ca: authority.cert, cert, key };
      const station = await aTestedStation(app, { identity: 'cp_of_tc_087', securityProfile: 3, tls });
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online', securityProfile: 3 });
    },
  ],
  [
    'TC_088_CSMS',
    'WebSocket Subprotocol Negotiation',
    async () => {
      const { client } = await aTestedStation(app);
      expect(client.protocol).toBe('ocpp1.6');
    },
  ],
];

describe('the Open Charge Alliance’s test cases', () => {
  it.each(cases)('%s %s', async (_id, _name, test) => {
    expect.hasAssertions();
    await test();
  });

  it('are listed in docs/ocpp16_conformance.md, those that pass and all others', async () => {
    const told = await tableIn('ocpp16_conformance.md', 'Test cases');
    const passing = told.filter(([, , result]) => result === 'passes');
    expect(passing.map(([id, name]) => [id, name])).toEqual(cases.map(([id, name]) => [id, name]));
    const results = new Set(told.map(([, , result]) => result));
    expect([...results].toSorted()).toEqual([...resultsOfCases].toSorted());
    expect(new Set(told.map(([id]) => id)).size).toBe(77);
    expect(told).toHaveLength(77);
    expect(told.filter(([, , , why]) => why === undefined || why === '')).toEqual([]);
  });
});
