// The transactions of one station: a driver token is authorized, the meter runs, and the central system is told
// (OCPP 1.6 §4.1, §4.7, §4.8, §4.10). They outlive a connection, as a real station's do.

import { idTagInfoIn, isAccepted } from './authorizations.ts';
import type { Authorizations, IdTagInfo } from './authorizations.ts';
import type { Charged, ChargingProfiles } from './charging_profiles.ts';
import type { Configuration } from './configuration.ts';
import type { Connectors, OccupiedStatus } from './connectors.ts';
import type { Payload } from './frames.ts';
import { Meters, meterValue } from './meter.ts';
import { unplugPauseMs } from './pauses.ts';
import type { Random } from './pauses.ts';
import { isFor } from './reservations.ts';
import type { Reservation, Reservations } from './reservations.ts';
import type { Timers } from './timers.ts';
import { chargedBy } from './transaction.ts';
import type { Start, StopReason, Transaction } from './transaction.ts';
import { TransactionMessages } from './transaction_messages.ts';
import type { Uplink } from './uplink.ts';

export type ChargingParts = {
  readonly connectors: Connectors;
  readonly configuration: Configuration;
  readonly authorizations: Authorizations;
  readonly reservations: Reservations;
  readonly profiles: ChargingProfiles;
  readonly uplink: Uplink;
  readonly timers: Timers;
  readonly random: Random;
  /** What a connector can deliver, watts. */
  readonly mostW: number;
};

export class Charging {
  readonly #parts: ChargingParts;
  readonly #messages: TransactionMessages;
  readonly #meters: Meters;
  readonly #transactions: Transaction[] = [];

  constructor(parts: ChargingParts) {
    this.#parts = parts;
    this.#messages = new TransactionMessages(parts.uplink, parts.configuration, parts.timers);
    this.#meters = new Meters(parts.mostW);
  }

  at(connectorNumber: number): Transaction | undefined {
    return this.#transactions.find((each) => each.connectorNumber === connectorNumber);
  }

  withId(id: number): Transaction | undefined {
    return this.#transactions.find((each) => each.id === id);
  }

  /** A driver plugs in the cable, or with `unplug` takes it out. */
  plugIn(connectorNumber: number): void {
    this.#occupy(connectorNumber, 'Preparing');
  }

  unplug(connectorNumber: number): void {
    this.#parts.connectors.release(connectorNumber);
    this.#parts.uplink.reportStatus(connectorNumber);
  }

  /** Starts a transaction at a connector that has none; where the driver token is refused the driver goes. */
  async begin(connectorNumber: number, { idTag, isToBeAuthorized, profile }: Start): Promise<void> {
    const { connectors, authorizations, reservations, profiles, random } = this.#parts;
    const transaction: Transaction = {
      connectorNumber,
      idTag,
      share: 0.7 + 0.3 * random(),
      startedAtMs: Date.now(),
      isCharging: false,
      id: undefined,
      sampleTimer: undefined,
    };
    this.#transactions.push(transaction);
    const reservation = reservations.of(connectorNumber);
    if (connectors.statusOf(connectorNumber) !== 'Preparing') this.plugIn(connectorNumber);
    const info = isToBeAuthorized ? await this.#authorize(idTag) : undefined;
    if (this.at(connectorNumber) !== transaction) return; // restarted meanwhile
    const isRefused = isToBeAuthorized && !isAccepted(info);
    if (isRefused || !mayUse(reservation, idTag, info ?? authorizations.find(idTag))) {
      this.#remove(transaction);
      this.unplug(connectorNumber);
      return;
    }
    if (reservation !== undefined) reservations.cancel(reservation.id);
    transaction.startedAtMs = Date.now();
    if (profile !== undefined) profiles.set(connectorNumber, profile, chargedBy(transaction));
    this.#tellStart(transaction, reservation);
  }

