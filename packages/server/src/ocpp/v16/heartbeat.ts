// Heartbeat, OCPP 1.6 §4.6. That the station was heard is recorded for every frame alike (connections.ts), so there
// is no fact here and nothing to wait for.

import type { CallContext, Outcome } from '../rpc/action.ts';

export type HeartbeatResponse = { readonly currentTime: string };

/** Answers the time, by which the station sets its clock. */
export function handleHeartbeat(_payload: unknown, context: CallContext): Outcome<HeartbeatResponse> {
  return { facts: [], response: { currentTime: context.receivedAt.toISOString() } };
}
