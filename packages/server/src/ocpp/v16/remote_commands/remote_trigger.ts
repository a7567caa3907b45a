// OCPP 1.6, Remote Trigger profile: the remote commands.

import type { CommandTable } from '../../rpc/command.ts';
import TriggerMessageConf from '../schemas/TriggerMessage.conf.json' with { type: 'json' };
import TriggerMessageReq from '../schemas/TriggerMessage.req.json' with { type: 'json' };

export const remoteTriggerCommands = {
  trigger_message: { request: TriggerMessageReq, response: TriggerMessageConf, result: 'status' },
} as const satisfies CommandTable;
