// Charging profiles: set, with a transaction's start and by themselves, read and cleared.

import { expect } from 'vitest';
import type { TestApp } from '../../test_app.ts';
import { aTestedStation } from '../tested_station.ts';
import type { TestedStation } from '../tested_station.ts';
import { aStationWithDriver, at, authorize, charge, expectCharging } from './scene.ts';
import type { Case } from './scene.ts';

const chargingSchedule = {
  duration: 3_600,
  startSchedule: at(0),
  chargingRateUnit: 'A',
  chargingSchedulePeriod: [
    { startPeriod: 0, limit: 6, numberPhases: 3 },
    { startPeriod: 1_200, limit: 10.5, numberPhases: 3 },
  ],
};

const aProfile = (chargingProfileId: number, chargingProfilePurpose: string, more: object = {}) => ({
  chargingProfileId,
  stackLevel: 0,
  chargingProfilePurpose,
  chargingProfileKind: 'Absolute',
  validFrom: at(0),
  validTo: at(60),
  chargingSchedule,
  ...more,
});

async function setProfile({ commanded }: TestedStation, connectorId: number, profile: object): Promise<void> {
  const parameters = { connectorId, csChargingProfiles: profile };
  const { asked } = await commanded('set_charging_profile', parameters, { status: 'Accepted' });
  expect(asked).toEqual(parameters);
}

export const smartChargingCases = (app: TestApp): Case[] => [
  [
    'TC_056_CSMS',
    'Central Smart Charging - TxDefaultProfile',
    async () => {
      const station = await aStationWithDriver(app);
      await setProfile(station, 1, aProfile(1, 'TxDefaultProfile'));
      await charge(station);
      await expectCharging(station);
    },
  ],
  [
    'TC_057_CSMS',
    'Central Smart Charging - TxProfile',
    async () => {
      const station = await aStationWithDriver(app);
      const transactionId = await charge(station);
      await setProfile(station, 1, aProfile(1, 'TxProfile', { transactionId }));
      await expectCharging(station);
    },
  ],
  [
    'TC_059_CSMS',
    'Remote Start Transaction with Charging Profile',
    async () => {
      const station = await aStationWithDriver(app);
      const parameters = { connectorId: 1, idTag: 'VALID', chargingProfile: aProfile(1, 'TxProfile') };
      const { asked } = await station.commanded('remote_start_transaction', parameters, {
        status: 'Accepted',
      });
      expect(asked).toEqual(parameters);
      await authorize(station);
      await station.report(1, 'Preparing');
      await charge(station);
      await expectCharging(station);
    },
  ],
  [
    'TC_066_CSMS',
    'Get Composite Schedule',
    async () => {
      const { commanded } = await aTestedStation(app);
      const parameters = { connectorId: 1, duration: 3_600, chargingRateUnit: 'A' };
      const response = { status: 'Accepted', connectorId: 1, scheduleStart: at(0), chargingSchedule };
      const { asked, shown } = await commanded('get_composite_schedule', parameters, response);
      expect(asked).toEqual(parameters);
      expect(shown['response']).toEqual(response);
    },
  ],
  [
    'TC_067_CSMS',
    'Clear Charging Profile',
    async () => {
      const station = await aStationWithDriver(app);
      const transactionId = await charge(station);
      await setProfile(station, 0, aProfile(1, 'ChargePointMaxProfile'));
      await setProfile(station, 1, aProfile(2, 'TxDefaultProfile', { stackLevel: 1 }));
      await setProfile(station, 1, aProfile(3, 'TxProfile', { transactionId }));
      const criteria = { connectorId: 1, chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 1 };
      for (const parameters of [{ id: 1 }, criteria, {}]) {
        const { asked } = await station.commanded('clear_charging_profile', parameters, {
          status: 'Accepted',
        });
        expect(asked).toEqual(parameters);
      }
    },
  ],
];
