// What OCPP 1.6 (edition 2) and OCPP-J 1.6 say a Central System MUST and SHALL do that stations can see, section by section.
// Rules of messages that Chargeyard sends (§5) come with remote commands. Where a rule has its test elsewhere already, the
// row names it.

import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { bootAdmission } from '../../src/ocpp/index.ts';
import { conformsTo } from '../conformance.ts';
import type { ConformanceRow } from '../conformance.ts';
import { testGateway } from '../ocpp/test_gateway.ts';
import { ocppClient } from '../ocpp_client.ts';
import { aClock, testApp } from '../test_app.ts';
import { aBoot, aTestedStation } from './tested_station.ts';

const page = 'ocpp16_conformance.md';
const start = new Date('2026-11-25T12:00:00.000Z');
const app = testApp({ clock: aClock(start) });
const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000).toISOString();

/** A rule that a test of that title in that file of test/ tries. */
function isTriedBy(file: string, title: string): () => Promise<void> {
  return async () => {
    const text = await readFile(new URL(`../${file}`, import.meta.url), 'utf8');
    expect(text).toContain(`'${title}'`);
  };
}

const aStart = { connectorId: 1, idTag: 'VALID', meterStart: 100, timestamp: at(0) };
const aStop = { transactionId: 1, meterStop: 1100, timestamp: at(5) };
const read = (samples: readonly object[], more: object = {}) => ({
  connectorId: 1,
  meterValue: [{ timestamp: at(1), sampledValue: samples }],
  ...more,
});

