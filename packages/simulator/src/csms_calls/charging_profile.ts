// Charging profiles set, cleared and summed up (OCPP 1.6 §5.5, §5.7, §5.16).

import type { ChargingProfile } from '../charging_profiles.ts';
import { compositeSchedule } from '../composite_schedule.ts';
import type { Payload } from '../frames.ts';
import { answered } from './csms_call.ts';
import type { CsmsCall } from './csms_call.ts';
import { WrongType, instantIn, integerIn, objectIn, objectsIn, optional, textIn, wordIn } from './members.ts';

export const handleSetChargingProfile: CsmsCall = (payload, { memory }) => {
  const connectorNumber = integerIn(payload, 'connectorId');
  const profile = chargingProfileIn(objectIn(payload, 'csChargingProfiles'));
  if (!memory.connectors.has(connectorNumber)) return answered('Rejected');
  return answered(memory.profiles.set(connectorNumber, profile, memory.charging.chargedAt(connectorNumber)));
};

export const handleClearChargingProfile: CsmsCall = (payload, { memory }) => {
  const cleared = memory.profiles.clear({
    id: optional(integerIn, payload, 'id'),
    connectorId: optional(integerIn, payload, 'connectorId'),
    chargingProfilePurpose: optional(textIn, payload, 'chargingProfilePurpose'),
    stackLevel: optional(integerIn, payload, 'stackLevel'),
  });
  return answered(cleared > 0 ? 'Accepted' : 'Unknown');
};

export const handleGetCompositeSchedule: CsmsCall = (payload, { memory }) => {
  const connectorNumber = integerIn(payload, 'connectorId');
  const duration = integerIn(payload, 'duration');
  const unit =
    payload['chargingRateUnit'] === undefined ? 'W' : wordIn(payload, 'chargingRateUnit', ['A', 'W']);
  const { connectors, charging, profiles, mostW } = memory;
  if (!connectors.has(connectorNumber)) return answered('Rejected');
  const chargingSchedule = compositeSchedule(profiles, {
    connectorNumber,
    charged: charging.chargedAt(connectorNumber),
    mostW: connectorNumber === 0 ? mostW * connectors.count : mostW,
    fromMs: Date.now(),
    duration,
    unit,
  });
  const scheduleStart = chargingSchedule.startSchedule;
  return { payload: { status: 'Accepted', connectorId: connectorNumber, scheduleStart, chargingSchedule } };
};

/** @throws {WrongType} */
export function chargingProfileIn(payload: Payload): ChargingProfile {
  integerIn(payload, 'chargingProfileId');
  integerIn(payload, 'stackLevel');
  wordIn(payload, 'chargingProfilePurpose', ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']);
  wordIn(payload, 'chargingProfileKind', ['Absolute', 'Recurring', 'Relative']);
  optional(instantIn, payload, 'validFrom');
  optional(instantIn, payload, 'validTo');
  const schedule = objectIn(payload, 'chargingSchedule');
  wordIn(schedule, 'chargingRateUnit', ['A', 'W']);
  optional(instantIn, schedule, 'startSchedule');
  optional(integerIn, schedule, 'duration');
  for (const period of objectsIn(schedule, 'chargingSchedulePeriod')) {
    integerIn(period, 'startPeriod');
    if (typeof period['limit'] !== 'number') throw new WrongType('limit must be a number.');
  }
  return payload as ChargingProfile;
}
