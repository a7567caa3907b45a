// FirmwareStatusNotification, OCPP 1.6 §4.5, and SignedFirmwareStatusNotification of its security extensions.

import type { CallContext, Outcome } from '../rpc/action.ts';
import { stationReport } from './station_report.ts';

export type FirmwareStatusNotificationRequest = { readonly status: string };
export type SignedFirmwareStatusNotificationRequest = {
  readonly status: string;
  readonly requestId?: number;
};
export type FirmwareStatusNotificationResponse = Readonly<Record<string, never>>;

export function handleFirmwareStatusNotification(
  { status }: FirmwareStatusNotificationRequest,
  context: CallContext,
): Outcome<FirmwareStatusNotificationResponse> {
  return { facts: [stationReport('firmware', { status }, context)], response: {} };
}

export function handleSignedFirmwareStatusNotification(
  { status, requestId }: SignedFirmwareStatusNotificationRequest,
  context: CallContext,
): Outcome<FirmwareStatusNotificationResponse> {
  return { facts: [stationReport('signed_firmware', { status, requestId }, context)], response: {} };
}
