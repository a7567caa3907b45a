// What a station does on one open connection: boot until accepted, report its statuses, send heartbeats, answer the
// central system. Begins when the WebSocket is open and ends with it; connecting again is simulated_station.ts.

import { CallQueue } from './call_queue.ts';
import type { CallEnd } from './call_queue.ts';
import { csmsCallAnswer } from './csms_calls/index.ts';
import type { CalledStation } from './csms_calls/csms_call.ts';
import { letADriverAct } from './drivers.ts';
import { callErrorText, callResultText, parsedFrame } from './frames.ts';
import type { Frame, Payload } from './frames.ts';
import { bootRetryPauseMs, callTimeoutMs, heartbeatIntervalMs, statusPauseMs } from './pauses.ts';
import type { Random } from './pauses.ts';
import type { StationEventDetail } from './station_event.ts';
import type { StationMemory } from './station_memory.ts';
import type { StopReason } from './transaction.ts';
import type { BootedConnection } from './uplink.ts';

/** What one connection is given by its station. */
export type ConnectionLifeOptions = {
  readonly memory: StationMemory;
  readonly hasStatusLife: boolean;
  readonly random: Random;
  /** Writes one text message to the connection. */
  readonly send: (text: string) => void;
  readonly emit: (detail: StationEventDetail) => void;
  /** Called when the station is to connect again, as it is or as after a restart. */
  readonly reconnect: () => void;
  readonly restart: () => void;
  /** Called when the central system does not answer any more. */
  readonly giveUp: () => void;
};

// One lost answer is a slow server; two in a row are a connection that is dead without having been closed.
const lostAnswersToGiveUp = 2;

/** How long a restart waits for its StopTransactions to be answered. What is not is said after the next boot. */
const stopPatienceMs = 10_000;

