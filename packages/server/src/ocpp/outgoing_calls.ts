// Our calls to stations: one open at a time over a connection (OCPP 1.6J §4.1.1), others wait for their turn, and every one
// has an end. The state is the connection's, and is there only while there is something to know.

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { Unavailable, secretIn } from '../domain/index.ts';
import type { CommandOutcome, RemoteCommand, Said } from '../domain/index.ts';
import { logged } from './connection.ts';
import type { Connection } from './connection.ts';
import { answerMade, callMade, understood, withheldIn } from './incoming_answers.ts';
import type { AnswerFrame } from './incoming_answers.ts';
import type { WordedCommand } from './rpc/command_wording.ts';
import { callText } from './rpc/frames.ts';

const mostWaiting = 16;
/** Calls whose answers may still come after their deadline, and are known then. */
const mostOverdue = 32;
/** Milliseconds for an open call to be answered when the server stops. */
const leavingMs = 2_000;
const longestTimeout = 2_147_483_647; // of setTimeout, milliseconds

/**
 * Asked right before a call is written; true once it is durable that the command is sent. Whoever answers false has it
 * not sent, and so has a rejection.
 */
export type WillSend = (connectionId: string) => Promise<boolean>;

type OutgoingCall = {
  readonly command: RemoteCommand;
  readonly worded: WordedCommand;
  readonly willSend: WillSend;
  readonly end: (outcome: CommandOutcome) => void;
  readonly ended: Promise<CommandOutcome>;
  readonly timer: NodeJS.Timeout;
  /** Its deadline passed while it was asked whether it is to be sent. */
  isOverdue: boolean;
  sentAt: Date | undefined;
};

export type OutgoingWindow = {
  /** The one whose turn it is: sent, or about to be. */
  current: OutgoingCall | undefined;
  readonly waiting: OutgoingCall[];
  /** Sent and not answered in time, by message id; oldest first. */
  readonly overdue: Map<
    string,
    {
      readonly action: string;
      readonly sentAt: Date;
      readonly deadline: Date;
      readonly secret: string | undefined;
    }
  >;
};

export type OutgoingCallsDeps = {
  readonly log: Logger;
  readonly clock: Clock;
  readonly note: (connection: Connection, what: Said) => unknown;
};

export type OutgoingCalls = ReturnType<typeof createOutgoingCalls>;

