// OCPP 1.6: the actions that stations call and we handle, one row each. The rest of the specification's actions is
// in known_actions.ts.

import { action } from '../rpc/action.ts';
import type { ActionTable } from '../rpc/call_answerer.ts';
import { handleAuthorize } from './authorize.ts';
import { handleBootNotification } from './boot_notification.ts';
import { handleHeartbeat } from './heartbeat.ts';
import { knownActions } from './known_actions.ts';
import { handleMeterValues } from './meter_values.ts';
import AuthorizeConf from './schemas/Authorize.conf.json' with { type: 'json' };
import AuthorizeReq from './schemas/Authorize.req.json' with { type: 'json' };
import BootNotificationConf from './schemas/BootNotification.conf.json' with { type: 'json' };
import BootNotificationReq from './schemas/BootNotification.req.json' with { type: 'json' };
import HeartbeatConf from './schemas/Heartbeat.conf.json' with { type: 'json' };
import HeartbeatReq from './schemas/Heartbeat.req.json' with { type: 'json' };
import MeterValuesConf from './schemas/MeterValues.conf.json' with { type: 'json' };
import MeterValuesReq from './schemas/MeterValues.req.json' with { type: 'json' };
import StartTransactionConf from './schemas/StartTransaction.conf.json' with { type: 'json' };
import StartTransactionReq from './schemas/StartTransaction.req.json' with { type: 'json' };
import StatusNotificationConf from './schemas/StatusNotification.conf.json' with { type: 'json' };
import StatusNotificationReq from './schemas/StatusNotification.req.json' with { type: 'json' };
import StopTransactionConf from './schemas/StopTransaction.conf.json' with { type: 'json' };
import StopTransactionReq from './schemas/StopTransaction.req.json' with { type: 'json' };
import { handleStartTransaction } from './start_transaction.ts';
import { handleStatusNotification } from './status_notification.ts';
import { handleStopTransaction } from './stop_transaction.ts';

export const actionsOfV16: ActionTable = {
  known: new Set(knownActions),
  handled: {
    Authorize: action({ request: AuthorizeReq, response: AuthorizeConf, handle: handleAuthorize }),
    BootNotification: action({
      request: BootNotificationReq,
      response: BootNotificationConf,
      handle: handleBootNotification,
    }),
    Heartbeat: action({ request: HeartbeatReq, response: HeartbeatConf, handle: handleHeartbeat }),
    MeterValues: action({ request: MeterValuesReq, response: MeterValuesConf, handle: handleMeterValues }),
    StartTransaction: action({
      request: StartTransactionReq,
      response: StartTransactionConf,
      handle: handleStartTransaction,
    }),
    StatusNotification: action({
      request: StatusNotificationReq,
      response: StatusNotificationConf,
      handle: handleStatusNotification,
    }),
    StopTransaction: action({
      request: StopTransactionReq,
      response: StopTransactionConf,
      handle: handleStopTransaction,
    }),
  },
};