export class ConnectionLife implements CalledStation, BootedConnection {
  readonly #options: ConnectionLifeOptions;
  readonly #calls: CallQueue;
  #registration: 'none' | 'Accepted' | 'Pending' | 'Rejected' = 'none';
  #lostAnswers = 0;
  #bootTimer: NodeJS.Timeout | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #driverTimer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(options: ConnectionLifeOptions) {
    this.#options = options;
    this.#calls = new CallQueue(options.send, callTimeoutMs);
  }

  get memory(): StationMemory {
    return this.#options.memory;
  }

  /** Whether the newest BootNotification was accepted. */
  get isBooted(): boolean {
    return this.#registration === 'Accepted';
  }

  /** Sends BootNotification now, and again as long as it is not accepted. */
  boot(): void {
    clearTimeout(this.#bootTimer);
    void this.call('BootNotification', () => bootPayload(this.memory)).then((end) =>
      this.#handleBootEnd(end),
    );
  }

  sendHeartbeat(): void {
    void this.call('Heartbeat', () => ({}));
  }

  reportStatus(connectorNumber: number): void {
    void this.#reportStatus(connectorNumber);
  }

  reconnect(): void {
    this.#options.reconnect();
  }

  async restart(reason: StopReason): Promise<void> {
    const { charging, timers } = this.memory;
    await Promise.race([charging.endAll(reason), timers.pause(stopPatienceMs)]);
    // Another connection is no business of this one.
    if (!this.#hasEnded) this.#options.restart();
  }

  /** Sends heartbeats at the interval that is configured now. */
  startHeartbeat(): void {
    if (!this.isBooted) return;
    clearInterval(this.#heartbeatTimer);
    const intervalMs = heartbeatIntervalMs(this.memory.configuration.heartbeatIntervalSeconds);
    this.#heartbeatTimer = setInterval(() => {
      // A call that is waiting for its answer already shows that the station lives; a slow server must not be
      // given a queue of heartbeats.
      if (!this.#calls.isBusy) this.sendHeartbeat();
    }, intervalMs);
  }

  /** Takes one message of the central system. Never throws. */
  handleMessage(text: string): void {
    this.#lostAnswers = 0;
    const frame = parsedFrame(text);
    if (frame === undefined) {
      this.#options.emit({
        type: 'frame_ignored',
        reason: `This is no OCPP-J message: ${text.slice(0, 100)}`,
      });
    } else if (frame.kind === 'call') this.#handleCall(frame);
    else this.#calls.handleAnswer(frame);
  }

  /** Ends all calls and timers. The connection itself is the caller's. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stopRoutine();
    clearTimeout(this.#bootTimer);
    this.#registration = 'none';
    this.#calls.close();
  }

  #handleCall(frame: Extract<Frame, { kind: 'call' }>): void {
    // OCPP 1.6 §4.2: a rejected station answers no message of the central system.
    if (this.#registration === 'Rejected') return;
    this.#options.emit({ type: 'call_received', action: frame.action });
    const answer = csmsCallAnswer(frame.action, frame.payload, this);
    if ('errorCode' in answer) {
      this.#options.send(callErrorText(frame.id, answer.errorCode, answer.description));
      return;
    }
    this.#options.send(callResultText(frame.id, answer.payload));
    answer.afterwards?.();
  }

  #handleBootEnd(end: CallEnd): void {
    if (end.kind === 'connection_closed') return;
    const status = end.kind === 'result' ? end.payload.status : undefined;
    const interval = end.kind === 'result' ? Number(end.payload.interval) : 0;
    if (status === 'Accepted') return this.#beginRoutine(interval);

    this.#stopRoutine();
    const retryInMs = bootRetryPauseMs(interval, this.#options.random);
    clearTimeout(this.#bootTimer);
    this.#bootTimer = setTimeout(() => {
      this.boot();
    }, retryInMs);
    if (status === 'Pending' || status === 'Rejected') {
      this.#registration = status;
      this.#options.emit({ type: 'boot_refused', status, retryInMs });
    } else this.#registration = 'none';
  }

  #beginRoutine(intervalSeconds: number): void {
    const wasBooted = this.isBooted;
    this.#registration = 'Accepted';
    const intervalMs = heartbeatIntervalMs(intervalSeconds);
    this.memory.configuration.heartbeatIntervalSeconds = Math.round(intervalMs / 1000);
    this.startHeartbeat();
    this.#options.emit({ type: 'booted', heartbeatIntervalMs: intervalMs });
    if (wasBooted) return;
    this.memory.uplink.open(this);
    void this.#reportAllStatuses();
    this.memory.resume();
  }

  async #reportAllStatuses(): Promise<void> {
    await Promise.all(this.memory.connectors.numbers.map((number) => this.#reportStatus(number)));
    if (this.isBooted && this.#options.hasStatusLife) this.#awaitDriver();
  }

  #stopRoutine(): void {
    this.memory.uplink.close();
    clearInterval(this.#heartbeatTimer);
    clearTimeout(this.#driverTimer);
  }

  #awaitDriver(): void {
    clearTimeout(this.#driverTimer);
    this.#driverTimer = setTimeout(
      () => {
        void this.#letADriverAct();
      },
      statusPauseMs(this.memory.connectors.count, this.#options.random),
    );
  }

  async #letADriverAct(): Promise<void> {
    // A slow server must not be given a queue of statuses.
    if (!this.#calls.isBusy) await letADriverAct(this.memory, this.#options.random);
    if (this.isBooted) this.#awaitDriver();
  }

  async #reportStatus(connectorNumber: number): Promise<void> {
    // As it is now: each change is told, also one that waits while the next one comes.
    const status = this.memory.connectors.statusOf(connectorNumber);
    const payload = {
      connectorId: connectorNumber,
      errorCode: 'NoError',
      status,
      timestamp: new Date().toISOString(),
    };
    const end = await this.call('StatusNotification', () => payload);
    if (end.kind === 'result') this.#options.emit({ type: 'status_reported', connectorNumber, status });
  }

  /** Calls, and tells how that ended. Never rejects. */
  async call(action: string, payload: () => Payload): Promise<CallEnd> {
    const end = await this.#calls.call(action, payload);
    switch (end.kind) {
      case 'result':
        this.#options.emit({ type: 'call_answered', action, durationMs: end.durationMs });
        break;
      case 'error': {
        const reason = `${end.errorCode}: ${end.description}`;
        this.#options.emit({ type: 'call_failed', action, reason });
        break;
      }
      case 'timed_out':
        this.#options.emit({ type: 'call_failed', action, reason: `no answer in ${callTimeoutMs / 1000} s` });
        this.#lostAnswers += 1;
        if (this.#lostAnswers >= lostAnswersToGiveUp) this.#options.giveUp();
        break;
      case 'connection_closed':
        break;
    }
    return end;
  }
}

function bootPayload({ station, firmware }: StationMemory): Payload {
  return {
    chargePointVendor: station.vendor,
    chargePointModel: station.model,
    chargePointSerialNumber: station.serialNumber,
    firmwareVersion: firmware.version,
    iccid: station.iccid,
    imsi: station.imsi,
  };
}
