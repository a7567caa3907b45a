// The way to the central system: open from an accepted boot to the end of its connection, and closed in between. What a
// station does that lasts longer than a connection speaks over it.

import type { CallEnd } from './call_queue.ts';
import type { Payload } from './frames.ts';

/** What a booted connection does for whoever has something to say. */
export type BootedConnection = {
  /** As CallQueue.call: never rejects. */
  call(action: string, payload: () => Payload): Promise<CallEnd>;
  reportStatus(connectorNumber: number): void;
};

export class Uplink {
  #connection: BootedConnection | undefined;

  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  open(connection: BootedConnection): void {
    this.#connection = connection;
  }

  close(): void {
    this.#connection = undefined;
  }

  /** Calls; answers `connection_closed` when there is no way. */
  async call(action: string, payload: () => Payload): Promise<CallEnd> {
    return (await this.#connection?.call(action, payload)) ?? { kind: 'connection_closed' };
  }

  /** Reports a status. Without a way it is left out: all are reported after the next boot. */
  reportStatus(connectorNumber: number): void {
    this.#connection?.reportStatus(connectorNumber);
  }
}
