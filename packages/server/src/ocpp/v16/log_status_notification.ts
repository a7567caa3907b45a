// DiagnosticsStatusNotification, OCPP 1.6 §4.4, and LogStatusNotification of its security extensions: how far an upload is.

import type { CallContext, Outcome } from '../rpc/action.ts';
import { stationReport } from './station_report.ts';

export type DiagnosticsStatusNotificationRequest = { readonly status: string };
export type LogStatusNotificationRequest = { readonly status: string; readonly requestId?: number };
export type LogStatusNotificationResponse = Readonly<Record<string, never>>;

export function handleDiagnosticsStatusNotification(
  { status }: DiagnosticsStatusNotificationRequest,
  context: CallContext,
): Outcome<LogStatusNotificationResponse> {
  return { facts: [stationReport('diagnostics', { status }, context)], response: {} };
}

export function handleLogStatusNotification(
  { status, requestId }: LogStatusNotificationRequest,
  context: CallContext,
): Outcome<LogStatusNotificationResponse> {
  return { facts: [stationReport('log', { status, requestId }, context)], response: {} };
}
