// Many stations in one process: starts them at a rate, counts how they stand, closes them together.

import { startStation } from './simulated_station.ts';
import type { SimulatedStation, StationOptions } from './simulated_station.ts';
import type { StationEvent } from './station_event.ts';
import type { StationIdentity } from './station_identity.ts';

export type FleetOptions = Omit<StationOptions, 'station'> & {
  /** Each with an identity of its own. */
  readonly stations: readonly StationIdentity[];
  /** How many stations connect for the first time per second, above 0, default 50. Reconnects have their jitter. */
  readonly connectRate?: number;
};

export type FleetState = { readonly stations: number; readonly connected: number; readonly booted: number };

const tickMs = 20;

/**
 * Starts stations one after the other at `connectRate`. The first one starts at once.
 *
 * @throws {TypeError} when the URL is none for a WebSocket
 */
export function startFleet(options: FleetOptions): SimulatedFleet {
  return new SimulatedFleet(options);
}

/** Stations that were started with `startFleet`. */
export class SimulatedFleet {
  /** Fulfilled when all stations are booted at the same time; rejected when the fleet is closed before. */
  readonly allBooted: Promise<void>;
  readonly #options: FleetOptions;
  readonly #started: SimulatedStation[] = [];
  readonly #connected = new Set<string>();
  readonly #booted = new Set<string>();
  readonly #settleAllBooted: { resolve: () => void; reject: (error: Error) => void };
  readonly #startedAt = performance.now();
  #startTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.allBooted = promise;
    this.#settleAllBooted = { resolve, reject };
    // Who does not wait for it must not be stopped by its rejection.
    promise.catch(() => {});
    if (options.stations.length === 0) resolve();
    if (options.signal?.aborted === true) {
      this.#handleAbort();
      return;
    }
    options.signal?.addEventListener('abort', this.#handleAbort);
    this.#startDue();
  }

  /** How many there are, how many are connected now, and how many of those are booted. */
  get state(): FleetState {
    return {
      stations: this.#options.stations.length,
      connected: this.#connected.size,
      booted: this.#booted.size,
    };
  }

  /** Closes all stations; a second call waits for the first. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  readonly #handleAbort = (): void => {
    void this.close();
  };

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#handleAbort);
    clearTimeout(this.#startTimer);
    this.#settleAllBooted.reject(new Error('The fleet was closed before all its stations were booted.'));
    await Promise.all(this.#started.map((station) => station.close()));
  }

  #startDue(): void {
    const { stations, connectRate = 50, url, hasStatusLife, random } = this.#options;
    const due = 1 + Math.floor(((performance.now() - this.#startedAt) / 1000) * connectRate);
    for (const station of stations.slice(this.#started.length, due)) {
      this.#started.push(
        startStation({
          url,
          station,
          onEvent: this.#handleEvent,
          ...(hasStatusLife !== undefined && { hasStatusLife }),
          ...(random !== undefined && { random }),
        }),
      );
    }
    if (this.#started.length === stations.length) return;
    this.#startTimer = setTimeout(
      () => {
        this.#startDue();
      },
      Math.max(tickMs, 1000 / connectRate),
    );
  }

  readonly #handleEvent = (event: StationEvent): void => {
    this.#count(event);
    this.#options.onEvent?.(event);
    if (event.type === 'booted' && this.#booted.size === this.#options.stations.length) {
      this.#settleAllBooted.resolve();
    }
  };

  #count(event: StationEvent): void {
    if (event.type === 'connected') this.#connected.add(event.identity);
    if (event.type === 'disconnected') this.#connected.delete(event.identity);
    if (event.type === 'booted') this.#booted.add(event.identity);
    if (event.type === 'disconnected' || event.type === 'boot_refused') this.#booted.delete(event.identity);
  }
}
