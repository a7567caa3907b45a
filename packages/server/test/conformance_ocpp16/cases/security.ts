// The security extensions: a new password, root certificates, logs, signed firmware and a higher security profile.

import { expect } from 'vitest';
import type { Authority } from '../../certificates.ts';
import type { TestApp } from '../../test_app.ts';
import { aBoot, aTestedStation } from '../tested_station.ts';
import type { TestedStation } from '../tested_station.ts';
import { at } from './scene.ts';
import type { Case } from './scene.ts';

const password = 'a-password-of-16+';
const newPassword = '4f43415f4f4354545f61646d696e5f74657374';

const firmware = {
  location: 'https://files.example.com/firmware/1.1.bin',
  retrieveDateTime: at(0),
  signingCertificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  signature: 'MEUCIQDx',
};

async function changeKey({ commanded }: TestedStation, key: string, value: string): Promise<void> {
  const { asked, shown } = await commanded('change_configuration', { key, value }, { status: 'Accepted' });
  expect(asked).toEqual({ key, value });
  const isSecret = key === 'AuthorizationKey';
  expect(shown['parameters']).toEqual({ key, value: isSecret ? '(withheld)' : value });
}

async function install(app: TestApp, certificateType: string, { cert }: Authority, status: string) {
  const station = await aTestedStation(app);
  const parameters = { certificateType, certificate: cert };
  const { asked } = await station.commanded('install_certificate', parameters, { status });
  expect(asked).toEqual(parameters);
  return station;
}

async function updateFirmware(app: TestApp, statuses: readonly string[]): Promise<TestedStation> {
  const station = await aTestedStation(app);
  const parameters = { requestId: 7, firmware };
  const { asked } = await station.commanded('signed_update_firmware', parameters, { status: 'Accepted' });
  expect(asked).toEqual(parameters);
  for (const status of statuses) {
    expect(await station.call('SignedFirmwareStatusNotification', { status, requestId: 7 })).toEqual({});
  }
  expect(await station.shown('/station_reports')).toMatchObject(
    statuses.map((status) => ({ kind: 'signed_firmware', status, requestId: 7 })),
  );
  return station;
}

export const securityCases = (app: TestApp, authority: Authority): Case[] => [
  [
    'TC_073_CSMS',
    'Update Charge Point Password for HTTP Basic Authentication',
    async () => {
      const station = await aTestedStation(app, { securityProfile: 1, password });
      await changeKey(station, 'AuthorizationKey', newPassword);
      await station.client.close();
      const bytes = Buffer.from(newPassword, 'hex').toString('utf8');
      for (const secret of [newPassword, bytes]) {
        const client = station.clientWith({ password: secret });
        await client.connect();
        expect(await client.call('BootNotification', aBoot)).toMatchObject({ status: 'Accepted' });
      }
      await expect(station.clientWith({ password }).connect()).rejects.toThrow('Unauthorized');
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online' });
    },
  ],
  [
    'TC_075_1_CSMS',
    'Install Certificate - ManufacturerRootCertificate',
    async () => void (await install(app, 'ManufacturerRootCertificate', authority, 'Accepted')),
  ],
  [
    'TC_075_2_CSMS',
    'Install Certificate - CentralSystemRootCertificate',
    async () => void (await install(app, 'CentralSystemRootCertificate', authority, 'Accepted')),
  ],
  [
    'TC_076_CSMS',
    'Delete a Specific Certificate from the Charge Point',
    async () => {
      const { commanded } = await aTestedStation(app);
      const certificateType = 'CentralSystemRootCertificate';
      const hash = {
        hashAlgorithm: 'SHA256',
        issuerNameHash: '3fb4d3a5',
        issuerKeyHash: 'bb84c7b9',
        serialNumber: '01',
      };
      const installed = { status: 'Accepted', certificateHashData: [hash] };
      const before = await commanded('get_installed_certificate_ids', { certificateType }, installed);
      expect(before.asked).toEqual({ certificateType });
      expect(before.shown['response']).toEqual(installed);
      const deleted = { certificateHashData: hash };
      const { asked } = await commanded('delete_certificate', deleted, { status: 'Accepted' });
      expect(asked).toEqual(deleted);
      await commanded('get_installed_certificate_ids', { certificateType }, { status: 'NotFound' });
    },
  ],
  [
    'TC_078_CSMS',
    'Invalid CentralSystemCertificate Security Event',
    async () => {
      const { call, shown } = await install(app, 'CentralSystemRootCertificate', authority, 'Rejected');
      const type = 'InvalidCentralSystemCertificate';
      expect(await call('SecurityEventNotification', { type, timestamp: at(0) })).toEqual({});
      expect(await shown('/station_reports')).toMatchObject([
        { kind: 'security_event', securityEvent: type },
      ]);
    },
  ],
  [
    'TC_079_CSMS',
    'Get Security Log',
    async () => {
      const { commanded, call, shown } = await aTestedStation(app);
      const parameters = {
        logType: 'SecurityLog',
        requestId: 8,
        log: { remoteLocation: 'https://files.example.com/logs/' },
      };
      const response = { status: 'Accepted', filename: 'security.log' };
      const { asked } = await commanded('get_log', parameters, response);
      expect(asked).toEqual(parameters);
      for (const status of ['Uploading', 'Uploaded']) {
        expect(await call('LogStatusNotification', { status, requestId: 8 })).toEqual({});
      }
      expect(await shown('/station_reports')).toMatchObject([
        { kind: 'log', status: 'Uploading', requestId: 8 },
        { kind: 'log', status: 'Uploaded', requestId: 8 },
      ]);
    },
  ],
  [
    'TC_080_CSMS',
    'Secure Firmware Update',
    async () => {
      const steps = ['Downloading', 'Downloaded', 'SignatureVerified', 'Installing', 'InstallRebooting'];
      const station = await updateFirmware(app, steps);
      await station.reconnect();
      await station.call('BootNotification', { ...aBoot, firmwareVersion: '1.1' });
      const last = { status: 'Installed', requestId: 7 };
      expect(await station.call('SignedFirmwareStatusNotification', last)).toEqual({});
      expect((await station.shown('/station_reports')).at(-1)).toMatchObject(last);
      expect(await station.shownStation()).toMatchObject({ firmwareVersion: '1.1' });
    },
  ],
  [
    'TC_081_CSMS',
    'Secure Firmware Update - Invalid Signature',
    async () => void (await updateFirmware(app, ['Downloading', 'Downloaded', 'InvalidSignature'])),
  ],
  [
    'TC_083_CSMS',
    'Upgrade Charge Point Security Profile - Accepted',
    async () => {
      const station = await aTestedStation(app, { securityProfile: 1, password });
      await changeKey(station, 'SecurityProfile', '2');
      const { asked } = await station.commanded('reset', { type: 'Hard' }, { status: 'Accepted' });
      expect(asked).toEqual({ type: 'Hard' });
      await station.client.close();
      const secured = station.clientWith({ password, tls: { ca: authority.cert } });
      await secured.connect();
      expect(await secured.call('BootNotification', aBoot)).toMatchObject({ status: 'Accepted' });
      await expect(station.clientWith({ password }).connect()).rejects.toThrow('Forbidden');
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online', securityProfile: 2 });
    },
  ],
];
