// OCPP 1.6, Local Auth List Management profile: the remote commands.

import type { CommandTable } from '../../rpc/command.ts';
import GetLocalListVersionConf from '../schemas/GetLocalListVersion.conf.json' with { type: 'json' };
import GetLocalListVersionReq from '../schemas/GetLocalListVersion.req.json' with { type: 'json' };
import SendLocalListConf from '../schemas/SendLocalList.conf.json' with { type: 'json' };
import SendLocalListReq from '../schemas/SendLocalList.req.json' with { type: 'json' };

export const localAuthListCommands = {
  get_local_list_version: {
    request: GetLocalListVersionReq,
    response: GetLocalListVersionConf,
    result: null,
  },
  send_local_list: { request: SendLocalListReq, response: SendLocalListConf, result: 'status' },
} as const satisfies CommandTable;
