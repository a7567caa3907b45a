// OCPP 1.6: the remote commands, a row each, by profile.

import type { CommandTable } from '../../rpc/command.ts';
import { coreCommands } from './core.ts';
import { firmwareManagementCommands } from './firmware_management.ts';
import { localAuthListCommands } from './local_auth_list.ts';
import { remoteTriggerCommands } from './remote_trigger.ts';
import { reservationCommands } from './reservation.ts';
import { securityCommands } from './security.ts';
import { smartChargingCommands } from './smart_charging.ts';

export const commandsOfV16: CommandTable = {
  ...coreCommands,
  ...firmwareManagementCommands,
  ...localAuthListCommands,
  ...remoteTriggerCommands,
  ...reservationCommands,
  ...smartChargingCommands,
  ...securityCommands,
};
