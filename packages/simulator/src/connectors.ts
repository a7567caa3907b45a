// The connectors of one station: their statuses, and what occupies, reserves or disables them.
// No I/O: the station reports what changed. Number 0 stands for the whole station (OCPP 1.6 §4.9).

export type ConnectorStatus = IdleStatus | OccupiedStatus;
type IdleStatus = 'Available' | 'Reserved' | 'Unavailable';
/** What a driver does there. */
export type OccupiedStatus = 'Preparing' | 'Charging' | 'Finishing';

/** The states of connector 0 and connectors 1 to count. They outlive a connection, as a real station's do. */
export class Connectors {
  readonly #occupied: (OccupiedStatus | undefined)[];
  readonly #isOperative: boolean[];
  readonly #isReserved: boolean[];

  /** @param count connectors without number 0, from 1 */
  constructor(count: number) {
    this.#occupied = Array.from({ length: count + 1 }, () => undefined);
    this.#isOperative = Array.from({ length: count + 1 }, () => true);
    this.#isReserved = Array.from({ length: count + 1 }, () => false);
  }

  /** How many, without number 0. */
  get count(): number {
    return this.#occupied.length - 1;
  }

  /** All numbers, 0 first. */
  get numbers(): number[] {
    return [...this.#occupied.keys()];
  }

  has(connectorNumber: number): boolean {
    return Number.isInteger(connectorNumber) && connectorNumber >= 0 && connectorNumber <= this.count;
  }

  /** @throws {RangeError} when there is no such connector */
  statusOf(connectorNumber: number): ConnectorStatus {
    if (!this.has(connectorNumber)) throw new RangeError(`There is no connector ${connectorNumber}.`);
    const occupied = this.#occupied[connectorNumber];
    if (occupied !== undefined) return occupied;
    if (this.#isOperative[connectorNumber] === false) return 'Unavailable';
    return this.#isReserved[connectorNumber] === true ? 'Reserved' : 'Available';
  }

  occupy(connectorNumber: number, status: OccupiedStatus): void {
    this.#occupied[connectorNumber] = status;
  }

  /** The driver has gone. */
  release(connectorNumber: number): void {
    this.#occupied[connectorNumber] = undefined;
  }

  setReserved(connectorNumber: number, isReserved: boolean): void {
    this.#isReserved[connectorNumber] = isReserved;
  }

  /**
   * Puts a connector, or with number 0 the station and all its connectors, in or out of service.
   *
   * @returns the answer to give, and the numbers whose status changed. `Scheduled`: an occupied connector goes out of
   *          service when it is free. `Rejected`: there is no such connector.
   * @see OCPP 1.6 §5.2 Change Availability
   */
  changeAvailability(
    connectorNumber: number,
    isOperative: boolean,
  ): { readonly status: 'Accepted' | 'Rejected' | 'Scheduled'; readonly changed: number[] } {
    if (!this.has(connectorNumber)) return { status: 'Rejected', changed: [] };
    const numbers = connectorNumber === 0 ? this.numbers : [connectorNumber];
    const before = numbers.map((number) => this.statusOf(number));
    for (const number of numbers) this.#isOperative[number] = isOperative;
    const isScheduled = !isOperative && numbers.some((number) => this.#occupied[number] !== undefined);
    return {
      status: isScheduled ? 'Scheduled' : 'Accepted',
      changed: numbers.filter((number, at) => this.statusOf(number) !== before[at]),
    };
  }

  /** Ends what drivers were doing, as a restart does. What is out of service stays so (OCPP 1.6 §5.2). */
  restart(): void {
    this.#occupied.fill(undefined);
  }
}