const ofOcpp16: ConformanceRow[] = [
  [
    '3.7',
    'Transaction-related messages are taken in whatever order, and repeated ones as one',
    isTriedBy(
      'flows/transactions.test.ts',
      'that comes before its start, and twice, is one transaction with it',
    ),
  ],
  [
    '3.7.1',
    'What could not be stored is a call error, so that the station sends it again, and is taken then',
    isTriedBy(
      'ocpp/connections.test.ts',
      'answers InternalError when the fact cannot be stored, and keeps the connection: %s',
    ),
  ],
  [
    '3.8',
    'Connectors are numbered from 1, and 0 is the charging station as a whole',
    async () => {
      const { report, shownConnector } = await aTestedStation(app);
      await report(1, 'Charging');
      await report(0, 'Unavailable');
      expect(await shownConnector(1)).toMatchObject({ status: 'Charging' });
    },
  ],
  [
    '3.9',
    'An idTag is the same in upper and lower case',
    async () => {
      const { call, token } = await aTestedStation(app);
      await token('Driver-A');
      for (const idTag of ['Driver-A', 'DRIVER-A', 'driver-a']) {
        expect(await call('Authorize', { idTag })).toEqual({ idTagInfo: { status: 'Accepted' } });
      }
    },
  ],
  [
    '3.10',
    'A driver’s group is told as parentIdTag',
    async () => {
      const { call, token } = await aTestedStation(app);
      await token('VALID', { parentValue: 'GROUP' });
      const idTagInfo = { status: 'Accepted', parentIdTag: 'GROUP' };
      expect(await call('Authorize', { idTag: 'VALID' })).toEqual({ idTagInfo });
    },
  ],
  [
    '3.15',
    'Instants are taken with fractions of seconds and with offsets, and sent in ISO 8601',
    async () => {
      const { report, shownConnector, call } = await aTestedStation(app);
      for (const [timestamp, statusAt] of [
        ['2026-11-25T13:00:00.123456+01:00', '2026-11-25T12:00:00.123Z'],
        ['2026-11-25T12:00:01Z', '2026-11-25T12:00:01.000Z'],
        ['2026-11-25T06:30:02.5-05:30', '2026-11-25T12:00:02.500Z'],
      ]) {
        await report(1, 'Available', { timestamp });
        expect(await shownConnector(1)).toMatchObject({ statusAt });
      }
      expect(await call('Heartbeat')).toEqual({ currentTime: at(0) });
    },
  ],
  [
    '3.16',
    'A sampled value that says nothing more is energy imported in Wh, read periodically at the outlet',
    async () => {
      const { call, shown } = await aTestedStation(app);
      expect(await call('MeterValues', read([{ value: '1500' }]))).toEqual({});
      const sample = {
        value: 1500,
        unit: 'Wh',
        measurand: 'Energy.Active.Import.Register',
        context: 'Sample.Periodic',
        location: 'Outlet',
        phase: null,
      };
      expect(await shown('/meter_values')).toMatchObject([{ measuredAt: at(1), samples: [sample] }]);
    },
  ],
  [
    '4.1',
    'Authorize is answered with whether the idTag is accepted, or why not',
    isTriedBy('flows/transactions.test.ts', 'tells what a driver token is worth'),
  ],
  [
    '4.2',
    'BootNotification is answered with a status, the time and the interval of heartbeats',
    async () => {
      const { boot, shownStation } = await aTestedStation(app, { isBooted: false });
      await boot();
      expect(await shownStation()).toMatchObject({ connectionStatus: 'online', firmwareVersion: '1.0' });
    },
  ],
  [
    '4.2',
    'A station that cannot be taken yet is Pending, with the seconds until its next boot, and nothing is kept of it',
    async () => {
      const gateway = await testGateway({ admitBoot: bootAdmission(300, () => 100_000) });
      const endpoint = `ws://localhost:${gateway.port}/ocpp/demo`;
      const client = ocppClient({ endpoint, identity: 'open-1' });
      await client.connect();
      const { status, interval } = (await client.call('BootNotification', aBoot)) as Record<string, unknown>;
      expect(status).toBe('Pending');
      expect(interval).toSatisfy((seconds) => Number(seconds) >= 10 && Number(seconds) <= 40);
      expect(gateway.facts.map(({ kind }) => kind)).toEqual(['connection_opened']);
      await client.close();
    },
  ],
  [
    '4.2',
    'A station may boot again on the same connection',
    async () => {
      const { boot, shownStation } = await aTestedStation(app);
      await boot();
      expect(await shownStation()).toMatchObject({ connectionStatus: 'online' });
    },
  ],
  [
    '4.3',
    'DataTransfer of a vendor that is not known is UnknownVendorId, without data',
    async () => {
      const { call } = await aTestedStation(app);
      expect(await call('DataTransfer', { vendorId: 'com.example' })).toEqual({ status: 'UnknownVendorId' });
    },
  ],
  [
    '4.4',
    'DiagnosticsStatusNotification is answered, whatever it says',
    async () => {
      const { call, shown } = await aTestedStation(app);
      for (const status of ['Uploading', 'UploadFailed']) {
        expect(await call('DiagnosticsStatusNotification', { status })).toEqual({});
      }
      expect(await shown('/station_reports')).toMatchObject([
        { kind: 'diagnostics', status: 'Uploading' },
        { kind: 'diagnostics', status: 'UploadFailed' },
      ]);
    },
  ],
  [
    '4.5',
    'FirmwareStatusNotification is answered, whatever it says',
    async () => {
      const { call, shown } = await aTestedStation(app);
      for (const status of ['Downloading', 'InstallationFailed']) {
        expect(await call('FirmwareStatusNotification', { status })).toEqual({});
      }
      expect(await shown('/station_reports')).toMatchObject([
        { kind: 'firmware', status: 'Downloading' },
        { kind: 'firmware', status: 'InstallationFailed' },
      ]);
    },
  ],
  [
    '4.6',
    'Heartbeat is answered with the time',
    async () => {
      const { call } = await aTestedStation(app);
      expect(await call('Heartbeat')).toEqual({ currentTime: at(0) });
    },
  ],
  [
    '4.7',
    'MeterValues are answered whatever they say, also without a transaction and of an unknown one',
    async () => {
      const { call, shown } = await aTestedStation(app);
      const samples = [{ value: '-1' }, { value: 'no number' }, { value: '9'.repeat(400) }];
      expect(await call('MeterValues', read(samples, { transactionId: 4711 }))).toEqual({});
      expect(await shown('/meter_values')).toHaveLength(1);
      expect(await shown('/transactions')).toEqual([]);
    },
  ],
  [
    '4.7',
    'Signed meter values are kept as they were sent',
    async () => {
      const { call, shown } = await aTestedStation(app);
      expect(await call('MeterValues', read([{ value: 'A1B2', format: 'SignedData' }]))).toEqual({});
      expect(await shown('/meter_values')).toMatchObject([
        { samples: [{ value: null, raw: { value: 'A1B2', format: 'SignedData' } }] },
      ]);
    },
  ],
  [
    '4.8',
    'StartTransaction is answered with a transaction id and what the idTag is worth, which is looked at then',
    async () => {
      const { call, token } = await aTestedStation(app);
      await token('BLOCKED', { isBlocked: true });
      expect(await call('StartTransaction', { ...aStart, idTag: 'BLOCKED' })).toEqual({
        transactionId: 1,
        idTagInfo: { status: 'Blocked' },
      });
    },
  ],
  [
    '4.8',
    'StartTransaction is answered whatever sanity checks find',
    async () => {
      const { call, token, shown } = await aTestedStation(app);
      await token('VALID');
      const oddStart = { ...aStart, meterStart: -5, timestamp: '1970-01-01T00:00:00Z', reservationId: 99 };
      const idTagInfo = { status: 'Accepted' };
      expect(await call('StartTransaction', oddStart)).toEqual({ transactionId: 1, idTagInfo });
      expect(await shown('/transactions')).toMatchObject([
        { meterStartWh: -5, startDate: '1970-01-01T00:00:00.000Z', reservationId: 99 },
      ]);
    },
  ],
  [
    '4.8',
    'A driver in a transaction already is ConcurrentTx',
    isTriedBy(
      'flows/transactions.test.ts',
      'is told ConcurrentTx at the next start, unless it may have several',
    ),
  ],
  [
    '4.9',
    'StatusNotification is answered, and is of its receipt where it has no timestamp',
    async () => {
      const { report, shownConnector } = await aTestedStation(app);
      await report(1, 'SuspendedEVSE');
      expect(await shownConnector(1)).toMatchObject({ status: 'SuspendedEVSE', statusAt: at(0) });
    },
  ],
  [
    '4.9',
    'Every status and every error code is taken',
    async () => {
      const { report, shownConnector } = await aTestedStation(app);
      for (const status of [
        'Available',
        'Preparing',
        'Charging',
        'SuspendedEVSE',
        'SuspendedEV',
        'Finishing',
        'Reserved',
        'Unavailable',
        'Faulted',
      ]) {
        await report(1, status);
        expect(await shownConnector(1)).toMatchObject({ status });
      }
      for (const errorCode of [
        'ConnectorLockFailure',
        'EVCommunicationError',
        'GroundFailure',
        'HighTemperature',
        'InternalError',
        'LocalListConflict',
        'OtherError',
        'OverCurrentFailure',
        'PowerMeterFailure',
        'PowerSwitchFailure',
        'ReaderFailure',
        'ResetFailure',
        'UnderVoltage',
        'OverVoltage',
        'WeakSignal',
        'NoError',
      ]) {
        await report(1, 'Available', { errorCode });
        expect(await shownConnector(1)).toMatchObject({ errorCode });
      }
    },
  ],
  [
    '4.10',
    'StopTransaction cannot be refused, whichever transaction it names',
    isTriedBy(
      'flows/transactions.test.ts',
      'with another number ends what the same driver token started, and nothing else',
    ),
  ],
  [
    '4.10',
    'StopTransaction is answered with idTagInfo only where there is an idTag',
    async () => {
      const { call, token } = await aTestedStation(app);
      await token('VALID');
      await call('StartTransaction', aStart);
      expect(await call('StopTransaction', aStop)).toEqual({});
      const { transactionId } = await call('StartTransaction', { ...aStart, timestamp: at(10) });
      const stop = { ...aStop, transactionId, idTag: 'VALID', timestamp: at(15) };
      expect(await call('StopTransaction', stop)).toEqual({ idTagInfo: { status: 'Accepted' } });
    },
  ],
  [
    '4.10',
    'Every reason to stop is taken, and none is Local',
    async () => {
      const { call, shown } = await aTestedStation(app);
      const reasons = [
        'DeAuthorized',
        'EmergencyStop',
        'EVDisconnected',
        'HardReset',
        'Local',
        'Other',
        'PowerLoss',
        'Reboot',
        'Remote',
        'SoftReset',
        'UnlockCommand',
        undefined,
      ];
      for (const [number, reason] of reasons.entries()) {
        const timestamp = at(10 * number);
        const { transactionId } = await call('StartTransaction', { ...aStart, timestamp });
        await call('StopTransaction', { ...aStop, transactionId, reason, timestamp: at(10 * number + 5) });
      }
      const told = (await shown('/transactions')).map(({ stopReason }) => stopReason);
      expect(told).toEqual(reasons.map((reason) => reason ?? 'Local'));
    },
  ],
  [
    '4.10',
    'transactionData of StopTransaction are meter values of its transaction',
    isTriedBy('flows/transactions.test.ts', 'has meter values of its own'),
  ],
];

