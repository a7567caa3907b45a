// OCPP 1.6: the actions that stations call and we handle, one row each. The rest of the specification's actions is
// in known_actions.ts.

import { action } from '../rpc/action.ts';
import type { ActionTable } from '../rpc/call_answerer.ts';
import { handleBootNotification } from './boot_notification.ts';
import { handleHeartbeat } from './heartbeat.ts';
import { knownActions } from './known_actions.ts';
import BootNotificationConf from './schemas/BootNotification.conf.json' with { type: 'json' };
import BootNotificationReq from './schemas/BootNotification.req.json' with { type: 'json' };
import HeartbeatConf from './schemas/Heartbeat.conf.json' with { type: 'json' };
import HeartbeatReq from './schemas/Heartbeat.req.json' with { type: 'json' };
import StatusNotificationConf from './schemas/StatusNotification.conf.json' with { type: 'json' };
import StatusNotificationReq from './schemas/StatusNotification.req.json' with { type: 'json' };
import { handleStatusNotification } from './status_notification.ts';

export const actionsOfV16: ActionTable = {
  known: new Set(knownActions),
  handled: {
    BootNotification: action({
      request: BootNotificationReq,
      response: BootNotificationConf,
      handle: handleBootNotification,
    }),
    Heartbeat: action({ request: HeartbeatReq, response: HeartbeatConf, handle: handleHeartbeat }),
    StatusNotification: action({
      request: StatusNotificationReq,
      response: StatusNotificationConf,
      handle: handleStatusNotification,
    }),
  },
};
