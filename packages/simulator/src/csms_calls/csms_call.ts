// What a call of the central system may read and set in motion, and how it is answered.

import type { Payload } from '../frames.ts';
import type { StationMemory } from '../station_memory.ts';
import type { StopReason } from '../transaction.ts';

export type CalledStation = {
  readonly memory: StationMemory;
  boot(): void;
  sendHeartbeat(): void;
  reportStatus(connectorNumber: number): void;
  /** Takes up a new HeartbeatInterval. */
  startHeartbeat(): void;
  /** Ends the connection, and connects again; transactions go on. */
  reconnect(): void;
  /** Stops all transactions, ends the connection, connects again and boots. Never rejects. */
  restart(reason: StopReason): Promise<void>;
};

/** An answer may have a consequence, which must come after it is sent. */
export type CsmsCallAnswer =
  | { readonly payload: Payload; readonly afterwards?: () => void }
  | { readonly errorCode: string; readonly description: string };

export type CsmsCall = (payload: Payload, station: CalledStation) => CsmsCallAnswer;

/** Answers with a status alone. */
export function answered(status: string, afterwards?: () => void): CsmsCallAnswer {
  return { payload: { status }, ...(afterwards !== undefined && { afterwards }) };
}
