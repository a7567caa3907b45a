// OCPP 1.6: the actions that stations call and we handle, one row each. The rest of the specification's actions is
// in known_actions.ts.

import { action } from '../rpc/action.ts';
import type { ActionTable } from '../rpc/call_answerer.ts';
import { handleAuthorize } from './authorize.ts';
import { handleBootNotification } from './boot_notification.ts';
import { handleDataTransfer } from './data_transfer.ts';
import {
  handleFirmwareStatusNotification,
  handleSignedFirmwareStatusNotification,
} from './firmware_status_notification.ts';
import { handleHeartbeat } from './heartbeat.ts';
import { knownActions } from './known_actions.ts';
import { leniencyOfV16 } from './leniency.ts';
import {
  handleDiagnosticsStatusNotification,
  handleLogStatusNotification,
} from './log_status_notification.ts';
import { handleMeterValues } from './meter_values.ts';
import AuthorizeConf from './schemas/Authorize.conf.json' with { type: 'json' };
import AuthorizeReq from './schemas/Authorize.req.json' with { type: 'json' };
import BootNotificationConf from './schemas/BootNotification.conf.json' with { type: 'json' };
import BootNotificationReq from './schemas/BootNotification.req.json' with { type: 'json' };
import DataTransferConf from './schemas/DataTransfer.conf.json' with { type: 'json' };
import DataTransferReq from './schemas/DataTransfer.req.json' with { type: 'json' };
import DiagnosticsStatusNotificationConf from './schemas/DiagnosticsStatusNotification.conf.json' with { type: 'json' };
import DiagnosticsStatusNotificationReq from './schemas/DiagnosticsStatusNotification.req.json' with { type: 'json' };
import FirmwareStatusNotificationConf from './schemas/FirmwareStatusNotification.conf.json' with { type: 'json' };
import FirmwareStatusNotificationReq from './schemas/FirmwareStatusNotification.req.json' with { type: 'json' };
import HeartbeatConf from './schemas/Heartbeat.conf.json' with { type: 'json' };
import HeartbeatReq from './schemas/Heartbeat.req.json' with { type: 'json' };
import LogStatusNotificationConf from './schemas/LogStatusNotification.conf.json' with { type: 'json' };
import LogStatusNotificationReq from './schemas/LogStatusNotification.req.json' with { type: 'json' };
import MeterValuesConf from './schemas/MeterValues.conf.json' with { type: 'json' };
import MeterValuesReq from './schemas/MeterValues.req.json' with { type: 'json' };
import SecurityEventNotificationConf from './schemas/SecurityEventNotification.conf.json' with { type: 'json' };
import SecurityEventNotificationReq from './schemas/SecurityEventNotification.req.json' with { type: 'json' };
import SignCertificateConf from './schemas/SignCertificate.conf.json' with { type: 'json' };
import SignCertificateReq from './schemas/SignCertificate.req.json' with { type: 'json' };
import SignedFirmwareStatusNotificationConf from './schemas/SignedFirmwareStatusNotification.conf.json' with { type: 'json' };
import SignedFirmwareStatusNotificationReq from './schemas/SignedFirmwareStatusNotification.req.json' with { type: 'json' };
import StartTransactionConf from './schemas/StartTransaction.conf.json' with { type: 'json' };
import StartTransactionReq from './schemas/StartTransaction.req.json' with { type: 'json' };
import StatusNotificationConf from './schemas/StatusNotification.conf.json' with { type: 'json' };
import StatusNotificationReq from './schemas/StatusNotification.req.json' with { type: 'json' };
import StopTransactionConf from './schemas/StopTransaction.conf.json' with { type: 'json' };
import StopTransactionReq from './schemas/StopTransaction.req.json' with { type: 'json' };
import { handleSecurityEventNotification } from './security_event_notification.ts';
import { handleSignCertificate } from './sign_certificate.ts';
import { handleStartTransaction } from './start_transaction.ts';
import { handleStatusNotification } from './status_notification.ts';
import { handleStopTransaction } from './stop_transaction.ts';

export const actionsOfV16: ActionTable = {
  known: new Set(knownActions),
  leniency: leniencyOfV16,
  handled: {
    Authorize: action({
      request: AuthorizeReq,
      response: AuthorizeConf,
      handle: handleAuthorize,
      repeats: 'handled',
    }),
    BootNotification: action({
      request: BootNotificationReq,
      response: BootNotificationConf,
      handle: handleBootNotification,
      repeats: 'handled',
    }),
    DataTransfer: action({
      request: DataTransferReq,
      response: DataTransferConf,
      handle: handleDataTransfer,
    }),
    DiagnosticsStatusNotification: action({
      request: DiagnosticsStatusNotificationReq,
      response: DiagnosticsStatusNotificationConf,
      handle: handleDiagnosticsStatusNotification,
    }),
    FirmwareStatusNotification: action({
      request: FirmwareStatusNotificationReq,
      response: FirmwareStatusNotificationConf,
      handle: handleFirmwareStatusNotification,
    }),
    Heartbeat: action({
      request: HeartbeatReq,
      response: HeartbeatConf,
      handle: handleHeartbeat,
      repeats: 'handled',
    }),
    LogStatusNotification: action({
      request: LogStatusNotificationReq,
      response: LogStatusNotificationConf,
      handle: handleLogStatusNotification,
    }),
    SecurityEventNotification: action({
      request: SecurityEventNotificationReq,
      response: SecurityEventNotificationConf,
      handle: handleSecurityEventNotification,
    }),
    SignCertificate: action({
      request: SignCertificateReq,
      response: SignCertificateConf,
      handle: handleSignCertificate,
    }),
    SignedFirmwareStatusNotification: action({
      request: SignedFirmwareStatusNotificationReq,
      response: SignedFirmwareStatusNotificationConf,
      handle: handleSignedFirmwareStatusNotification,
    }),
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
      repeats: 'handled',
    }),
    StopTransaction: action({
      request: StopTransactionReq,
      response: StopTransactionConf,
      handle: handleStopTransaction,
    }),
  },
};
