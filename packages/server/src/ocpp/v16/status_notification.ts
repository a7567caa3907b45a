// StatusNotification, OCPP 1.6 §4.9.

import type { CallContext, Outcome } from '../rpc/action.ts';
import { rpcError } from '../rpc/errors.ts';

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

// The schema says only "integer". Connectors are numbered from 1 without gaps, so this is far above any real station,
// and a faulty one cannot fill the table or exceed PostgreSQL's integer.
const highestConnectorNumber = 999;

export function handleStatusNotification(
  payload: StatusNotificationRequest,
  context: CallContext,
): Outcome<StatusNotificationResponse> {
  const connectorNumber = payload.connectorId;
  if (connectorNumber < 0 || connectorNumber > highestConnectorNumber) {
    return {
      refusal: rpcError(
        'PropertyConstraintViolation',
        `connectorId must be from 0 to ${highestConnectorNumber}`,
      ),
    };
  }
  return {
    facts: [
      {
        ...context.station,
        kind: 'connector_reported',
        connectorNumber,
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
