// All open connections of this process: newest wins, the beginning and the end.

import type { RawData, WebSocket } from 'ws';
import type {
  CommandOutcome,
  Communication,
  HeldConnection,
  RemoteCommand,
  Said,
  StationReference,
} from '../domain/index.ts';
import type { AdmittedStation } from './admission.ts';
import { connectionOver, logged } from './connection.ts';
import type { CompiledVersion, Connection } from './connection.ts';
import { createIncomingCalls } from './incoming_calls.ts';
import type { IncomingCallsDeps } from './incoming_calls.ts';
import { createIncomingFrames } from './incoming_frames.ts';
import type { IncomingFramesDeps } from './incoming_frames.ts';
import { createOutgoingCalls, isConnected, isIdle } from './outgoing_calls.ts';
import type { WillSend } from './outgoing_calls.ts';
import { pingAll } from './ping_sweep.ts';
import { readOrWait, waitForRoom } from './reading.ts';
import { createStatusRequests } from './status_requests.ts';

// RFC 6455 §7.4.1. For the replaced connection 1008 (policy) and no code of the private range 4000–4999: every
// station's WebSocket library knows it, and the reason says what happened.
const closeCodes = { goingAway: 1001, policy: 1008 } as const;

const replacedByNewer = 'replaced by a newer connection of this station';

export type ConnectionsDeps = Omit<IncomingCallsDeps, 'note' | 'announce'> &
  Pick<IncomingFramesDeps, 'noteSeen'> & {
    readonly newId: () => string;
    readonly node: string;
    readonly pingIntervalMs: number;
    /** Notes what was said; a promise of room where it has none: what comes next is to be read after that. */
    readonly note: (what: Communication) => Promise<void> | undefined;
    /** Answers the ids of those that are their stations' connections still. */
    readonly hold: (held: readonly HeldConnection[]) => Promise<ReadonlySet<string>>;
    /** Told once a station's new connection is durable: commands can be executed from then on. */
    readonly stationConnected: (station: StationReference) => void;
  };

export type OpenedWebSocket = {
  readonly webSocket: WebSocket;
  readonly station: AdmittedStation;
  readonly version: CompiledVersion;
};

export type Connections = {
  /** Takes over a WebSocket whose handshake is done. Closes the station's older connection, if it has one. */
  readonly open: (opened: OpenedWebSocket) => void;
  /** Closes the connection of a station that is no more, if it has one here. */
  readonly letGo: (chargingStationId: string) => void;
  /** Answers over which connection commands can be executed; undefined if the station has none here. */
  readonly connectionOf: (
    chargingStationId: string,
  ) => { readonly connectionId: string; readonly ocppVersion: string } | undefined;
  /** Answers whether the station is connected here and a command would be sent at once. */
  readonly isFree: (chargingStationId: string) => boolean;
  /**
   * Sends a command when its turn comes: one call of ours is open at a time, others wait for it, sixteen at most (more are
   * `not_sent`). Right before that `willSend` is asked. After its `true` the command counts as sent: it is `connection_lost`
   * or `unanswered` where the connection ended, or the deadline passed, in that moment, though nothing was written.
   *
   * @returns what became of it; never rejects
   */
  readonly execute: (command: RemoteCommand, willSend: WillSend) => Promise<CommandOutcome>;
  /** Closes a connection whose station has a newer one at another process, if it is here. */
  readonly replacedElsewhere: (chargingStationId: string, connectionId: string) => void;
  /** Looks which connections are their stations' still, and closes the others. Rejects when that is not to be known. */
  readonly check: () => Promise<void>;
  /**
   * Answers the calls that were read, gives open calls of ours two seconds, closes all with 1001, and resolves when every
   * fact is durable or refused.
   */
  readonly close: () => Promise<void>;
  /** Stations that are connected here now. */
  readonly count: () => number;
};

