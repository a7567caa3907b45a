// A transaction as its station knows it, and how it begins and ends.

import type { Charged, ChargingProfile } from './charging_profiles.ts';

export type Transaction = {
  readonly connectorNumber: number;
  readonly idTag: string;
  /** The part of the connector's power that the vehicle takes, 0–1. */
  readonly share: number;
  startedAtMs: number;
  isCharging: boolean;
  /** The central system's number; undefined until it has answered the start. */
  id: number | undefined;
  sampleTimer: NodeJS.Timeout | undefined;
};

export type Start = {
  readonly idTag: string;
  /** Whether Authorize comes first. */
  readonly isToBeAuthorized: boolean;
  readonly profile?: ChargingProfile | undefined;
};

/** Of OCPP 1.6 §7.36 Reason. */
export type StopReason =
  'DeAuthorized' | 'HardReset' | 'Local' | 'Reboot' | 'Remote' | 'SoftReset' | 'UnlockCommand';

/** What the limits of charging profiles depend on. */
export const chargedBy = ({ id, startedAtMs }: Transaction): Charged => ({ transactionId: id, startedAtMs });
