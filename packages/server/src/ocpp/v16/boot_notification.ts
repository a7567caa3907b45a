// BootNotification, OCPP 1.6 §4.2. Every station that got through the handshake is accepted, if not at once.

import type { CallContext, Outcome } from '../rpc/action.ts';

export type BootNotificationRequest = {
  readonly chargePointVendor: string;
  readonly chargePointModel: string;
  readonly chargePointSerialNumber?: string;
  readonly chargeBoxSerialNumber?: string;
  readonly firmwareVersion?: string;
  readonly iccid?: string;
  readonly imsi?: string;
};

export type BootNotificationResponse = {
  readonly status: 'Accepted' | 'Pending' | 'Rejected';
  readonly currentTime: string;
  /** Seconds between heartbeats. */
  readonly interval: number;
};

export function handleBootNotification(
  payload: BootNotificationRequest,
  context: CallContext,
): Outcome<BootNotificationResponse> {
  const { isAdmitted, intervalSeconds } = context.admitBoot();
  const answer = { currentTime: context.receivedAt.toISOString(), interval: intervalSeconds };
  // It is to boot again then, with all that it said now (§4.2: "at least the interval").
  if (!isAdmitted) return { facts: [], response: { status: 'Pending', ...answer } };
  return {
    facts: [
      {
        ...context.station,
        kind: 'booted',
        at: context.receivedAt,
        vendor: payload.chargePointVendor,
        model: payload.chargePointModel,
        // BootNotification.req calls chargeBoxSerialNumber deprecated, but some stations have nothing else.
        serialNumber: sent(payload.chargePointSerialNumber) ?? sent(payload.chargeBoxSerialNumber),
        firmwareVersion: sent(payload.firmwareVersion),
        iccid: sent(payload.iccid),
        imsi: sent(payload.imsi),
      },
    ],
    response: { status: 'Accepted', ...answer },
  };
}

// Stations without a modem send iccid and imsi as "": that is no value, and must not wipe what is known.
function sent(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
