// What the Open Charge Alliance's test cases have in common: instants, a driver, and the way to a transaction.

import { expect } from 'vitest';
import type { TestApp } from '../../test_app.ts';
import { aTestedStation } from '../tested_station.ts';
import type { TestedStation } from '../tested_station.ts';

export type Case = readonly [id: string, name: string, test: () => Promise<void>];

/** The clock's instant. */
export const start = new Date('2026-11-25T12:00:00.000Z');

/** Minutes from the clock's instant. */
export const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000).toISOString();

export const aStart = (minutes: number, more: object = {}) => ({
  connectorId: 1,
  idTag: 'VALID',
  meterStart: 100,
  timestamp: at(minutes),
  ...more,
});
export const aStop = (minutes: number, transactionId: unknown, more: object = {}) => ({
  transactionId,
  idTag: 'VALID',
  meterStop: 1100,
  timestamp: at(minutes),
  ...more,
});

export const accepted = { idTagInfo: { status: 'Accepted' } };

/** A booted station with a driver whose token is valid. */
export async function aStationWithDriver(app: TestApp): Promise<TestedStation> {
  const station = await aTestedStation(app);
  await station.token('VALID');
  return station;
}

export async function authorize({ call }: TestedStation): Promise<void> {
  expect(await call('Authorize', { idTag: 'VALID' })).toEqual(accepted);
}

/** From the start to the status Charging; answers the transaction's number. */
export async function charge({ call, report }: TestedStation, more: object = {}): Promise<number> {
  const { transactionId, idTagInfo } = await call('StartTransaction', aStart(0, more));
  expect(idTagInfo).toMatchObject(accepted.idTagInfo);
  await report(1, 'Charging');
  return Number(transactionId);
}

export async function expectCharging(
  { shown, shownConnector, id }: TestedStation,
  more: object = {},
): Promise<void> {
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
      ...more,
    },
  ]);
}

/** The transaction's end as a station tells it when it was told to stop, and as the API shows it. */
export async function stop(station: TestedStation, transactionId: number, reason: string): Promise<void> {
  const answer = await station.call('StopTransaction', aStop(5, transactionId, { reason, idTag: undefined }));
  expect(answer).toEqual({});
  await station.report(1, 'Finishing');
  await station.report(1, 'Available');
  expect(await station.shownConnector(1)).toMatchObject({ status: 'Available' });
  expect(await station.shown('/transactions')).toMatchObject([
    { state: 'ended', stopReason: reason, endDate: at(5), energyWh: 1000, endedBy: 'station', flags: [] },
  ]);
}
