// SecurityEventNotification of OCPP 1.6's security extensions.

import type { CallContext, Outcome } from '../rpc/action.ts';
import { stationReport } from './station_report.ts';

export type SecurityEventNotificationRequest = {
  readonly type: string;
  readonly timestamp: string;
  readonly techInfo?: string;
};
export type SecurityEventNotificationResponse = Readonly<Record<string, never>>;

export function handleSecurityEventNotification(
  { type, timestamp, techInfo }: SecurityEventNotificationRequest,
  context: CallContext,
): Outcome<SecurityEventNotificationResponse> {
  const told = { securityEvent: type, details: techInfo, toldAt: new Date(timestamp) };
  return { facts: [stationReport('security_event', told, context)], response: {} };
}