export function createConnections(deps: ConnectionsDeps): Connections {
  const { log, clock, record } = deps;
  const all = new Map<WebSocket, Connection>();
  const newestOfStation = new Map<string, Connection>();
  const incoming = createIncomingCalls({ ...deps, note, announce });
  const outgoing = createOutgoingCalls({ log, clock, note });
  const frames = createIncomingFrames({
    ...deps,
    note,
    answer: outgoing.answer,
    answerInbox: (connection) => void work(connection),
  });
  const statusRequests = createStatusRequests({ clock, newId: deps.newId, execute: outgoing.execute });
  const sweep = setInterval(() => void pingAll(all.values(), log), deps.pingIntervalMs);
  sweep.unref();
  let allClosed: (() => void) | undefined;

  function open({ webSocket, station: admitted, version }: OpenedWebSocket): void {
    const { tenantId, chargingStationId } = admitted;
    const station = { tenantId, chargingStationId, connectionId: deps.newId() };
    const connection = connectionOver(webSocket, { admitted, station, version, openedAt: clock.now() });
    const older = newestOfStation.get(chargingStationId);
    // Calls of the older connection that nobody answered are dropped: the station repeats what matters to it, and an
    // old report kept after the newer connection's would overwrite newer state.
    if (older !== undefined) dismiss(older, replacedByNewer);
    newestOfStation.set(chargingStationId, connection);
    all.set(webSocket, connection);
    webSocket.on('message', onMessage);
    webSocket.on('pong', onPong);
    webSocket.on('error', onError);
    webSocket.on('close', onClose);
    const { ocppVersion } = version;
    log.info({ ...logged(connection), ocppVersion }, 'station connected');
    void note(connection, { kind: 'connection_opened', at: connection.openedAt, ocppVersion });
    void start(connection);
  }

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const connection = all.get(this);
    // ws hands out one Buffer per message unless its binaryType is changed.
    if (connection !== undefined) frames.take(connection, data as Buffer, isBinary);
  }

  function note(connection: Connection, what: Said): Promise<void> | undefined {
    const room = deps.note({ ...connection.station, ...what });
    if (room !== undefined) void waitForRoom(connection, room);
    return room;
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
    if (newestOfStation.get(connection.station.chargingStationId) === connection) {
      newestOfStation.delete(connection.station.chargingStationId);
    }
    // What a station said before it closed is kept; work() ends the connection when that is done.
    if (connection.state !== 'replaced') connection.state = 'closed';
    outgoing.lost(connection);
    const reason = `${code} ${connection.closedBecause ?? told.toString()}`.trimEnd();
    void note(connection, { kind: 'connection_closed', at: clock.now(), reason });
    void work(connection);
  }

  async function start(connection: Connection): Promise<void> {
    connection.isWorking = true;
    try {
      await announce(connection);
    } catch (error) {
      // The station stays: it is tried again before its next fact.
      log.error({ ...logged(connection), err: error }, 'the opened connection could not be recorded');
    }
    connection.isWorking = false;
    await work(connection);
  }

  /** Handles the inbox until it is empty, and closes or ends what is over. Never rejects. */
  async function work(connection: Connection): Promise<void> {
    if (connection.isWorking) return;
    connection.isWorking = true;
    const { webSocket } = connection;
    await incoming.answerAll(connection);
    if (connection.state === 'leaving') await outgoing.drained(connection);
    connection.isWorking = false;
    if (webSocket.readyState === webSocket.CLOSED) await end(connection);
    else if (connection.state === 'leaving') {
      connection.closedBecause = 'the server stops';
      webSocket.close(closeCodes.goingAway, connection.closedBecause);
    }
  }

  async function announce(connection: Connection): Promise<void> {
    // Recorded after the newer connection's, it would take the station from it.
    if (connection.state === 'replaced') return;
    const { station, openedAt, version } = connection;
    const { ocppVersion } = version;
    await record({ ...station, kind: 'connection_opened', at: openedAt, node: deps.node, ocppVersion });
    connection.isAnnounced = true;
    if (!isConnected(connection)) return;
    deps.stationConnected(station);
    statusRequests.await(connection);
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
    statusRequests.close();
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
    if (connection?.station.connectionId === connectionId) dismiss(connection, replacedByNewer);
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

  function dismiss(connection: Connection, reason: string): void {
    connection.state = 'replaced';
    connection.closedBecause = reason;
    connection.inbox.length = 0;
    outgoing.lost(connection);
    readOrWait(connection);
    connection.webSocket.close(closeCodes.policy, reason);
  }

  function connectedOf(chargingStationId: string): Connection | undefined {
    const connection = newestOfStation.get(chargingStationId);
    return connection !== undefined && isConnected(connection) ? connection : undefined;
  }

  return {
    open,
    letGo,
    replacedElsewhere,
    check,
    close,
    count: () => newestOfStation.size,
    connectionOf(chargingStationId) {
      const connection = connectedOf(chargingStationId);
      const { station, version } = connection ?? {};
      return station && version && { connectionId: station.connectionId, ocppVersion: version.ocppVersion };
    },
    isFree(chargingStationId) {
      const connection = connectedOf(chargingStationId);
      return connection !== undefined && isIdle(connection);
    },
    async execute(command, willSend) {
      const connection = connectedOf(command.chargingStationId);
      if (connection === undefined) return { kind: 'not_connected' };
      return await outgoing.execute(connection, command, willSend);
    },
  };
}
