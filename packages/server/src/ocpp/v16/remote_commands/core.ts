// OCPP 1.6, Core profile: the remote commands.

import type { CommandTable } from '../../rpc/command.ts';
import { configurationRequest, configurationResponse } from './get_configuration.ts';
import ChangeAvailabilityConf from '../schemas/ChangeAvailability.conf.json' with { type: 'json' };
import ChangeAvailabilityReq from '../schemas/ChangeAvailability.req.json' with { type: 'json' };
import ChangeConfigurationConf from '../schemas/ChangeConfiguration.conf.json' with { type: 'json' };
import ChangeConfigurationReq from '../schemas/ChangeConfiguration.req.json' with { type: 'json' };
import ClearCacheConf from '../schemas/ClearCache.conf.json' with { type: 'json' };
import ClearCacheReq from '../schemas/ClearCache.req.json' with { type: 'json' };
import DataTransferConf from '../schemas/DataTransfer.conf.json' with { type: 'json' };
import DataTransferReq from '../schemas/DataTransfer.req.json' with { type: 'json' };
import GetConfigurationConf from '../schemas/GetConfiguration.conf.json' with { type: 'json' };
import GetConfigurationReq from '../schemas/GetConfiguration.req.json' with { type: 'json' };
import RemoteStartTransactionConf from '../schemas/RemoteStartTransaction.conf.json' with { type: 'json' };
import RemoteStartTransactionReq from '../schemas/RemoteStartTransaction.req.json' with { type: 'json' };
import RemoteStopTransactionConf from '../schemas/RemoteStopTransaction.conf.json' with { type: 'json' };
import RemoteStopTransactionReq from '../schemas/RemoteStopTransaction.req.json' with { type: 'json' };
import ResetConf from '../schemas/Reset.conf.json' with { type: 'json' };
import ResetReq from '../schemas/Reset.req.json' with { type: 'json' };
import UnlockConnectorConf from '../schemas/UnlockConnector.conf.json' with { type: 'json' };
import UnlockConnectorReq from '../schemas/UnlockConnector.req.json' with { type: 'json' };

export const coreCommands = {
  get_configuration: {
    request: GetConfigurationReq,
    response: GetConfigurationConf,
    result: null,
    payloadOf: configurationRequest,
    responseOf: configurationResponse,
  },
  change_configuration: {
    request: ChangeConfigurationReq,
    response: ChangeConfigurationConf,
    result: 'status',
  },
  reset: { request: ResetReq, response: ResetConf, result: 'status' },
  remote_start_transaction: {
    request: RemoteStartTransactionReq,
    response: RemoteStartTransactionConf,
    result: 'status',
  },
  remote_stop_transaction: {
    request: RemoteStopTransactionReq,
    response: RemoteStopTransactionConf,
    result: 'status',
  },
  unlock_connector: { request: UnlockConnectorReq, response: UnlockConnectorConf, result: 'status' },
  change_availability: { request: ChangeAvailabilityReq, response: ChangeAvailabilityConf, result: 'status' },
  clear_cache: { request: ClearCacheReq, response: ClearCacheConf, result: 'status' },
  data_transfer: { request: DataTransferReq, response: DataTransferConf, result: 'status' },
} as const satisfies CommandTable;