export function createOutgoingCalls({ log, clock, note }: OutgoingCallsDeps) {
  /**
   * Sends a command when its turn comes.
   *
   * @returns what became of it; never rejects. `not_sent` as well where too many wait already
   */
  async function execute(
    connection: Connection,
    command: RemoteCommand,
    willSend: WillSend,
  ): Promise<CommandOutcome> {
    const now = clock.now();
    const worded = connection.version.wordCommand(command, now);
    if ('notSupported' in worded) return { kind: 'not_supported', detail: worded.notSupported };
    const remainingMs = command.deadline.getTime() - now.getTime();
    const isFull = (connection.outgoing?.waiting.length ?? 0) >= mostWaiting;
    if (remainingMs <= 0 || isFull) return { kind: 'not_sent' };
    const { promise: ended, resolve: end } = Promise.withResolvers<CommandOutcome>();
    const timer = setTimeout(() => deadlinePassed(connection, call), Math.min(remainingMs, longestTimeout));
    const call: OutgoingCall = {
      command,
      worded,
      willSend,
      end,
      ended,
      timer,
      isOverdue: false,
      sentAt: undefined,
    };
    connection.outgoing ??= { current: undefined, waiting: [], overdue: new Map() };
    connection.outgoing.waiting.push(call);
    void takeTurn(connection);
    return await ended;
  }

  /** Sends the next one, unless one is open. Never rejects. */
  async function takeTurn(connection: Connection): Promise<void> {
    const window = connection.outgoing;
    if (window === undefined || window.current !== undefined) return;
    const call = window.waiting.shift();
    if (call === undefined) {
      if (window.overdue.size === 0) connection.outgoing = undefined;
      return;
    }
    window.current = call;
    const isOurs = await isToBeSent(connection, call);
    const isThere = isConnected(connection);
    if (!isOurs) settle(connection, call, { kind: isThere ? 'not_sent' : 'not_connected' });
    // It is known as sent, so nobody else will send it.
    else if (!isThere) settle(connection, call, { kind: 'connection_lost' });
    else if (call.isOverdue) settle(connection, call, { kind: 'unanswered' });
    else {
      const { command, worded } = call;
      call.sentAt = clock.now();
      connection.webSocket.send(callText(command.id, worded.action, worded.payload));
    }
  }

  async function isToBeSent(connection: Connection, { command, willSend }: OutgoingCall): Promise<boolean> {
    try {
      return await willSend(connection.station.connectionId);
    } catch (error) {
      const about = { ...logged(connection), commandId: command.id };
      // The store tells why, once.
      if (error instanceof Unavailable) log.warn(about, 'a command could not be stored as sent');
      else log.error({ ...about, err: error }, 'a command could not be stored as sent');
      return false;
    }
  }

  function settle(connection: Connection, call: OutgoingCall, outcome: CommandOutcome): void {
    clearTimeout(call.timer);
    call.end(outcome);
    const window = connection.outgoing;
    if (window?.current !== call) return;
    window.current = undefined;
    void takeTurn(connection);
  }

  function deadlinePassed(connection: Connection, call: OutgoingCall): void {
    const window = connection.outgoing;
    if (window === undefined) return;
    const { command, worded, sentAt } = call;
    if (window.current !== call) {
      window.waiting.splice(window.waiting.indexOf(call), 1);
      settle(connection, call, { kind: 'not_sent' });
    } else if (sentAt === undefined) {
      call.isOverdue = true;
    } else {
      const { action } = worded;
      window.overdue.set(command.id, {
        action,
        sentAt,
        deadline: command.deadline,
        secret: secretIn(command),
      });
      const [oldest] = window.overdue.keys();
      if (window.overdue.size > mostOverdue && oldest !== undefined) window.overdue.delete(oldest);
      noteUnanswered(connection, call, sentAt);
      settle(connection, call, { kind: 'unanswered' });
    }
  }

  /**
   * Takes an answer, also one that comes after its deadline.
   *
   * @returns whether it is one to a call of ours
   */
  function answer(connection: Connection, frame: AnswerFrame): boolean {
    const window = connection.outgoing;
    if (window === undefined) return false;
    const call = window.current;
    if (call?.sentAt !== undefined && call.command.id === frame.messageId) {
      answerOpen(connection, call, call.sentAt, withheldIn(frame, secretIn(call.command)));
      return true;
    }
    const overdue = window.overdue.get(frame.messageId);
    if (overdue === undefined) return false;
    window.overdue.delete(frame.messageId);
    const { action, sentAt, deadline, secret } = overdue;
    const now = clock.now();
    note(connection, {
      ...callMade(frame.messageId, { action, sentAt }, undefined),
      ...answerMade(withheldIn(frame, secret), sentAt, now),
      deviations: [`the answer came ${now.getTime() - deadline.getTime()} ms after the deadline`],
    });
    void takeTurn(connection);
    return true;
  }

  function answerOpen(connection: Connection, call: OutgoingCall, sentAt: Date, frame: AnswerFrame): void {
    const { command, worded } = call;
    const now = clock.now();
    const { outcome, deviations } = understood(frame, worded, { now, habits: connection.habits });
    note(connection, {
      ...callMade(command.id, { action: worded.action, sentAt }, worded.payload),
      ...answerMade(frame, sentAt, now),
      deviations,
    });
    if (log.isLevelEnabled('debug')) {
      const about = { ...logged(connection), messageId: command.id, action: worded.action, deviations };
      log.debug({ ...about, outcome: outcome.kind }, 'call of ours answered');
    }
    settle(connection, call, outcome);
  }

  /** The connection ended, or is not the station's any more: what was sent is lost, what waits is not sent. */
  function lost(connection: Connection): void {
    const window = connection.outgoing;
    if (window === undefined) return;
    dropWaiting(connection, window);
    const call = window.current;
    // One that is asked for just now is not sent: takeTurn() sees to it.
    if (call?.sentAt === undefined) return;
    noteUnanswered(connection, call, call.sentAt);
    settle(connection, call, { kind: 'connection_lost' });
  }

  /** Waits for the open call, for a short time; for a connection that is about to be closed. Never rejects. */
  async function drained(connection: Connection): Promise<void> {
    const window = connection.outgoing;
    if (window === undefined) return;
    dropWaiting(connection, window);
    const timer = setTimeout(() => lost(connection), leavingMs);
    await window.current?.ended;
    clearTimeout(timer);
  }

  function dropWaiting(connection: Connection, { waiting }: OutgoingWindow): void {
    for (const call of waiting.splice(0)) settle(connection, call, { kind: 'not_connected' });
  }

  function noteUnanswered(connection: Connection, { command, worded }: OutgoingCall, sentAt: Date): void {
    note(connection, {
      ...callMade(command.id, { action: worded.action, sentAt }, worded.payload),
      answer: undefined,
      latencyMs: undefined,
      deviations: [],
    });
  }

  return { execute, answer, lost, drained };
}

/** Answers whether something may be sent over a connection: it is the station's, and known to be. */
export function isConnected({ state, isAnnounced, webSocket }: Connection): boolean {
  return state === 'open' && isAnnounced && webSocket.readyState === webSocket.OPEN;
}

export function isIdle({ outgoing }: Connection): boolean {
  return outgoing === undefined || (outgoing.current === undefined && outgoing.waiting.length === 0);
}
