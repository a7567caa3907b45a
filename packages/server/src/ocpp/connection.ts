// One open WebSocket of a station: what is kept for it. As little as possible, and no function or timer of its own:
// a process holds ten thousand of these.

import type { WebSocket } from 'ws';
import type { StationHabits, StationReference } from '../domain/index.ts';
import type { AdmittedStation } from './admission.ts';
import type { AnswerCall } from './rpc/call_answerer.ts';
import type { BrokenCall, Call } from './rpc/frames.ts';

/** What is answered; what is broken with its text, for the communication log. */
export type TakenFrame = Call | (BrokenCall & { readonly text: string });

export type Connection = {
  readonly webSocket: WebSocket;
  readonly admitted: AdmittedStation;
  readonly station: StationReference;
  readonly ocppVersion: string;
  readonly answerCall: AnswerCall;
  readonly openedAt: Date;
  /** Vendor and model are those of its newest boot. */
  habits: StationHabits;
  /** Calls that deviated from OCPP. */
  deviatingCalls: number;
  /** Calls not yet taken up, oldest first. */
  readonly inbox: TakenFrame[];
  /**
   * `open` reads calls; `leaving` reads no more, but answers those it has (the process stops); `replaced` does
   * neither, because the station has a newer connection; `closed`: the WebSocket is gone.
   */
  state: 'open' | 'leaving' | 'replaced' | 'closed';
  /** The loop over the inbox runs. At most one does. */
  isWorking: boolean;
  /** connection_opened is durable. */
  isAnnounced: boolean;
  /** Pinged, and nothing was heard since. */
  isAwaitingPong: boolean;
  /** A frame that we do not answer was logged; one line a connection. */
  hasBeenComplainedOf: boolean;
  /** An answer waits because the station does not read. */
  isSendBlocked: boolean;
  /** Why we closed it; undefined while we did not. */
  closedBecause: string | undefined;
};
