// Configuration keys and the local authorization list, as the Central System reads and writes them.

import { expect } from 'vitest';
import type { TestApp } from '../../test_app.ts';
import { aTestedStation } from '../tested_station.ts';
import type { TestedStation } from '../tested_station.ts';
import { at } from './scene.ts';
import type { Case } from './scene.ts';

const keys = [
  { key: 'MeterValueSampleInterval', readonly: false, value: '300' },
  { key: 'SupportedFeatureProfiles', readonly: true, value: 'Core,LocalAuthListManagement' },
];

/** Key and value of what the API keeps of the station's configuration. */
const stored = async ({ shown, id }: TestedStation) =>
  (await shown(`/cp/${id}/configurations`)).map(({ key, value }) => [key, value]);

/** A change that the station answers so; answers what is kept of the key then. */
async function change(app: TestApp, [key, value]: [string, string], status: string): Promise<unknown> {
  const station = await aTestedStation(app);
  const { asked } = await station.commanded('change_configuration', { key, value }, { status });
  expect(asked).toEqual({ key, value });
  return stored(station);
}

const aList = (listVersion: number, updateType: string, idTag: string) => ({
  listVersion,
  updateType,
  localAuthorizationList: [{ idTag, idTagInfo: { status: 'Accepted', expiryDate: at(600) } }],
});

async function sendList({ commanded }: TestedStation, list: object, status: string): Promise<void> {
  const { asked } = await commanded('send_local_list', list, { status });
  expect(asked).toEqual(list);
}

async function expectListVersion({ commanded }: TestedStation, listVersion: number): Promise<void> {
  const { asked, shown } = await commanded('get_local_list_version', {}, { listVersion });
  expect(asked).toEqual({});
  expect(shown['response']).toEqual({ listVersion });
}

export const configurationCases = (app: TestApp): Case[] => [
  [
    'TC_019_1_CSMS',
    'Retrieve All Configuration Keys',
    async () => {
      const station = await aTestedStation(app);
      const { asked, shown } = await station.commanded('get_configuration', {}, { configurationKey: keys });
      expect(asked).toEqual({});
      expect(shown['response']).toEqual({ configurationKeys: keys, unknownKeys: [] });
      expect(await stored(station)).toEqual(keys.map(({ key, value }) => [key, value]));
    },
  ],
  [
    'TC_019_2_CSMS',
    'Retrieve Specific Configuration Key',
    async () => {
      const station = await aTestedStation(app);
      const configurationKey = keys.slice(1);
      const { asked, shown } = await station.commanded(
        'get_configuration',
        { keys: ['SupportedFeatureProfiles'] },
        { configurationKey },
      );
      expect(asked).toEqual({ key: ['SupportedFeatureProfiles'] });
      expect(shown['response']).toEqual({ configurationKeys: configurationKey, unknownKeys: [] });
      expect(await stored(station)).toEqual(configurationKey.map(({ key, value }) => [key, value]));
    },
  ],
  [
    'TC_021_CSMS',
    'Change/Set Configuration',
    async () => {
      const key: [string, string] = ['MeterValueSampleInterval', '60'];
      expect(await change(app, key, 'Accepted')).toEqual([key]);
    },
  ],
  [
    'TC_040_1_CSMS',
    'Configuration Keys - NotSupported',
    async () => expect(await change(app, ['UnknownKey', '60'], 'NotSupported')).toEqual([]),
  ],
  [
    'TC_040_2_CSMS',
    'Configuration Keys - Invalid Value',
    async () => expect(await change(app, ['MeterValueSampleInterval', '-1'], 'Rejected')).toEqual([]),
  ],
  [
    'TC_042_1_CSMS',
    'Get Local List Version - Not Supported',
    async () => expectListVersion(await aTestedStation(app), -1),
  ],
  [
    'TC_042_2_CSMS',
    'Get Local List Version - Empty',
    async () => expectListVersion(await aTestedStation(app), 0),
  ],
  [
    'TC_043_1_CSMS',
    'Send Local Authorization List - NotSupported',
    async () => sendList(await aTestedStation(app), aList(1, 'Full', 'VALID'), 'NotSupported'),
  ],
  [
    'TC_043_3_CSMS',
    'Send Local Authorization List - Failed',
    async () => {
      const station = await aTestedStation(app);
      await sendList(station, aList(1, 'Full', 'VALID'), 'Failed');
      await sendList(station, aList(1, 'Full', 'VALID'), 'Accepted');
    },
  ],
  [
    'TC_043_4_CSMS',
    'Send Local Authorization List - Full',
    async () => sendList(await aTestedStation(app), aList(1, 'Full', 'VALID'), 'Accepted'),
  ],
  [
    'TC_043_5_CSMS',
    'Send Local Authorization List - Differential',
    async () => {
      const station = await aTestedStation(app);
      await sendList(station, aList(1, 'Full', 'VALID'), 'Accepted');
      await expectListVersion(station, 1);
      await sendList(station, aList(2, 'Differential', 'ANOTHER'), 'Accepted');
    },
  ],
];
