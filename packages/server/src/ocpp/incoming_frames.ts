// Frames of stations, each to where it belongs: calls wait in the connection's inbox and are handled one after the other;
// answers to our own calls do not wait behind them (separate windows per direction).

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Said, StationReference } from '../domain/index.ts';
import { logged } from './connection.ts';
import type { Connection } from './connection.ts';
import type { OutgoingCalls } from './outgoing_calls.ts';
import { readOrWait } from './reading.ts';
import { readFrame } from './rpc/frames.ts';

export type IncomingFramesDeps = {
  readonly log: Logger;
  readonly clock: Clock;
  /** Notes that a station was heard (any frame). */
  readonly noteSeen: (station: StationReference, at: Date) => void;
  readonly note: (connection: Connection, what: Said) => unknown;
  readonly answer: OutgoingCalls['answer'];
  /** Begins to answer what is in the inbox, unless that is under way. */
  readonly answerInbox: (connection: Connection) => void;
};

export function createIncomingFrames(deps: IncomingFramesDeps) {
  const { log, clock, noteSeen, note, answer, answerInbox } = deps;

  /** Takes a frame; of a connection that is over, nothing. */
  function take(connection: Connection, bytes: Buffer, isBinary: boolean): void {
    if (connection.state !== 'open' && connection.state !== 'leaving') return;
    const isOpen = connection.state === 'open';
    connection.isAwaitingPong = false;
    if (isOpen) noteSeen(connection.station, clock.now());
    const frame = readFrame(bytes, isBinary, connection.habits.isStrict);
    switch (frame.kind) {
      case 'call':
      case 'broken_call':
        if (!isOpen) return;
        connection.inbox.push(frame.kind === 'call' ? frame : { ...frame, text: bytes.toString() });
        readOrWait(connection);
        answerInbox(connection);
        return;
      case 'call_result':
      case 'call_error':
        if (answer(connection, frame)) return;
        ignore(connection, bytes.toString(), 'an answer that matches no call of ours');
        return;
      case 'ignored':
        // A broken answer is an answer, too: nobody has to wait for another one.
        if (frame.messageId !== undefined) answer(connection, { ...frame, messageId: frame.messageId });
        ignore(connection, bytes.toString(), frame.reason);
        return;
    }
  }

  function ignore(connection: Connection, text: string, reason: string): void {
    note(connection, { kind: 'ignored_frame', at: clock.now(), text, reason });
    // A station that sends nothing but such frames must not fill the disk.
    if (connection.hasBeenComplainedOf) return;
    connection.hasBeenComplainedOf = true;
    log.warn(
      { ...logged(connection), reason },
      'a frame was ignored; more of the kind is not logged for this connection',
    );
  }

  return { take };
}
