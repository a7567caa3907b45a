// All open connections of this process: newest wins, calls in order, answers after the commit, back-pressure.
//
// Frames are read as they arrive. Calls wait in the connection's inbox and are handled one after the other; answers
// to our own calls do not wait behind them (separate windows per direction).

import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { DriverAuthorization, FactResult, ShownDriverToken, StationFact } from '../domain/index.ts';
import type { AdmittedStation } from './admission.ts';
import type { BootAdmission } from './boot_admission.ts';
import type { Connection } from './connection.ts';
import { pingAll } from './ping_sweep.ts';
import type { Answer, AnswerCall } from './rpc/call_answerer.ts';
import { callErrorText, callResultText, readFrame } from './rpc/frames.ts';
import type { BrokenCall, Call } from './rpc/frames.ts';

// A station that keeps to OCPP 1.6J §4.1.1 has one call open. At this many waiting ones its socket is not read any
// more, so that TCP slows it down; what the last chunk from the socket still holds (≤ 64 KiB) is taken all the same.
const inboxLimit = 8;
const inboxResumesAt = 4;

// Unsent answers of one station, in bytes, above which its next call waits until they are out.
const unsentLimit = 64 * 1024;

// RFC 6455 §7.4.1. For the replaced connection 1008 (policy) and no code of the private range 4000–4999: every
// station's WebSocket library knows it, and the reason says what happened.
const closeCodes = { goingAway: 1001, policy: 1008 } as const;

export type ConnectionsDeps = {
  readonly log: Logger;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly node: string;
  readonly admitBoot: (connectionId: string) => BootAdmission;
  readonly pingIntervalMs: number;
  readonly record: (fact: StationFact) => Promise<FactResult<StationFact>>;
  readonly driverAuthorization: (token: ShownDriverToken, now: Date) => Promise<DriverAuthorization>;
};

export type OpenedWebSocket = {
  readonly webSocket: WebSocket;
  readonly station: AdmittedStation;
  readonly ocppVersion: string;
  readonly answerCall: AnswerCall;
};

export type Connections = {
  /** Takes over a WebSocket whose handshake is done. Closes the station's older connection, if it has one. */
  readonly open: (opened: OpenedWebSocket) => void;
  /** Closes the connection of a station that is no more, if it has one here. */
  readonly letGo: (chargingStationId: string) => void;
  /** Answers the calls that were read, closes all with 1001, and resolves when every fact is durable or refused. */
  readonly close: () => Promise<void>;
  /** Stations that are connected here now. */
  readonly count: () => number;
};

