// What a station tells its owner while it lives. Events are for watching only: nothing waits for them.

import type { ConnectorStatus } from './connectors.ts';

/** What happened, without whom it happened to. Durations are milliseconds. */
export type StationEventDetail =
  | { readonly type: 'connected' }
  /** No connection came about. `httpStatus` is set when the server answered the handshake, 401 or 404 for example. */
  | {
      readonly type: 'connection_failed';
      readonly httpStatus?: number;
      readonly reason: string;
      readonly retryInMs?: number;
    }
  /** An open connection ended; `retryInMs` is missing when the station itself was closed. */
  | {
      readonly type: 'disconnected';
      readonly code: number;
      readonly reason: string;
      readonly retryInMs?: number;
    }
  | { readonly type: 'booted'; readonly heartbeatIntervalMs: number }
  | { readonly type: 'boot_refused'; readonly status: 'Pending' | 'Rejected'; readonly retryInMs: number }
  /** A connector's status was sent and acknowledged; number 0 is the whole station. */
  | { readonly type: 'status_reported'; readonly connectorNumber: number; readonly status: ConnectorStatus }
  /** The central system answered a call of ours. */
  | { readonly type: 'call_answered'; readonly action: string; readonly durationMs: number }
  /** The central system answered a call with an error, or not in time. */
  | { readonly type: 'call_failed'; readonly action: string; readonly reason: string }
  /** The central system called us. */
  | { readonly type: 'call_received'; readonly action: string }
  /** A frame that is no OCPP-J message; it is ignored. */
  | { readonly type: 'frame_ignored'; readonly reason: string };

/** One thing that happened to one station. */
export type StationEvent = StationEventDetail & { readonly identity: string };
