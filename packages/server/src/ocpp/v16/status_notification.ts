// StatusNotification, OCPP 1.6 §4.9.

import type { CallContext, Outcome } from '../rpc/action.ts';
import { outOfRange } from './ranges.ts';

export type StatusNotificationRequest = {
  readonly connectorId: number;
  readonly errorCode: string;
  readonly status: string;
  readonly info?: string;
  readonly timestamp?: string;
  readonly vendorId?: string;
  readonly vendorErrorCode?: string;
};

export type StatusNotificationResponse = Readonly<Record<string, never>>;

export function handleStatusNotification(
  payload: StatusNotificationRequest,
  context: CallContext,
): Outcome<StatusNotificationResponse> {
  const refusal = outOfRange(payload);
  if (refusal !== undefined) return { refusal };
  return {
    facts: [
      {
        ...context.station,
        kind: 'connector_reported',
        connectorNumber: payload.connectorId,
        status: payload.status,
        errorCode: payload.errorCode,
        vendorErrorCode: payload.vendorErrorCode,
        vendorId: payload.vendorId,
        info: payload.info,
        // StatusNotification.req: "if absent time of receipt of the message will be assumed".
        at: payload.timestamp === undefined ? context.receivedAt : new Date(payload.timestamp),
        receivedAt: context.receivedAt,
      },
    ],
    response: {},
  };
}
