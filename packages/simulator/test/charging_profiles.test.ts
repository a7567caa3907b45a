// Charging profiles, by the wire and by their limits over time: OCPP 1.6 §3.13, §5.5, §5.7, §5.16.

import { describe, expect, test } from 'vitest';
import { ChargingProfiles } from '../src/charging_profiles.ts';
import type { ChargingProfile } from '../src/charging_profiles.ts';
import { compositeSchedule } from '../src/composite_schedule.ts';
import { bootedStation, chargeRemotely } from './booted_station.ts';

const noon = Date.UTC(2026, 10, 25, 12);
const at = (minutes: number) => new Date(noon + minutes * 60_000).toISOString();

/** Limits in watts, by minutes from the schedule's start. */
function aProfile(limits: Record<number, number>, more: Partial<ChargingProfile> = {}): ChargingProfile {
  return {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    ...more,
    chargingSchedule: {
      startSchedule: at(0),
      chargingRateUnit: 'W',
      chargingSchedulePeriod: Object.entries(limits).map(([minutes, limit]) => ({
        startPeriod: Number(minutes) * 60,
        limit,
      })),
      ...more.chargingSchedule,
    },
  };
}

/** Minutes and watts of an hour from noon on. */
function hourOf(profiles: ChargingProfiles, charged?: { transactionId: number; startedAtMs: number }) {
  const asked = {
    connectorNumber: 1,
    charged,
    mostW: 22_000,
    fromMs: noon,
    duration: 3_600,
    unit: 'W',
  } as const;
  const { chargingSchedulePeriod } = compositeSchedule(profiles, asked);
  return chargingSchedulePeriod.map(({ startPeriod, limit }) => [startPeriod / 60, limit]);
}

function installed(...all: readonly [connectorNumber: number, profile: ChargingProfile][]) {
  const profiles = new ChargingProfiles();
  const charged = { transactionId: 1, startedAtMs: noon };
  for (const [number, profile] of all) expect(profiles.set(number, profile, charged)).toBe('Accepted');
  return profiles;
}

describe('a composite schedule', () => {
  test('is what the connector can deliver where nothing limits it', () => {
    expect(hourOf(new ChargingProfiles())).toEqual([[0, 22_000]]);
  });

  test('follows a profile over time, and ends with it', () => {
    const chargingSchedule = { duration: 2_400 } as ChargingProfile['chargingSchedule'];
    const profiles = installed([1, aProfile({ 0: 5_000, 20: 7_000 }, { chargingSchedule })]);
    expect(hourOf(profiles)).toEqual([
      [0, 5_000],
      [20, 7_000],
      [40, 22_000],
    ]);
  });

  test('takes the highest stack level, the transaction’s own profile, and the lowest of the station', () => {
    const profiles = installed(
      [0, aProfile({ 0: 9_000 }, { chargingProfileId: 1 })],
      [1, aProfile({ 0: 8_000 }, { chargingProfileId: 2, stackLevel: 1, validTo: at(10) })],
      [1, aProfile({ 0: 7_000 }, { chargingProfileId: 3 })],
      [
        0,
        aProfile(
          { 0: 20_000, 40: 1_000 },
          {
            chargingProfileId: 4,
            chargingProfilePurpose: 'ChargePointMaxProfile',
          },
        ),
      ],
    );
    expect(hourOf(profiles)).toEqual([
      [0, 8_000],
      [10, 7_000],
      [40, 1_000],
    ]);
    const charged = { transactionId: 1, startedAtMs: noon - 600_000 };
    const relative = { chargingProfileId: 5, chargingProfileKind: 'Relative' } as const;
    const own = aProfile({ 0: 3_000, 30: 4_000 }, { ...relative, chargingProfilePurpose: 'TxProfile' });
    profiles.set(1, own, charged);
    expect(hourOf(profiles, charged)).toEqual([
      [0, 3_000],
      [20, 4_000],
      [40, 1_000],
    ]);
  });

  test('comes again every day where the profile does', () => {
    const yesterday = new Date(noon - 86_400_000 + 600_000).toISOString();
    const daily = aProfile(
      { 0: 5_000, 30: 6_000 },
      {
        chargingProfileKind: 'Recurring',
        recurrencyKind: 'Daily',
        chargingSchedule: { startSchedule: yesterday } as ChargingProfile['chargingSchedule'],
      },
    );
    expect(hourOf(installed([1, daily]))).toEqual([
      [0, 6_000],
      [10, 5_000],
      [40, 6_000],
    ]);
  });
});

const asWired = (more: Partial<ChargingProfile> = {}) => aProfile({ 0: 6_900 }, more);

describe('a station', () => {
  test('sets, sums up and clears profiles', async () => {
    const { call } = await bootedStation();
    const set = { connectorId: 1, csChargingProfiles: asWired() };
    expect(await call('SetChargingProfile', set)).toEqual({ status: 'Accepted' });
    expect(
      await call('GetCompositeSchedule', { connectorId: 1, duration: 60, chargingRateUnit: 'A' }),
    ).toMatchObject({
      status: 'Accepted',
      connectorId: 1,
      chargingSchedule: {
        duration: 60,
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: expect.any(Number) as number }],
      },
    });
    expect(await call('ClearChargingProfile', { id: 1 })).toEqual({ status: 'Accepted' });
    expect(await call('ClearChargingProfile', { id: 1 })).toEqual({ status: 'Unknown' });
  });

  test('rejects a profile that does not fit', async () => {
    const { call } = await bootedStation();
    for (const [connectorId, more] of [
      [9, {}],
      [1, { chargingProfilePurpose: 'TxProfile' }],
      [1, { chargingProfilePurpose: 'ChargePointMaxProfile' }],
      [1, { stackLevel: 11 }],
    ] as const) {
      const set = { connectorId, csChargingProfiles: asWired(more) };
      expect(await call('SetChargingProfile', set)).toEqual({ status: 'Rejected' });
    }
  });

  test('forgets the profile of a transaction with it', async () => {
    const booted = await bootedStation();
    const transactionId = await chargeRemotely(booted);
    const ofTransaction = asWired({ chargingProfilePurpose: 'TxProfile', transactionId });
    const set = { connectorId: 1, csChargingProfiles: ofTransaction };
    expect(await booted.call('SetChargingProfile', set)).toEqual({ status: 'Accepted' });
    await booted.call('RemoteStopTransaction', { transactionId });
    await booted.system.calls.first(({ action }) => action === 'StopTransaction');
    expect(await booted.call('ClearChargingProfile', {})).toEqual({ status: 'Unknown' });
  });
});