  /** Stops what goes on at a connector. The cable is taken out a little later. */
  end(connectorNumber: number, reason: StopReason, idTag?: string): void {
    const transaction = this.at(connectorNumber);
    if (transaction === undefined) return;
    const meterStop = this.#read(transaction).registerWh;
    const timestamp = new Date().toISOString();
    this.#remove(transaction);
    this.#messages.add({
      action: 'StopTransaction',
      payload: () =>
        transaction.id === undefined
          ? undefined
          : {
              transactionId: transaction.id,
              meterStop,
              timestamp,
              reason,
              ...(idTag !== undefined && { idTag }),
            },
    });
    this.#occupy(connectorNumber, 'Finishing');
    const { timers, random, connectors } = this.#parts;
    timers.after(unplugPauseMs(random), () => {
      if (connectors.statusOf(connectorNumber) === 'Finishing') this.unplug(connectorNumber);
    });
  }

  /** Stops all, and resolves when the central system knows it. */
  async endAll(reason: StopReason): Promise<void> {
    const connectorNumbers = this.#transactions.map(({ connectorNumber }) => connectorNumber);
    for (const connectorNumber of connectorNumbers) this.end(connectorNumber, reason);
    await this.#messages.drained();
  }

  /** The central system listens again: says what waited for it. */
  resume(): void {
    void this.#messages.sendAll();
  }

  /** Takes up a new MeterValueSampleInterval. */
  sampleAnew(): void {
    for (const transaction of this.#transactions) {
      if (transaction.isCharging) this.#awaitSample(transaction);
    }
  }

  /** Sends what a connector's meter shows, in a transaction or not. */
  sendMeterValues(connectorNumber: number, context: 'Sample.Periodic' | 'Trigger'): void {
    const transaction = this.at(connectorNumber);
    const reading = transaction === undefined ? this.#readIdle(connectorNumber) : this.#read(transaction);
    const wanted = this.#parts.configuration.textOf('MeterValuesSampledData');
    const payload: Payload = {
      connectorId: connectorNumber,
      ...(transaction?.id !== undefined && { transactionId: transaction.id }),
      meterValue: [meterValue(reading, wanted, context)],
    };
    if (transaction === undefined) void this.#parts.uplink.call('MeterValues', () => payload);
    else this.#messages.add({ action: 'MeterValues', payload: () => payload });
  }

  /** What goes on at a connector, for the limits that depend on it. */
  chargedAt(connectorNumber: number): Charged | undefined {
    const transaction = this.at(connectorNumber);
    return transaction && chargedBy(transaction);
  }

  async #authorize(idTag: string): Promise<IdTagInfo | undefined> {
    const { authorizations, configuration, uplink } = this.#parts;
    const known = configuration.isOn('LocalPreAuthorize') ? authorizations.find(idTag) : undefined;
    if (isAccepted(known)) return known;
    const end = await uplink.call('Authorize', () => ({ idTag }));
    const info = end.kind === 'result' ? idTagInfoIn(end.payload['idTagInfo']) : undefined;
    if (info !== undefined) authorizations.remember(idTag, info);
    return info;
  }

  #tellStart(transaction: Transaction, reservation: Reservation | undefined): void {
    const { connectorNumber: connectorId, idTag, startedAtMs } = transaction;
    const payload = {
      connectorId,
      idTag,
      meterStart: this.#readIdle(connectorId).registerWh,
      timestamp: new Date(startedAtMs).toISOString(),
      ...(reservation !== undefined && { reservationId: reservation.id }),
    };
    this.#messages.add({
      action: 'StartTransaction',
      payload: () => payload,
      ended: (answer) => this.#handleStarted(transaction, answer),
    });
  }

  #handleStarted(transaction: Transaction, answer: Payload | undefined): void {
    const { authorizations, configuration } = this.#parts;
    const { connectorNumber, idTag } = transaction;
    const info = idTagInfoIn(answer?.['idTagInfo']);
    const id = answer?.['transactionId'];
    if (typeof id === 'number') transaction.id = id;
    if (info !== undefined) authorizations.remember(idTag, info);
    if (this.at(connectorNumber) !== transaction) return; // ended meanwhile
    const isRefused = !isAccepted(info) && configuration.isOn('StopTransactionOnInvalidId');
    if (transaction.id === undefined || isRefused) {
      this.end(connectorNumber, 'DeAuthorized');
      return;
    }
    transaction.isCharging = true;
    this.#readIdle(connectorNumber);
    this.#occupy(connectorNumber, 'Charging');
    this.#awaitSample(transaction);
  }

  #awaitSample(transaction: Transaction): void {
    const { timers, configuration, uplink } = this.#parts;
    timers.cancel(transaction.sampleTimer);
    const seconds = configuration.numberOf('MeterValueSampleInterval');
    if (seconds === 0) return;
    transaction.sampleTimer = timers.after(seconds * 1000, () => {
      // What could not be sent for a while is in the register all the same.
      if (uplink.isOpen) this.sendMeterValues(transaction.connectorNumber, 'Sample.Periodic');
      this.#awaitSample(transaction);
    });
  }

  #read(transaction: Transaction) {
    const { connectorNumber, share, isCharging } = transaction;
    const { profiles, mostW } = this.#parts;
    const atMs = Date.now();
    const limitW = profiles.limitW(connectorNumber, chargedBy(transaction), atMs);
    const powerW = isCharging ? Math.min(mostW * share, limitW) : 0;
    return { powerW, atMs, registerWh: this.#meters.read(connectorNumber, powerW, atMs) };
  }

  #readIdle(connectorNumber: number) {
    const atMs = Date.now();
    return { powerW: 0, atMs, registerWh: this.#meters.read(connectorNumber, 0, atMs) };
  }

  #occupy(connectorNumber: number, status: OccupiedStatus): void {
    this.#parts.connectors.occupy(connectorNumber, status);
    this.#parts.uplink.reportStatus(connectorNumber);
  }

  #remove(transaction: Transaction): void {
    this.#parts.timers.cancel(transaction.sampleTimer);
    this.#transactions.splice(this.#transactions.indexOf(transaction), 1);
    this.#parts.profiles.transactionEnded(transaction.connectorNumber);
  }
}

function mayUse(reservation: Reservation | undefined, idTag: string, info: IdTagInfo | undefined): boolean {
  return reservation === undefined || isFor(reservation, idTag, info?.parentIdTag);
}
