// OCPP 1.6, Smart Charging profile: the remote commands.

import type { CommandTable } from '../../rpc/command.ts';
import ClearChargingProfileConf from '../schemas/ClearChargingProfile.conf.json' with { type: 'json' };
import ClearChargingProfileReq from '../schemas/ClearChargingProfile.req.json' with { type: 'json' };
import GetCompositeScheduleConf from '../schemas/GetCompositeSchedule.conf.json' with { type: 'json' };
import GetCompositeScheduleReq from '../schemas/GetCompositeSchedule.req.json' with { type: 'json' };
import SetChargingProfileConf from '../schemas/SetChargingProfile.conf.json' with { type: 'json' };
import SetChargingProfileReq from '../schemas/SetChargingProfile.req.json' with { type: 'json' };

export const smartChargingCommands = {
  set_charging_profile: {
    request: SetChargingProfileReq,
    response: SetChargingProfileConf,
    result: 'status',
  },
  clear_charging_profile: {
    request: ClearChargingProfileReq,
    response: ClearChargingProfileConf,
    result: 'status',
  },
  get_composite_schedule: {
    request: GetCompositeScheduleReq,
    response: GetCompositeScheduleConf,
    result: 'status',
  },
} as const satisfies CommandTable;