const ofOcppJ: ConformanceRow[] = [
  [
    '3.1.1',
    'The URL ends with the station’s identity, percent-encoded where need be',
    async () => {
      const { shownStation } = await aTestedStation(app, { identity: 'CP|1+@a=b*c' });
      expect(await shownStation()).toMatchObject({
        chargeBoxIdentity: 'CP|1+@a=b*c',
        connectionStatus: 'online',
      });
    },
  ],
  [
    '3.1.2',
    'Of the subprotocols that are offered one that is spoken is chosen',
    isTriedBy('ocpp/handshake.test.ts', '1.6J 3.1.2 takes the first of the offered ones that it speaks'),
  ],
  [
    '3.2',
    'An identity that is not known is refused with 404',
    isTriedBy(
      'ocpp/handshake.test.ts',
      '1.6J 3.2 refuses an unknown identity with a complete HTTP answer and ends the connection',
    ),
  ],
  [
    '3.2',
    'Without a subprotocol that is spoken the handshake ends without one, and the connection at once',
    isTriedBy(
      'ocpp/handshake.test.ts',
      '1.6J 3.2 completes the handshake without a subprotocol and closes at once with 1002: %j',
    ),
  ],
  [
    '4.1.1',
    'Calls are answered in their order, also of a station that does not wait for answers',
    isTriedBy(
      'ocpp/connections.test.ts',
      'answers the calls of a connection in their order, broken ones included',
    ),
  ],
  [
    '4.1.3',
    'A message of an unknown type is ignored',
    isTriedBy('ocpp/rpc.test.ts', 'answers nothing to %s, and logs it'),
  ],
  [
    '4.1.4',
    'An answer has the id of its call, of up to 36 characters',
    isTriedBy('ocpp/rpc.test.ts', 'an id of 37 characters'),
  ],
  [
    '4.2.1',
    'A call without a payload may have null or an empty object',
    isTriedBy('ocpp/rpc.test.ts', '4.2.1 null for no payload'),
  ],
  [
    '4.2.3',
    'An action that is not known is NotImplemented',
    isTriedBy('ocpp/rpc.test.ts', 'an action of no version'),
  ],
  [
    '4.2.3',
    'An action that only a Central System may call is NotSupported',
    async () => {
      const { client } = await aTestedStation(app);
      const call = client.call('Reset', { type: 'Soft' });
      await expect(call).rejects.toMatchObject({ rpcErrorCode: 'NotSupported' });
    },
  ],
  [
    '4.2.3',
    'A message that is no JSON is FormationViolation, and the connection stays',
    isTriedBy('ocpp/rpc.test.ts', '1.6J 4.2.3 call errors for broken frames'),
  ],
  [
    '5.3',
    'Pings of WebSocket are answered, and sent to notice a connection that is half open',
    isTriedBy(
      'ocpp/connections.test.ts',
      'RFC 6455 5.5.2 ends a connection that does not answer pings, and no other',
    ),
  ],
  [
    '5.4',
    'A station that comes back goes on without another boot',
    async () => {
      const { reconnect, report, shownStation, shownConnector } = await aTestedStation(app);
      await reconnect();
      await report(1, 'Charging');
      expect(await shownStation()).toMatchObject({ connectionStatus: 'online' });
      expect(await shownConnector(1)).toMatchObject({ status: 'Charging' });
    },
  ],
  [
    '6.2.2',
    'A station with a password is refused with 401 when it sends another, or none',
    async () => {
      const station = await aTestedStation(app, { password: 'a-password-of-16+' });
      for (const secret of [{ password: 'another-password+' }, {}]) {
        await expect(station.clientWith(secret).connect()).rejects.toThrow('Unauthorized');
      }
      expect(await station.call('Heartbeat')).toEqual({ currentTime: at(0) });
    },
  ],
];

