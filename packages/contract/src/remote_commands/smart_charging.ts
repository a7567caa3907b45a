// The remote commands of OCPP 1.6's Smart Charging profile.

import { Type } from 'typebox';
import {
  chargingProfile,
  chargingProfilePurpose,
  chargingRateUnit,
  exampleOfProfile,
} from './charging_profile.ts';
import { acceptedOrRejected, parametersOf } from './command.ts';
import type { CommandDeclaration } from './command.ts';
import { chosenId, connectorNumberOrStation, count } from './values.ts';

export const smartChargingCommands = {
  set_charging_profile: {
    summary: 'Limit the power of a connector or of the station, over time',
    actions: { 1.6: 'SetChargingProfile' },
    parameters: parametersOf({
      connectorId: connectorNumberOrStation(
        '0: the station as a whole, or a default for all its connectors.',
      ),
      csChargingProfiles: chargingProfile,
    }),
    example: { connectorId: 1, csChargingProfiles: exampleOfProfile },
    results: { ...acceptedOrRejected, NotSupported: 'The station does not know charging profiles.' },
  },
  clear_charging_profile: {
    summary: 'Take back charging profiles: the one with the id, or all that fit the rest',
    actions: { 1.6: 'ClearChargingProfile' },
    parameters: parametersOf({
      id: Type.Optional(chosenId('chargingProfileId.')),
      connectorId: Type.Optional(connectorNumberOrStation()),
      chargingProfilePurpose: Type.Optional(chargingProfilePurpose),
      stackLevel: Type.Optional(count()),
    }),
    example: { connectorId: 1, chargingProfilePurpose: 'TxDefaultProfile' },
    results: { Accepted: 'They are gone.', Unknown: 'No profile fits.' },
  },
  get_composite_schedule: {
    summary: 'Read the limits that come of all charging profiles together',
    actions: { 1.6: 'GetCompositeSchedule' },
    parameters: parametersOf({
      connectorId: connectorNumberOrStation(),
      duration: count('Seconds from now on.'),
      chargingRateUnit: Type.Optional(chargingRateUnit),
    }),
    example: { connectorId: 1, duration: 86_400, chargingRateUnit: 'A' },
    results: { Accepted: 'The answer has the schedule.', Rejected: 'The station cannot tell.' },
  },
} as const satisfies Readonly<Record<string, CommandDeclaration>>;
