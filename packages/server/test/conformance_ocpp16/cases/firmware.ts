// Firmware and diagnostics: what the Central System orders, and the steps that the station tells of it.

import { expect } from 'vitest';
import type { TestApp } from '../../test_app.ts';
import { aBoot, aTestedStation } from '../tested_station.ts';
import type { TestedStation } from '../tested_station.ts';
import { at } from './scene.ts';
import type { Case } from './scene.ts';

const firmware = { location: 'https://files.example.com/firmware/1.1.bin', retries: 1, retryInterval: 10 };
const folder = { location: 'https://files.example.com/diagnostics/' };

async function updateFirmware({ commanded }: TestedStation): Promise<void> {
  const { asked } = await commanded('update_firmware', firmware, {});
  expect(asked).toEqual({ ...firmware, retrieveDate: at(0) });
}

async function getDiagnostics({ commanded }: TestedStation): Promise<void> {
  const response = { fileName: 'diagnostics.zip' };
  const { asked, shown } = await commanded('get_diagnostics', folder, response);
  expect(asked).toEqual(folder);
  expect(shown['response']).toEqual(response);
}

/** Tells the steps, which the API shows, in their order. */
async function tell(station: TestedStation, kind: 'firmware' | 'diagnostics', statuses: readonly string[]) {
  const action = kind === 'firmware' ? 'FirmwareStatusNotification' : 'DiagnosticsStatusNotification';
  for (const status of statuses) expect(await station.call(action, { status })).toEqual({});
  const reports = await station.shown(`/station_reports?filter[kind]=${kind}`);
  expect(reports.map(({ status }) => status)).toEqual(statuses);
}

export const firmwareCases = (app: TestApp): Case[] => [
  [
    'TC_044_1_CSMS',
    'Firmware Update - Download and Install',
    async () => {
      const station = await aTestedStation(app);
      await updateFirmware(station);
      await tell(station, 'firmware', ['Downloading', 'Downloaded']);
      await station.report(1, 'Unavailable');
      expect(await station.call('FirmwareStatusNotification', { status: 'Installing' })).toEqual({});
      await station.reconnect();
      await station.call('BootNotification', { ...aBoot, firmwareVersion: '1.1' });
      await station.report(1, 'Available');
      expect(await station.call('FirmwareStatusNotification', { status: 'Installed' })).toEqual({});
      const reports = await station.shown('/station_reports');
      expect(reports.map(({ status }) => status)).toEqual([
        'Downloading',
        'Downloaded',
        'Installing',
        'Installed',
      ]);
      expect(await station.shownStation()).toMatchObject({ firmwareVersion: '1.1' });
    },
  ],
  [
    'TC_044_2_CSMS',
    'Firmware Update - Download Failed',
    async () => {
      const station = await aTestedStation(app);
      await updateFirmware(station);
      await tell(station, 'firmware', ['Downloading', 'DownloadFailed']);
    },
  ],
  [
    'TC_044_3_CSMS',
    'Firmware Update - Installation Failed',
    async () => {
      const station = await aTestedStation(app);
      await updateFirmware(station);
      await tell(station, 'firmware', ['Downloading', 'Downloaded', 'Installing', 'InstallationFailed']);
      expect(await station.shownStation()).toMatchObject({ firmwareVersion: aBoot.firmwareVersion });
    },
  ],
  [
    'TC_045_1_CSMS',
    'Get Diagnostics',
    async () => {
      const station = await aTestedStation(app);
      await getDiagnostics(station);
      await tell(station, 'diagnostics', ['Uploading', 'Uploaded']);
    },
  ],
  [
    'TC_045_2_CSMS',
    'Get Diagnostics - Upload Failed',
    async () => {
      const station = await aTestedStation(app);
      await getDiagnostics(station);
      await tell(station, 'diagnostics', ['Uploading', 'UploadFailed']);
    },
  ],
];
