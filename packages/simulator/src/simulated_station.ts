// One charging station that is always trying to be connected: handshake, connection, back-off, and again.
// What it says on a connection is connection_life.ts.

import { WebSocket } from 'ws';
import { ConnectionLife } from './connection_life.ts';
import { reconnectPauseMs } from './pauses.ts';
import type { Random } from './pauses.ts';
import type { StationEvent, StationEventDetail } from './station_event.ts';
import type { StationIdentity } from './station_identity.ts';
import { StationMemory } from './station_memory.ts';
import { stationUrl } from './station_url.ts';

export type StationOptions = {
  /** `ws://host:port/ocpp/<tenant>` or `wss://…`; the station's identity is appended, URL-encoded. */
  readonly url: string;
  readonly station: StationIdentity;
  /** Closes the station when aborted. */
  readonly signal?: AbortSignal;
  /** Called for everything that happens; must not throw. */
  readonly onEvent?: (event: StationEvent) => void;
  /** Whether drivers come and charge by themselves, a step a minute or so at each connector. Default true. */
  readonly hasStatusLife?: boolean;
  /** For all pauses and choices, 0 ≤ r < 1. Default Math.random. */
  readonly random?: Random;
};

const handshakeTimeoutMs = 30_000;
const closeTimeoutMs = 1_000;
const largestMessageBytes = 1_048_576;

/**
 * Starts a charging station: it connects, boots, and lives until it is closed. It never gives up: what goes wrong is
 * told to `onEvent` and tried again.
 *
 * @throws {TypeError} when the URL is none for a WebSocket
 * @see OCPP-J 1.6 §3 Connection
 * @example
 * const station = startStation({ url: 'ws://localhost:8080/ocpp/demo', station: simulatedStationIdentity(1) });
 * await station.close();
 */
export function startStation(options: StationOptions): SimulatedStation {
  return new SimulatedStation(options);
}

/** A station that was started with `startStation`. */
export class SimulatedStation {
  readonly #options: StationOptions;
  readonly #url: string;
  readonly #random: Random;
  readonly #memory: StationMemory;
  #socket: WebSocket | undefined;
  #life: ConnectionLife | undefined;
  #failedAttempts = 0;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: StationOptions) {
    this.#options = options;
    this.#url = stationUrl(options.url, options.station.identity);
    this.#random = options.random ?? Math.random;
    this.#memory = new StationMemory(options.station, this.#random);
    if (options.signal?.aborted === true) {
      this.#closing = Promise.resolve();
      return;
    }
    options.signal?.addEventListener('abort', this.#handleAbort);
    this.#connect();
  }

  get identity(): string {
    return this.#options.station.identity;
  }

  /** Whether the WebSocket is open. */
  get isConnected(): boolean {
    return this.#life !== undefined;
  }

  /** Whether the central system accepted the BootNotification of this connection. */
  get isBooted(): boolean {
    return this.#life?.isBooted ?? false;
  }

  /**
   * Closes the connection and ends every timer; a second call waits for the first. A server that does not answer the
   * closing handshake in one second is left without it. Never rejects.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  readonly #handleAbort = (): void => {
    void this.close();
  };

  #connect(): void {
    const socket = new WebSocket(this.#url, ['ocpp1.6'], {
      perMessageDeflate: false,
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: largestMessageBytes,
      headers: this.#authorization(),
    });
    this.#socket = socket;
    let httpStatus: number | undefined;
    let reason = '';
    socket.on('unexpected-response', (_request, response) => {
      httpStatus = response.statusCode;
      socket.terminate();
    });
    socket.on('error', (error) => {
      // ws always emits 'close' after it, where the retry is decided.
      reason =
        httpStatus === undefined ? sentenceOf(error) : `the handshake was answered with HTTP ${httpStatus}`;
    });
    socket.on('open', () => {
      this.#beginLife(socket);
    });
    socket.on('message', (data: Buffer) => {
      this.#life?.handleMessage(data.toString());
    });
    socket.on('close', (code, closeReason) => {
      this.#socket = undefined;
      const wasOpen = this.#life !== undefined;
      this.#life?.end();
      this.#life = undefined;
      const retry = this.#closing === undefined ? { retryInMs: this.#awaitReconnect() } : {};
      if (wasOpen)
        this.#emit({ type: 'disconnected', code, reason: closeReason.toString() || reason, ...retry });
      else {
        const status = httpStatus === undefined ? {} : { httpStatus };
        this.#emit({ type: 'connection_failed', ...status, reason, ...retry });
      }
    });
  }

  #authorization(): Record<string, string> {
    const { identity, password } = this.#options.station;
    const { changedPassword = password } = this.#memory.configuration;
    if (changedPassword === undefined) return {};
    // Hexadecimal digits of AuthorizationKey stand for bytes (OCPP 1.6 security whitepaper, A01).
    const isHexadecimal = changedPassword !== password && /^(?:[0-9a-f]{2}){16,20}$/i.test(changedPassword);
    const bytes = Buffer.from(changedPassword, isHexadecimal ? 'hex' : 'utf8');
    const credentials = Buffer.concat([Buffer.from(`${identity}:`), bytes]);
    return { Authorization: `Basic ${credentials.toString('base64')}` };
  }

  #beginLife(socket: WebSocket): void {
    this.#life = new ConnectionLife({
      memory: this.#memory,
      hasStatusLife: this.#options.hasStatusLife ?? true,
      random: this.#random,
      send: (text) => {
        // The error, if any, comes with 'close'; without a callback ws would throw it here.
        socket.send(text, ignoreSendError);
      },
      emit: (detail) => {
        if (detail.type === 'booted') this.#failedAttempts = 0;
        this.#emit(detail);
      },
      reconnect: () => {
        this.#life?.end();
        closeSocket(socket);
      },
      restart: () => {
        this.#memory.connectors.restart();
        this.#life?.end();
        closeSocket(socket);
      },
      giveUp: () => {
        socket.terminate();
      },
    });
    this.#pingRegularly(socket);
    this.#emit({ type: 'connected' });
    this.#life.boot();
  }

  #pingRegularly(socket: WebSocket): void {
    const seconds = this.#memory.configuration.numberOf('WebSocketPingInterval');
    if (seconds === 0) return;
    const timer = setInterval(() => socket.ping(ignoreSendError), seconds * 1000);
    socket.once('close', () => clearInterval(timer));
  }

  /** Answers in how many milliseconds the station connects again. */
  #awaitReconnect(): number {
    const pauseMs = reconnectPauseMs(this.#failedAttempts, this.#random);
    this.#failedAttempts += 1;
    this.#reconnectTimer = setTimeout(() => {
      this.#connect();
    }, pauseMs);
    return pauseMs;
  }

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#handleAbort);
    clearTimeout(this.#reconnectTimer);
    this.#memory.close();
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#life?.end();
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    else closeSocket(socket);
    await closed;
  }

  #emit(detail: StationEventDetail): void {
    this.#options.onEvent?.({ identity: this.identity, ...detail });
  }
}

function closeSocket(socket: WebSocket): void {
  const timer = setTimeout(() => {
    socket.terminate();
  }, closeTimeoutMs);
  socket.once('close', () => clearTimeout(timer));
  socket.close(1000, 'the station closes');
}

function ignoreSendError(): void {}

// A host name with several addresses fails with an AggregateError, whose own message is empty.
function sentenceOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return error.message;
}
