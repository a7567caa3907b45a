// All open connections of this process: newest wins, calls in order, answers after the commit, back-pressure.
//
// Frames are read as they arrive. Calls wait in the connection's inbox and are handled one after the other; answers
// to our own calls do not wait behind them (separate windows per direction).

import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type {
  Communication,
  DriverAuthorization,
  FactResult,
  HeldConnection,
  ShownDriverToken,
  StationFact,
} from '../domain/index.ts';
import type { AdmittedStation } from './admission.ts';
import type { BootAdmission } from './boot_admission.ts';
import type { Connection, TakenFrame } from './connection.ts';
import { pingAll } from './ping_sweep.ts';
import type { Answer, AnswerCall } from './rpc/call_answerer.ts';
import { callErrorText, callResultText, readFrame } from './rpc/frames.ts';

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
  /** Notes what was said; a promise of room where it has none: what comes next is to be read after that. */
  readonly note: (what: Communication) => Promise<void> | undefined;
  readonly record: (fact: StationFact) => Promise<FactResult<StationFact>>;
  /** Answers the ids of those that are their stations' connections still. */
  readonly hold: (held: readonly HeldConnection[]) => Promise<ReadonlySet<string>>;
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
  /** Closes a connection whose station has a newer one at another process, if it is here. */
  readonly replacedElsewhere: (chargingStationId: string, connectionId: string) => void;
  /** Looks which connections are their stations' still, and closes the others. Rejects when that is not to be known. */
  readonly check: () => Promise<void>;
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
      closedBecause: undefined,
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
    void deps.note({
      ...connection.station,
      kind: 'connection_opened',
      at: connection.openedAt,
      ocppVersion,
    });
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
    const bytes = data as Buffer;
    const frame = readFrame(bytes, isBinary, connection.habits.isStrict);
    switch (frame.kind) {
      case 'call':
      case 'broken_call':
        connection.inbox.push(frame.kind === 'call' ? frame : { ...frame, text: bytes.toString() });
        if (connection.inbox.length >= inboxLimit && !this.isPaused) this.pause();
        void work(connection);
        return;
      case 'call_result':
      case 'call_error':
        complainOnce(connection, 'an answer matches no call of ours');
        noteIgnored(connection, bytes.toString(), 'an answer that matches no call of ours');
        return;
      case 'ignored':
        complainOnce(connection, `a frame was ignored: ${frame.reason}`);
        noteIgnored(connection, bytes.toString(), frame.reason);
        return;
    }
  }

  function noteIgnored({ station, webSocket }: Connection, text: string, reason: string): void {
    const room = deps.note({ ...station, kind: 'ignored_frame', at: clock.now(), text, reason });
    if (room === undefined || webSocket.isPaused) return;
    webSocket.pause();
    void room.then(() => webSocket.resume());
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

  function onClose(this: WebSocket, code: number, told: Buffer): void {
    const connection = all.get(this);
    if (connection === undefined) return;
    const { deviatingCalls } = connection;
    log.info({ ...logged(connection), code, deviatingCalls }, 'station disconnected');
    const reason = `${code} ${connection.closedBecause ?? told.toString()}`.trimEnd();
    void deps.note({ ...connection.station, kind: 'connection_closed', at: clock.now(), reason });
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
      const { text, said } = await answerTo(connection, frame);
      await send(connection, text);
      await deps.note({ ...connection.station, ...said });
      if (inbox.length <= inboxResumesAt && webSocket.isPaused) webSocket.resume();
    }
    connection.isWorking = false;
    if (webSocket.readyState === webSocket.CLOSED) await end(connection);
    else if (connection.state === 'leaving') {
      connection.closedBecause = 'the server stops';
      webSocket.close(closeCodes.goingAway, connection.closedBecause);
    }
  }

  async function answerTo(connection: Connection, frame: TakenFrame) {
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
    const latencyMs = clock.now().getTime() - receivedAt.getTime();
    if (log.isLevelEnabled('debug')) {
      const action = frame.kind === 'call' ? frame.action.slice(0, 50) : undefined;
      const code = 'error' in answer ? answer.error.code : undefined;
      log.debug(
        { ...logged(connection), messageId, action, code, deviations, tookMs: latencyMs },
        'call answered',
      );
    }
    const text =
      'error' in answer ? callErrorText(messageId, answer.error) : callResultText(messageId, answer.payload);
    return { text, said: saidOf(frame, { at: receivedAt, answer, latencyMs }) };
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
    await recordClosed(connection);
    all.delete(connection.webSocket);
    if (all.size === 0) allClosed?.();
  }

  async function recordClosed(connection: Connection): Promise<void> {
    try {
      await record({ ...connection.station, kind: 'connection_closed', at: clock.now() });
    } catch (error) {
      log.error({ ...logged(connection), err: error }, 'the closed connection could not be recorded');
    }
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

  function replacedElsewhere(chargingStationId: string, connectionId: string): void {
    const connection = newestOfStation.get(chargingStationId);
    if (connection?.station.connectionId === connectionId) replace(connection);
  }

  async function check(): Promise<void> {
    const asked = [...all.values()].filter(({ state, isAnnounced }) => state === 'open' && isAnnounced);
    const held = await deps.hold(asked.map(({ station, openedAt }) => ({ ...station, openedAt })));
    for (const connection of asked) {
      if (!held.has(connection.station.connectionId)) {
        dismiss(connection, 'the charging station has a newer connection, or was deleted');
      } else if (connection.state !== 'open') {
        // Its closing, if it came before we asked, was undone by that.
        void recordClosed(connection);
      }
    }
  }

  return { open, letGo, replacedElsewhere, check, close, count: () => newestOfStation.size };
}

// Calls of the older connection that nobody answered are dropped: the station repeats what matters to it, and an
// old report kept after the newer connection's would overwrite newer state.
function replace(older: Connection): void {
  dismiss(older, 'replaced by a newer connection of this station');
}

function dismiss(connection: Connection, reason: string): void {
  connection.state = 'replaced';
  connection.closedBecause = reason;
  connection.inbox.length = 0;
  if (connection.webSocket.isPaused) connection.webSocket.resume();
  connection.webSocket.close(closeCodes.policy, reason);
}

/** What a frame and its answer are in the communication log. */
function saidOf(
  frame: TakenFrame,
  { at, answer, latencyMs }: { at: Date; answer: Answer; latencyMs: number },
) {
  if (frame.kind === 'broken_call') {
    const { messageId, text, error } = frame;
    return { kind: 'broken_frame', at, messageId, text, error } as const;
  }
  const { kind, action, messageId, payload } = frame;
  const { deviations, ...said } = answer;
  const direction = 'from_station';
  return { kind, at, direction, action, messageId, payload, answer: said, latencyMs, deviations } as const;
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
