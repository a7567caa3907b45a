// remote_commands: all that can be sent to a charging station, by the name that it has in the CPO API.

import type { CommandDeclaration } from './command.ts';
import { coreCommands } from './core.ts';
import { firmwareManagementCommands } from './firmware_management.ts';
import { localAuthListCommands } from './local_auth_list.ts';
import { remoteTriggerCommands } from './remote_trigger.ts';
import { reservationCommands } from './reservation.ts';
import { securityCommands } from './security.ts';
import { smartChargingCommands } from './smart_charging.ts';

export type { CommandDeclaration, OcppVersion } from './command.ts';

export const remoteCommands: Readonly<Record<string, CommandDeclaration>> = {
  ...coreCommands,
  ...firmwareManagementCommands,
  ...localAuthListCommands,
  ...remoteTriggerCommands,
  ...reservationCommands,
  ...smartChargingCommands,
  ...securityCommands,
};
