// What all charging profiles of a connector come to, over time (OCPP 1.6 §5.7 Get Composite Schedule).

import { wattsOf } from './charging_profiles.ts';
import type { Charged, ChargingProfiles, RateUnit } from './charging_profiles.ts';

export type CompositeSchedule = {
  readonly duration: number;
  readonly startSchedule: string;
  readonly chargingRateUnit: RateUnit;
  readonly chargingSchedulePeriod: readonly { readonly startPeriod: number; readonly limit: number }[];
};

/**
 * Answers the limits of a connector from an instant on.
 *
 * @param mostW     what the connector can deliver, watts; it is the limit where no profile sets a lower one
 * @param duration  seconds
 * @returns one period at least, each with another limit than the one before, to a tenth
 */
export function compositeSchedule(
  profiles: ChargingProfiles,
  asked: {
    readonly connectorNumber: number;
    readonly charged: Charged | undefined;
    readonly mostW: number;
    readonly fromMs: number;
    readonly duration: number;
    readonly unit: RateUnit;
  },
): CompositeSchedule {
  const { connectorNumber, charged, mostW, fromMs, duration, unit } = asked;
  const limitAt = (atMs: number) => {
    const watts = Math.min(mostW, profiles.limitW(connectorNumber, charged, atMs));
    return Math.round((watts / wattsOf(1, unit)) * 10) / 10;
  };
  const changes = profiles.changesWithin(charged, fromMs, fromMs + duration * 1000);
  const instants = [fromMs, ...new Set(changes)].toSorted((a, b) => a - b);
  const periods: { startPeriod: number; limit: number }[] = [];
  for (const instant of instants) {
    const limit = limitAt(instant);
    if (limit === periods.at(-1)?.limit) continue;
    periods.push({ startPeriod: Math.round((instant - fromMs) / 1000), limit });
  }
  return {
    duration,
    startSchedule: new Date(fromMs).toISOString(),
    chargingRateUnit: unit,
    chargingSchedulePeriod: periods,
  };
}
