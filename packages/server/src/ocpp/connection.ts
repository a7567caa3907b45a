// One open WebSocket of a station: what is kept for it. As little as possible, and no function or timer of its own:
// a process holds ten thousand of these.

import type { WebSocket } from 'ws';
import type { StationHabits, StationReference } from '../domain/index.ts';
import type { AdmittedStation } from './admission.ts';
import type { OutgoingWindow } from './outgoing_calls.ts';
import type { AnswerCall } from './rpc/call_answerer.ts';
import type { WordCommand } from './rpc/command_wording.ts';
import type { BrokenCall, Call } from './rpc/frames.ts';

/** A version of OCPP, ready to be spoken. */
export type CompiledVersion = {
  readonly ocppVersion: string;
  readonly answerCall: AnswerCall;
  readonly wordCommand: WordCommand;
};

/** What is answered; what is broken with its text, for the communication log. */
export type TakenFrame = Call | (BrokenCall & { readonly text: string });

export type Connection = {
  readonly webSocket: WebSocket;
  readonly admitted: AdmittedStation;
  readonly station: StationReference;
  readonly version: CompiledVersion;
  readonly openedAt: Date;
  /** Vendor and model are those of its newest boot. */
  habits: StationHabits;
  /** Calls that deviated from OCPP. */
  deviatingCalls: number;
  /** Calls not yet taken up, oldest first. */
  readonly inbox: TakenFrame[];
  /** Calls of ours; undefined while there are none: most connections are idle. */
  outgoing: OutgoingWindow | undefined;
  /**
   * `open` reads calls; `leaving` takes no more, but answers those it has, and takes answers (the process stops);
   * `replaced` does nothing of that, because the station has a newer connection; `closed`: the WebSocket is gone.
   */
  state: 'open' | 'leaving' | 'replaced' | 'closed';
  /** The loop over the inbox runs. At most one does. */
  isWorking: boolean;
  /** connection_opened is durable. */
  isAnnounced: boolean;
  /** Over this connection the station booted, or reported a connector. */
  isStateTold: boolean;
  /** Pinged, and nothing was heard since. */
  isAwaitingPong: boolean;
  /** A frame that we do not answer was logged; one line a connection. */
  hasBeenComplainedOf: boolean;
  /** An answer waits because the station does not read. */
  isSendBlocked: boolean;
  /** The inbox was full, and is not empty enough yet. */
  isInboxFull: boolean;
  /** The communication log has no room until then. */
  awaitedRoom: Promise<void> | undefined;
  /** Why we closed it; undefined while we did not. */
  closedBecause: string | undefined;
};

/** Answers what is kept for a WebSocket that has just been opened. */
export function connectionOver(
  webSocket: WebSocket,
  opened: Pick<Connection, 'admitted' | 'station' | 'version' | 'openedAt'>,
): Connection {
  return {
    webSocket,
    admitted: opened.admitted,
    station: opened.station,
    version: opened.version,
    openedAt: opened.openedAt,
    habits: opened.admitted.habits,
    deviatingCalls: 0,
    inbox: [],
    outgoing: undefined,
    state: 'open',
    isWorking: false,
    isAnnounced: false,
    isStateTold: false,
    isAwaitingPong: false,
    hasBeenComplainedOf: false,
    isSendBlocked: false,
    isInboxFull: false,
    awaitedRoom: undefined,
    closedBecause: undefined,
  };
}

/** What log lines say of a connection. */
export function logged({ admitted, station }: Connection): Readonly<Record<string, string>> {
  return { tenant: admitted.slug, identity: admitted.identity, connectionId: station.connectionId };
}
