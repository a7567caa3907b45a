// The charging profiles of a station: which are installed, and what limit comes of them (OCPP 1.6 §3.13, §5.16).

import { highestStackLevel, mostProfiles, mostSchedulePeriods } from './configuration.ts';

export type RateUnit = 'A' | 'W';

export type ChargingProfile = {
  readonly chargingProfileId: number;
  readonly transactionId?: number;
  readonly stackLevel: number;
  readonly chargingProfilePurpose: 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile';
  readonly chargingProfileKind: 'Absolute' | 'Recurring' | 'Relative';
  readonly recurrencyKind?: 'Daily' | 'Weekly';
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly chargingSchedule: {
    /** Seconds. */
    readonly duration?: number;
    readonly startSchedule?: string;
    readonly chargingRateUnit: RateUnit;
    readonly chargingSchedulePeriod: readonly {
      /** Seconds from the schedule's start. */
      readonly startPeriod: number;
      readonly limit: number;
      readonly numberPhases?: number;
    }[];
  };
};

/** What is charged where, for a limit that depends on it. */
export type Charged = { readonly transactionId: number | undefined; readonly startedAtMs: number };

export type ProfileCriteria = {
  readonly id?: number | undefined;
  readonly connectorId?: number | undefined;
  readonly chargingProfilePurpose?: string | undefined;
  readonly stackLevel?: number | undefined;
};

type Installed = { readonly connectorNumber: number; readonly profile: ChargingProfile };

const volts = 230;
const phases = 3;
const recurrenceMs = { Daily: 86_400_000, Weekly: 604_800_000 } as const;

/** Answers watts for a rate at 230 V. */
export const wattsOf = (rate: number, unit: RateUnit, numberPhases: number = phases) =>
  unit === 'W' ? rate : rate * volts * numberPhases;

export class ChargingProfiles {
  readonly #installed: Installed[] = [];

  /**
   * Installs a profile in the place of the one with its id, or its purpose and stack level.
   *
   * @param charged what is charged at the connector
   * @see OCPP 1.6 §5.16 Set Charging Profile
   */
  set(
    connectorNumber: number,
    profile: ChargingProfile,
    charged: Charged | undefined,
  ): 'Accepted' | 'Rejected' {
    const { chargingProfilePurpose: purpose, stackLevel, transactionId, chargingSchedule } = profile;
    if (stackLevel > highestStackLevel) return 'Rejected';
    if (chargingSchedule.chargingSchedulePeriod.length > mostSchedulePeriods) return 'Rejected';
    if (purpose === 'ChargePointMaxProfile' && connectorNumber !== 0) return 'Rejected';
    if (purpose === 'TxProfile') {
      if (connectorNumber === 0 || charged === undefined) return 'Rejected';
      if (transactionId !== undefined && transactionId !== charged.transactionId) return 'Rejected';
    }
    this.#removeWhere(
      (each) =>
        each.profile.chargingProfileId === profile.chargingProfileId ||
        (each.connectorNumber === connectorNumber &&
          each.profile.chargingProfilePurpose === purpose &&
          each.profile.stackLevel === stackLevel),
    );
    if (this.#installed.length >= mostProfiles) return 'Rejected';
    this.#installed.push({ connectorNumber, profile });
    return 'Accepted';
  }

