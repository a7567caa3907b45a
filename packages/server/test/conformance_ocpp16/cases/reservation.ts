// Reservations: how a station takes them, uses them up, lets them expire and refuses them.

import { expect } from 'vitest';
import type { TestApp } from '../../test_app.ts';
import { aTestedStation } from '../tested_station.ts';
import type { TestedStation } from '../tested_station.ts';
import { aStationWithDriver, at, authorize, charge, expectCharging } from './scene.ts';
import type { Case } from './scene.ts';

const reservation = { connectorId: 1, expiryDate: at(60), idTag: 'VALID', reservationId: 17 };

async function reserve({ commanded }: TestedStation, status: string, more: object = {}): Promise<void> {
  const { asked } = await commanded('reserve_now', { ...reservation, ...more }, { status });
  expect(asked).toEqual({ ...reservation, ...more });
}

async function expectStatus({ shownConnector }: TestedStation, status: string): Promise<void> {
  expect(await shownConnector(1)).toMatchObject({ status });
}

async function aReservedConnector(app: TestApp, connectorId = 1): Promise<TestedStation> {
  const station = await aStationWithDriver(app);
  await reserve(station, 'Accepted', { connectorId });
  await station.report(1, 'Reserved');
  await expectStatus(station, 'Reserved');
  return station;
}

/** The driver of the reservation charges, who is told by it. */
async function chargeReserved(station: TestedStation): Promise<void> {
  await authorize(station);
  await station.report(1, 'Preparing');
  await charge(station, { reservationId: 17 });
  await expectCharging(station, { reservationId: 17 });
}

async function cancel({ commanded }: TestedStation, status: string): Promise<void> {
  const { asked } = await commanded('cancel_reservation', { reservationId: 17 }, { status });
  expect(asked).toEqual({ reservationId: 17 });
}

export const reservationCases = (app: TestApp): Case[] => [
  [
    'TC_046_CSMS',
    'Reservation of a Connector - Transaction',
    async () => chargeReserved(await aReservedConnector(app)),
  ],
  [
    'TC_047_CSMS',
    'Reservation of a Connector - Expire',
    async () => {
      const station = await aReservedConnector(app);
      await station.report(1, 'Available');
      await expectStatus(station, 'Available');
    },
  ],
  [
    'TC_048_1_CSMS',
    'Reservation of a Connector - Faulted',
    async () => {
      const station = await aStationWithDriver(app);
      await station.report(1, 'Faulted', { errorCode: 'OtherError' });
      await reserve(station, 'Faulted');
      await expectStatus(station, 'Faulted');
    },
  ],
  [
    'TC_048_2_CSMS',
    'Reservation of a Connector - Occupied',
    async () => {
      const station = await aStationWithDriver(app);
      await station.report(1, 'Preparing');
      await reserve(station, 'Occupied');
      await expectStatus(station, 'Preparing');
    },
  ],
  [
    'TC_048_3_CSMS',
    'Reservation of a Connector - Unavailable',
    async () => {
      const station = await aStationWithDriver(app);
      const outOfService = { connectorId: 1, type: 'Inoperative' };
      const { asked } = await station.commanded('change_availability', outOfService, { status: 'Accepted' });
      expect(asked).toEqual(outOfService);
      await station.report(1, 'Unavailable');
      await reserve(station, 'Unavailable');
      await expectStatus(station, 'Unavailable');
    },
  ],
  [
    'TC_048_4_CSMS',
    'Reservation of a Connector - Rejected',
    async () => reserve(await aTestedStation(app), 'Rejected'),
  ],
  [
    'TC_049_CSMS',
    'Reservation of a Charge Point - Transaction',
    async () => chargeReserved(await aReservedConnector(app, 0)),
  ],
  [
    'TC_051_CSMS',
    'Cancel Reservation',
    async () => {
      const station = await aReservedConnector(app);
      await cancel(station, 'Accepted');
      await station.report(1, 'Available');
      await expectStatus(station, 'Available');
    },
  ],
  ['TC_052_CSMS', 'Cancel Reservation - Rejected', async () => cancel(await aTestedStation(app), 'Rejected')],
  [
    'TC_053_CSMS',
    'Use a Reserved Connector with parentIdTag',
    async () => {
      const station = await aTestedStation(app);
      await station.token('VALID', { parentValue: 'FAMILY' });
      await reserve(station, 'Accepted', { idTag: 'SIBLING', parentIdTag: 'FAMILY' });
      await station.report(1, 'Reserved');
      expect(await station.call('Authorize', { idTag: 'VALID' })).toEqual({
        idTagInfo: { status: 'Accepted', parentIdTag: 'FAMILY' },
      });
      await station.report(1, 'Preparing');
      await charge(station, { reservationId: 17 });
      await expectCharging(station, { reservationId: 17 });
    },
  ],
];