const ofSecurity: ConformanceRow[] = [
  [
    'A02',
    'A station that is told to asks for a certificate, and is given it',
    isTriedBy(
      'conformance_ocpp16/cases/certificates.ts',
      'Update Charge Point Certificate by Request of Central System',
    ),
  ],
  [
    'A03',
    'A station that asks by itself is given a certificate, if it may have one',
    isTriedBy('flows/certificates.test.ts', 'opens the station under security profile 3'),
  ],
  [
    'A04',
    'Security events are answered, and kept with their type and instant',
    async () => {
      const { call, shown } = await aTestedStation(app);
      const event = { type: 'InvalidCentralSystemCertificate', timestamp: at(-5), techInfo: 'expired' };
      expect(await call('SecurityEventNotification', event)).toEqual({});
      expect(await shown('/station_reports')).toMatchObject([
        { kind: 'security_event', securityEvent: event.type, details: 'expired', reportedAt: at(-5) },
      ]);
    },
  ],
  [
    'L01',
    'Each step of an update with signed firmware is answered',
    async () => {
      const { call, shown } = await aTestedStation(app);
      for (const status of ['Downloaded', 'SignatureVerified', 'InstallationFailed']) {
        expect(await call('SignedFirmwareStatusNotification', { status, requestId: 7 })).toEqual({});
      }
      const told = { kind: 'signed_firmware', requestId: 7 };
      expect(await shown('/station_reports')).toMatchObject([
        { ...told, status: 'Downloaded' },
        { ...told, status: 'SignatureVerified' },
        { ...told, status: 'InstallationFailed' },
      ]);
    },
  ],
  [
    'N01',
    'Each step of the upload of a log is answered',
    async () => {
      const { call, shown } = await aTestedStation(app);
      for (const status of ['Uploading', 'Uploaded']) {
        expect(await call('LogStatusNotification', { status, requestId: 8 })).toEqual({});
      }
      const told = { kind: 'log', requestId: 8 };
      expect(await shown('/station_reports')).toMatchObject([
        { ...told, status: 'Uploading' },
        { ...told, status: 'Uploaded' },
      ]);
    },
  ],
];

conformsTo('OCPP 1.6', ofOcpp16, page);
conformsTo('OCPP-J 1.6', ofOcppJ, page);
conformsTo('Security extensions', ofSecurity, page);