export function createConnections(deps: ConnectionsDeps): Connections {
  const { log, clock } = deps;
  const all = new Map<WebSocket, Connection>();
  const newestOfStation = new Map<string, Connection>();
  const sweep = setInterval(() => void pingAll(all.values(), log), deps.pingIntervalMs);
  sweep.unref();
  let allClosed: (() => void) | undefined;

  function open({ webSocket, station: admitted, ocppVersion, answerCall }: OpenedWebSocket): void {
    const { tenantId, chargingStationId } = admitted;
    const connection: Connection = {
      webSocket,
      admitted,
      station: { tenantId, chargingStationId, connectionId: deps.newId() },
      ocppVersion,
      answerCall,
      openedAt: clock.now(),
      habits: admitted.habits,
      deviatingCalls: 0,
      inbox: [],
      state: 'open',
      isWorking: false,
      isAnnounced: false,
      isAwaitingPong: false,
      hasBeenComplainedOf: false,
      isSendBlocked: false,
    };
    const older = newestOfStation.get(chargingStationId);
    if (older !== undefined) replace(older);
    newestOfStation.set(chargingStationId, connection);
    all.set(webSocket, connection);
    webSocket.on('message', onMessage);
    webSocket.on('pong', onPong);
    webSocket.on('error', onError);
    webSocket.on('close', onClose);
    log.info({ ...logged(connection), ocppVersion }, 'station connected');
    void start(connection);
  }

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const connection = all.get(this);
    if (connection?.state !== 'open') return;
    connection.isAwaitingPong = false;
    void record({ ...connection.station, kind: 'seen', at: clock.now() }).catch((error: unknown) =>
      log.error({ ...logged(connection), err: error }, 'a sign of life could not be recorded'),
    );
    // ws hands out one Buffer per message unless its binaryType is changed.
    const frame = readFrame(data as Buffer, isBinary, connection.habits.isStrict);
    switch (frame.kind) {
      case 'call':
      case 'broken_call':
        connection.inbox.push(frame);
        if (connection.inbox.length >= inboxLimit && !this.isPaused) this.pause();
        void work(connection);
        return;
      case 'call_result':
      case 'call_error':
        complainOnce(connection, 'an answer matches no call of ours');
        return;
      case 'ignored':
        complainOnce(connection, `a frame was ignored: ${frame.reason}`);
        return;
    }
  }

  // A station that sends nothing but such frames must not fill the disk.
  function complainOnce(connection: Connection, complaint: string): void {
    if (connection.hasBeenComplainedOf) return;
    connection.hasBeenComplainedOf = true;
    log.warn(logged(connection), `${complaint}; more of the kind is not logged for this connection`);
  }

  function onPong(this: WebSocket): void {
    const connection = all.get(this);
    if (connection !== undefined) connection.isAwaitingPong = false;
  }

  function onError(this: WebSocket, error: Error): void {
    const connection = all.get(this);
    if (connection !== undefined) log.warn({ ...logged(connection), err: error }, 'WebSocket error');
  }

  function onClose(this: WebSocket, code: number): void {
    const connection = all.get(this);
    if (connection === undefined) return;
    const { deviatingCalls } = connection;
    log.info({ ...logged(connection), code, deviatingCalls }, 'station disconnected');
    if (newestOfStation.get(connection.station.chargingStationId) === connection) {
      newestOfStation.delete(connection.station.chargingStationId);
    }
    // What a station said before it closed is kept; work() ends the connection when that is done.
    if (connection.state !== 'replaced') connection.state = 'closed';
    void work(connection);
  }

  async function start(connection: Connection): Promise<void> {
    connection.isWorking = true;
    try {
      await announce(connection);
    } catch (error) {
      // The station stays: keep() tries again before the next fact.
      log.error({ ...logged(connection), err: error }, 'the opened connection could not be recorded');
    }
    connection.isWorking = false;
    await work(connection);
  }

  /** Handles the inbox until it is empty. Never rejects. */
  async function work(connection: Connection): Promise<void> {
    if (connection.isWorking) return;
    connection.isWorking = true;
    const { inbox, webSocket } = connection;
    for (let frame = inbox.shift(); frame !== undefined; frame = inbox.shift()) {
      await send(connection, await answerTo(connection, frame));
      if (inbox.length <= inboxResumesAt && webSocket.isPaused) webSocket.resume();
    }
    connection.isWorking = false;
    if (webSocket.readyState === webSocket.CLOSED) await end(connection);
    else if (connection.state === 'leaving') webSocket.close(closeCodes.goingAway, 'the server stops');
  }

  async function answerTo(connection: Connection, frame: Call | BrokenCall): Promise<string> {
    const { messageId } = frame;
    const receivedAt = clock.now();
    const answer: Answer =
      frame.kind === 'broken_call'
        ? { error: frame.error, deviations: [] }
        : await connection.answerCall(
            frame,
            {
              station: connection.station,
              receivedAt,
              admitBoot: () => deps.admitBoot(connection.station.connectionId),
              authorizationOf: (value) =>
                deps.driverAuthorization({ tenantId: connection.station.tenantId, value }, receivedAt),
              habits: connection.habits,
            },
            (facts) => keep(connection, facts),
          );
    const { deviations } = answer;
    if (deviations.length > 0) connection.deviatingCalls += 1;
    if (log.isLevelEnabled('debug')) {
      const action = frame.kind === 'call' ? frame.action.slice(0, 50) : undefined;
      const code = 'error' in answer ? answer.error.code : undefined;
      const tookMs = clock.now().getTime() - receivedAt.getTime();
      log.debug({ ...logged(connection), messageId, action, code, deviations, tookMs }, 'call answered');
    }
    return 'error' in answer
      ? callErrorText(messageId, answer.error)
      : callResultText(messageId, answer.payload);
  }

  async function keep(
    connection: Connection,
    facts: readonly StationFact[],
  ): Promise<readonly FactResult<StationFact>[] | undefined> {
    if (facts.length === 0) return [];
    if (!connection.isAnnounced) await announce(connection);
    if (connection.state === 'replaced') return undefined;
    const results = await Promise.all(facts.map(record));
    for (const fact of facts) {
      if (fact.kind !== 'booted') continue;
      connection.habits = { ...connection.habits, vendor: fact.vendor, model: fact.model };
    }
    return results;
  }

  async function announce(connection: Connection): Promise<void> {
    // Recorded after the newer connection's, it would take the station from it.
    if (connection.state === 'replaced') return;
    const { station, openedAt, ocppVersion } = connection;
    await record({ ...station, kind: 'connection_opened', at: openedAt, node: deps.node, ocppVersion });
    connection.isAnnounced = true;
  }

  // async, so that a record() that throws at once rejects as well.
  async function record(fact: StationFact): Promise<FactResult<StationFact>> {
    return await deps.record(fact);
  }

  async function end(connection: Connection): Promise<void> {
    if (!all.has(connection.webSocket)) return;
    try {
      await record({ ...connection.station, kind: 'connection_closed', at: clock.now() });
    } catch (error) {
      log.error({ ...logged(connection), err: error }, 'the closed connection could not be recorded');
    }
    all.delete(connection.webSocket);
    if (all.size === 0) allClosed?.();
  }

  async function close(): Promise<void> {
    clearInterval(sweep);
    const closed = new Promise<void>((resolve) => {
      allClosed = resolve;
    });
    for (const connection of all.values()) {
      if (connection.state === 'open') connection.state = 'leaving';
      void work(connection);
    }
    if (all.size > 0) await closed;
  }

  function letGo(chargingStationId: string): void {
    const connection = newestOfStation.get(chargingStationId);
    if (connection !== undefined) dismiss(connection, 'the charging station was deleted');
  }

  return { open, letGo, close, count: () => newestOfStation.size };
}

// Calls of the older connection that nobody answered are dropped: the station repeats what matters to it, and an
// old report kept after the newer connection's would overwrite newer state.
function replace(older: Connection): void {
  dismiss(older, 'replaced by a newer connection of this station');
}

function dismiss(connection: Connection, reason: string): void {
  connection.state = 'replaced';
  connection.inbox.length = 0;
  if (connection.webSocket.isPaused) connection.webSocket.resume();
  connection.webSocket.close(closeCodes.policy, reason);
}

async function send(connection: Connection, text: string): Promise<void> {
  const { webSocket } = connection;
  if (webSocket.readyState !== webSocket.OPEN) return;
  if (webSocket.bufferedAmount <= unsentLimit) {
    webSocket.send(text);
    return;
  }
  connection.isSendBlocked = true;
  await new Promise<void>((resolve) => webSocket.send(text, () => resolve()));
  connection.isSendBlocked = false;
}

function logged({ admitted, station }: Connection): Readonly<Record<string, string>> {
  return { tenant: admitted.slug, identity: admitted.identity, connectionId: station.connectionId };
}
