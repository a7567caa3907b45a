// What a station does on one open connection: boot until accepted, report its statuses, send heartbeats, answer the
// central system. Begins when the WebSocket is open and ends with it; connecting again is simulated_station.ts.

import { CallQueue } from './call_queue.ts';
import type { CallEnd } from './call_queue.ts';
import type { Connectors } from './connectors.ts';
import { csmsCallAnswer } from './csms_calls.ts';
import type { CalledStation } from './csms_calls.ts';
import { callErrorText, callResultText, parsedFrame } from './frames.ts';
import type { Frame, Payload } from './frames.ts';
import { bootRetryPauseMs, callTimeoutMs, heartbeatIntervalMs, statusPauseMs } from './pauses.ts';
import type { Random } from './pauses.ts';
import type { StationEventDetail } from './station_event.ts';
import type { StationIdentity } from './station_identity.ts';

/** What one connection is given by its station. */
export type ConnectionLifeOptions = {
  readonly station: StationIdentity;
  readonly connectors: Connectors;
  readonly hasStatusLife: boolean;
  readonly random: Random;
  /** Writes one text message to the connection. */
  readonly send: (text: string) => void;
  readonly emit: (detail: StationEventDetail) => void;
  /** Called when the central system asked for a restart. */
  readonly restart: () => void;
  /** Called when the central system does not answer any more. */
  readonly giveUp: () => void;
};

// One lost answer is a slow server; two in a row are a connection that is dead without having been closed.
const lostAnswersToGiveUp = 2;

export class ConnectionLife implements CalledStation {
  readonly #options: ConnectionLifeOptions;
  readonly #calls: CallQueue;
  #registration: 'none' | 'Accepted' | 'Pending' | 'Rejected' = 'none';
  #heartbeatIntervalSeconds = 0;
  #lostAnswers = 0;
  #bootTimer: NodeJS.Timeout | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #statusTimer: NodeJS.Timeout | undefined;

  constructor(options: ConnectionLifeOptions) {
    this.#options = options;
    this.#calls = new CallQueue(options.send, callTimeoutMs);
  }

  get connectors(): Connectors {
    return this.#options.connectors;
  }

  get heartbeatIntervalSeconds(): number {
    return this.#heartbeatIntervalSeconds;
  }

  /** Whether the newest BootNotification was accepted. */
  get isBooted(): boolean {
    return this.#registration === 'Accepted';
  }

  /** Sends BootNotification now, and again as long as it is not accepted. */
  boot(): void {
    clearTimeout(this.#bootTimer);
    void this.#call('BootNotification', () => bootPayload(this.#options.station)).then((end) =>
      this.#handleBootEnd(end),
    );
  }

  sendHeartbeat(): void {
    void this.#call('Heartbeat', () => ({}));
  }

  reportStatus(connectorNumber: number): void {
    void this.#reportStatus(connectorNumber);
  }

  restart(): void {
    this.#options.restart();
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
    this.#heartbeatIntervalSeconds = intervalMs / 1000;
    clearInterval(this.#heartbeatTimer);
    this.#heartbeatTimer = setInterval(() => {
      // A call that is waiting for its answer already shows that the station lives; a slow server must not be
      // given a queue of heartbeats.
      if (!this.#calls.isBusy) this.sendHeartbeat();
    }, intervalMs);
    this.#options.emit({ type: 'booted', heartbeatIntervalMs: intervalMs });
    if (wasBooted) return;
    void this.#reportAllStatuses();
  }

  async #reportAllStatuses(): Promise<void> {
    await Promise.all(this.connectors.numbers.map((number) => this.#reportStatus(number)));
    // Not earlier: a status that changes while it waits to be sent would be reported twice.
    if (this.isBooted && this.#options.hasStatusLife) this.#awaitStatusChange();
  }

  #stopRoutine(): void {
    clearInterval(this.#heartbeatTimer);
    clearTimeout(this.#statusTimer);
  }

  #awaitStatusChange(): void {
    clearTimeout(this.#statusTimer);
    this.#statusTimer = setTimeout(
      () => {
        void this.#changeStatus();
      },
      statusPauseMs(this.connectors.count, this.#options.random),
    );
  }

  async #changeStatus(): Promise<void> {
    const changed = this.connectors.advanceOne(this.#options.random);
    // The next change waits for this one's answer: a slow server must not be given a queue of statuses.
    if (changed !== undefined) await this.#reportStatus(changed);
    if (this.isBooted) this.#awaitStatusChange();
  }

  async #reportStatus(connectorNumber: number): Promise<void> {
    let status = this.connectors.statusOf(connectorNumber);
    const end = await this.#call('StatusNotification', () => {
      status = this.connectors.statusOf(connectorNumber);
      return {
        connectorId: connectorNumber,
        errorCode: 'NoError',
        status,
        timestamp: new Date().toISOString(),
      };
    });
    if (end.kind === 'result') this.#options.emit({ type: 'status_reported', connectorNumber, status });
  }

  async #call(action: string, payload: () => Payload): Promise<CallEnd> {
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

function bootPayload(station: StationIdentity): Payload {
  return {
    chargePointVendor: station.vendor,
    chargePointModel: station.model,
    chargePointSerialNumber: station.serialNumber,
    firmwareVersion: station.firmwareVersion,
    iccid: station.iccid,
    imsi: station.imsi,
  };
}