  /** Takes back the profile with the id, or all that meet the rest. @returns how many (OCPP 1.6 §5.5) */
  clear({ id, connectorId, chargingProfilePurpose, stackLevel }: ProfileCriteria): number {
    if (id !== undefined) return this.#removeWhere(({ profile }) => profile.chargingProfileId === id);
    return this.#removeWhere(
      ({ connectorNumber, profile }) =>
        (connectorId === undefined || connectorId === connectorNumber) &&
        (chargingProfilePurpose === undefined || chargingProfilePurpose === profile.chargingProfilePurpose) &&
        (stackLevel === undefined || stackLevel === profile.stackLevel),
    );
  }

  /** A TxProfile ends with its transaction. */
  transactionEnded(connectorNumber: number): void {
    this.clear({ connectorId: connectorNumber, chargingProfilePurpose: 'TxProfile' });
  }

  /** Answers how many watts a connector may draw at an instant; Infinity when nothing limits it. */
  limitW(connectorNumber: number, charged: Charged | undefined, atMs: number): number {
    const limit = (purpose: string, number: number) => this.#limitOf(purpose, number, charged, atMs);
    const ofTransaction =
      (charged === undefined ? undefined : limit('TxProfile', connectorNumber)) ??
      limit('TxDefaultProfile', connectorNumber) ??
      limit('TxDefaultProfile', 0) ??
      Infinity;
    return Math.min(
      connectorNumber === 0 ? Infinity : ofTransaction,
      limit('ChargePointMaxProfile', 0) ?? Infinity,
    );
  }

  /** Answers the instants of an interval at which a limit may change, unordered. */
  changesWithin(charged: Charged | undefined, fromMs: number, untilMs: number): number[] {
    const instants = this.#installed.flatMap(({ profile }) => {
      const { validFrom, validTo, chargingSchedule, recurrencyKind } = profile;
      const valid = [validFrom, validTo].flatMap((each) => (each === undefined ? [] : [Date.parse(each)]));
      const stepMs =
        profile.chargingProfileKind === 'Recurring' ? recurrenceMs[recurrencyKind ?? 'Daily'] : Infinity;
      const offsets = [
        ...chargingSchedule.chargingSchedulePeriod.map(({ startPeriod }) => startPeriod),
        ...(chargingSchedule.duration === undefined ? [] : [chargingSchedule.duration]),
      ];
      const begins: number[] = [];
      for (let begin = beginOf(profile, charged, fromMs); begin < untilMs; begin += stepMs)
        begins.push(begin);
      return [...valid, ...begins.flatMap((begin) => offsets.map((offset) => begin + offset * 1000))];
    });
    return instants.filter((instant) => instant > fromMs && instant < untilMs);
  }

  /** That of the highest stack level which says something now. */
  #limitOf(purpose: string, number: number, charged: Charged | undefined, atMs: number): number | undefined {
    let best: { stackLevel: number; watts: number } | undefined;
    for (const { connectorNumber, profile } of this.#installed) {
      if (profile.chargingProfilePurpose !== purpose || connectorNumber !== number) continue;
      const watts = wattsAt(profile, charged, atMs);
      if (watts === undefined || (best !== undefined && best.stackLevel > profile.stackLevel)) continue;
      best = { stackLevel: profile.stackLevel, watts };
    }
    return best?.watts;
  }

  #removeWhere(isMeant: (each: Installed) => boolean): number {
    const kept = this.#installed.filter((each) => !isMeant(each));
    const removed = this.#installed.length - kept.length;
    this.#installed.splice(0, this.#installed.length, ...kept);
    return removed;
  }
}

/** Answers when a profile's schedule began, of a recurring one the newest time. */
function beginOf(
  { chargingProfileKind: kind, ...profile }: ChargingProfile,
  charged: Charged | undefined,
  atMs: number,
) {
  const { chargingSchedule, recurrencyKind = 'Daily', validFrom } = profile;
  const text = chargingSchedule.startSchedule ?? validFrom;
  const startMs = charged?.startedAtMs ?? atMs;
  if (kind === 'Relative' || text === undefined) return startMs;
  const begin = Date.parse(text);
  if (kind === 'Absolute') return begin;
  const stepMs = recurrenceMs[recurrencyKind];
  return begin + Math.max(0, Math.floor((atMs - begin) / stepMs)) * stepMs;
}

function wattsAt(profile: ChargingProfile, charged: Charged | undefined, atMs: number): number | undefined {
  const { validFrom, validTo, chargingSchedule } = profile;
  if (validFrom !== undefined && atMs < Date.parse(validFrom)) return undefined;
  if (validTo !== undefined && atMs >= Date.parse(validTo)) return undefined;
  const seconds = (atMs - beginOf(profile, charged, atMs)) / 1000;
  const { duration = Infinity, chargingRateUnit, chargingSchedulePeriod } = chargingSchedule;
  if (seconds < 0 || seconds >= duration) return undefined;
  const period = chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= seconds);
  return period && wattsOf(period.limit, chargingRateUnit, period.numberPhases);
}
