// What a station answers when the central system calls it: a function for each action of OCPP 1.6 §5.

import type { Payload } from '../frames.ts';
import { handleChangeAvailability, handleReset, handleUnlockConnector } from './availability.ts';
import {
  handleClearChargingProfile,
  handleGetCompositeSchedule,
  handleSetChargingProfile,
} from './charging_profile.ts';
import { handleChangeConfiguration, handleDataTransfer, handleGetConfiguration } from './configuration.ts';
import type { CalledStation, CsmsCall, CsmsCallAnswer } from './csms_call.ts';
import { handleClearCache, handleGetLocalListVersion, handleSendLocalList } from './driver_tokens.ts';
import { handleGetDiagnostics, handleUpdateFirmware } from './firmware_management.ts';
import { WrongType } from './members.ts';
import { handleRemoteStartTransaction, handleRemoteStopTransaction } from './remote_transactions.ts';
import { handleCancelReservation, handleReserveNow } from './reservation.ts';
import { handleTriggerMessage } from './trigger_message.ts';

const actions = new Map<string, CsmsCall>([
  ['CancelReservation', handleCancelReservation],
  ['ChangeAvailability', handleChangeAvailability],
  ['ChangeConfiguration', handleChangeConfiguration],
  ['ClearCache', handleClearCache],
  ['ClearChargingProfile', handleClearChargingProfile],
  ['DataTransfer', handleDataTransfer],
  ['GetCompositeSchedule', handleGetCompositeSchedule],
  ['GetConfiguration', handleGetConfiguration],
  ['GetDiagnostics', handleGetDiagnostics],
  ['GetLocalListVersion', handleGetLocalListVersion],
  ['RemoteStartTransaction', handleRemoteStartTransaction],
  ['RemoteStopTransaction', handleRemoteStopTransaction],
  ['ReserveNow', handleReserveNow],
  ['Reset', handleReset],
  ['SendLocalList', handleSendLocalList],
  ['SetChargingProfile', handleSetChargingProfile],
  ['TriggerMessage', handleTriggerMessage],
  ['UnlockConnector', handleUnlockConnector],
  ['UpdateFirmware', handleUpdateFirmware],
]);

/** Answers a call of the central system. An action that is not known here is answered NotImplemented; never throws. */
export function csmsCallAnswer(action: string, payload: Payload, station: CalledStation): CsmsCallAnswer {
  const handle = actions.get(action);
  if (handle === undefined) {
    return { errorCode: 'NotImplemented', description: `This simulated station does not know ${action}.` };
  }
  try {
    return handle(payload, station);
  } catch (error) {
    if (error instanceof WrongType) {
      return { errorCode: 'TypeConstraintViolation', description: error.message };
    }
    throw error;
  }
}
