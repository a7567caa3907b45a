// Reservations: which driver a connector is kept for, and until when (OCPP 1.6 §3.8, §5.13).

import type { Connectors } from './connectors.ts';
import type { Timers } from './timers.ts';
import type { Uplink } from './uplink.ts';

export type Reservation = {
  readonly id: number;
  readonly connectorNumber: number;
  readonly idTag: string;
  readonly parentIdTag: string | undefined;
  readonly expiryDate: Date;
};

type Kept = Reservation & { readonly timer: NodeJS.Timeout | undefined };

export class Reservations {
  readonly #connectors: Connectors;
  readonly #timers: Timers;
  readonly #uplink: Uplink;
  readonly #all: Kept[] = [];

  constructor(connectors: Connectors, timers: Timers, uplink: Uplink) {
    this.#connectors = connectors;
    this.#timers = timers;
    this.#uplink = uplink;
  }

  /**
   * Keeps a connector; of number 0 the station keeps the first that is free. One with the same id is replaced.
   *
   * @returns the status to answer, and the connector that is Reserved now
   */
  reserve(asked: Reservation): { readonly status: string; readonly connectorNumber?: number } {
    const { connectorNumber } = asked;
    if (!this.#connectors.has(connectorNumber)) return { status: 'Rejected' };
    const replaced = this.#remove(this.#all.find(({ id }) => id === asked.id));
    const numbers = connectorNumber === 0 ? this.#connectors.numbers.slice(1) : [connectorNumber];
    const free = numbers.find((number) => this.#connectors.statusOf(number) === 'Available');
    if (free === undefined) {
      if (replaced !== undefined) this.#keep(replaced);
      const isUsable = numbers.some((number) => this.#connectors.statusOf(number) !== 'Unavailable');
      return { status: isUsable ? 'Occupied' : 'Unavailable' };
    }
    if (replaced !== undefined && replaced.connectorNumber !== free) {
      this.#uplink.reportStatus(replaced.connectorNumber);
    }
    this.#keep({ ...asked, connectorNumber: free });
    return { status: 'Accepted', connectorNumber: free };
  }

  /** Ends a reservation. @returns its connector; undefined when there is none of this id */
  cancel(id: number): number | undefined {
    return this.#remove(this.#all.find((each) => each.id === id))?.connectorNumber;
  }

  /** Answers the reservation of a connector. */
  of(connectorNumber: number): Reservation | undefined {
    return this.#all.find((each) => each.connectorNumber === connectorNumber);
  }

  /** Answers the connector that is kept for a driver. */
  connectorFor(idTag: string, parentIdTag: string | undefined): number | undefined {
    return this.#all.find((each) => isFor(each, idTag, parentIdTag))?.connectorNumber;
  }

  #keep(reservation: Reservation): void {
    const { id, connectorNumber, expiryDate } = reservation;
    const timer = this.#timers.after(expiryDate.getTime() - Date.now(), () => {
      this.cancel(id);
      this.#uplink.reportStatus(connectorNumber);
    });
    this.#all.push({ ...reservation, timer });
    this.#connectors.setReserved(connectorNumber, true);
  }

  #remove(reservation: Kept | undefined): Kept | undefined {
    if (reservation === undefined) return undefined;
    this.#timers.cancel(reservation.timer);
    this.#all.splice(this.#all.indexOf(reservation), 1);
    this.#connectors.setReserved(reservation.connectorNumber, false);
    return reservation;
  }
}

/** Whether a driver may use what is reserved: by the driver token, or by its group. */
export function isFor(reservation: Reservation, idTag: string, parentIdTag: string | undefined): boolean {
  if (reservation.idTag.toLowerCase() === idTag.toLowerCase()) return true;
  return parentIdTag !== undefined && reservation.parentIdTag?.toLowerCase() === parentIdTag.toLowerCase();
}
