// The connectors of one station: their statuses, what a driver does to them, and what ChangeAvailability does.
// No I/O: the station reports what changed. Number 0 stands for the whole station (OCPP 1.6 §4.9).

import type { Random } from './pauses.ts';

export type ConnectorStatus = 'Available' | 'Preparing' | 'Charging' | 'Finishing' | 'Unavailable';

const afterward = { Available: 'Preparing', Preparing: 'Charging', Charging: 'Finishing' } as const;

/** The states of connector 0 and connectors 1 to count. They outlive a connection, as a real station's do. */
export class Connectors {
  readonly #statuses: ConnectorStatus[];
  readonly #isOperative: boolean[];

  /** @param count connectors without number 0, from 1 */
  constructor(count: number) {
    this.#statuses = Array.from({ length: count + 1 }, () => 'Available');
    this.#isOperative = Array.from({ length: count + 1 }, () => true);
  }

  /** How many, without number 0. */
  get count(): number {
    return this.#statuses.length - 1;
  }

  /** All numbers, 0 first. */
  get numbers(): number[] {
    return [...this.#statuses.keys()];
  }

  has(connectorNumber: number): boolean {
    return this.#statuses[connectorNumber] !== undefined;
  }

  /** @throws {RangeError} when there is no such connector */
  statusOf(connectorNumber: number): ConnectorStatus {
    const status = this.#statuses[connectorNumber];
    if (status === undefined) throw new RangeError(`There is no connector ${connectorNumber}.`);
    return status;
  }

  /**
   * Takes one connector, drawn by lot, a step along Available → Preparing → Charging → Finishing → Available.
   *
   * @returns the connector's number; undefined when it is out of service and nothing changed
   */
  advanceOne(random: Random): number | undefined {
    const connectorNumber = 1 + Math.floor(random() * this.count);
    const status = this.statusOf(connectorNumber);
    if (status === 'Unavailable') return undefined;
    this.#statuses[connectorNumber] =
      status === 'Finishing' ? this.#idleStatus(connectorNumber) : afterward[status];
    return connectorNumber;
  }

  /**
   * Puts a connector, or with number 0 the station and all its connectors, in or out of service.
   *
   * @returns the answer to give, and the numbers whose status changed. `Scheduled`: a charging connector goes out of
   *          service when it has finished. `Rejected`: there is no such connector.
   * @see OCPP 1.6 §5.2 Change Availability
   */
  changeAvailability(
    connectorNumber: number,
    isOperative: boolean,
  ): { readonly status: 'Accepted' | 'Rejected' | 'Scheduled'; readonly changed: number[] } {
    if (!this.has(connectorNumber)) return { status: 'Rejected', changed: [] };
    const changed: number[] = [];
    let isScheduled = false;
    for (const number of connectorNumber === 0 ? this.numbers : [connectorNumber]) {
      this.#isOperative[number] = isOperative;
      const before = this.statusOf(number);
      if (before === 'Charging' && !isOperative) isScheduled = true;
      else if (before === 'Unavailable' || !isOperative) this.#statuses[number] = this.#idleStatus(number);
      if (this.statusOf(number) !== before) changed.push(number);
    }
    return { status: isScheduled ? 'Scheduled' : 'Accepted', changed };
  }

  /** Ends what drivers were doing, as a restart does. What is out of service stays so (OCPP 1.6 §5.2). */
  restart(): void {
    for (const number of this.numbers) this.#statuses[number] = this.#idleStatus(number);
  }

  #idleStatus(connectorNumber: number): ConnectorStatus {
    return this.#isOperative[connectorNumber] === false ? 'Unavailable' : 'Available';
  }
}
