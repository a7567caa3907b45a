// Who a simulated station is: the name in its WebSocket path and what it tells in its BootNotification.
// Everything follows from a number, so that a demo, a test and a load run name the same station alike.

/** What one station calls itself. The lengths are those of OCPP 1.6 §6.3 BootNotification.req. */
export type StationIdentity = {
  /** Last segment of the WebSocket path, and user name of HTTP Basic. */
  readonly identity: string;
  /** HTTP Basic password; without one no Authorization header is sent. */
  readonly password?: string;
  /** 1–20 characters. */
  readonly vendor: string;
  /** 1–20 characters. */
  readonly model: string;
  /** 1–25 characters, sent as `chargePointSerialNumber`. */
  readonly serialNumber: string;
  /** 1–50 characters. */
  readonly firmwareVersion: string;
  /** SIM card number, 19 or 20 digits. */
  readonly iccid: string;
  /** SIM subscriber number, 15 digits. */
  readonly imsi: string;
  /** How many connectors, from 1. */
  readonly connectors: number;
  /** What each of them can deliver, watts; 11 000 unless given. */
  readonly connectorPowerW?: number;
};

/** The highest station number: what fits behind the network's digits of a 15-digit IMSI. */
export const highestStationNumber = 9_999_999_999;

// Invented makers; no real station should be blamed for what a simulated one does.
const makes = [
  { vendor: 'Chargeyard', model: 'Kerb 22', firmware: '4.2', connectors: 2, powerW: 22_000 },
  { vendor: 'Chargeyard', model: 'Wall 11', firmware: '2.8', connectors: 1, powerW: 11_000 },
  { vendor: 'Northvolume', model: 'HPC-150', firmware: '1.16', connectors: 3, powerW: 150_000 },
] as const;

/**
 * Answers the station with a number: `cp_1`, `cp_2`, … Two numbers share no serial number, ICCID, IMSI or firmware
 * version; the same number is always the same station. Sets no password.
 *
 * @param n      1–9 999 999 999
 * @param prefix what stands before the number in the identity, default `cp_`; it does not enter the other attributes
 * @throws {RangeError} when n is not a whole number of that range
 */
export function simulatedStationIdentity(n: number, prefix = 'cp_'): StationIdentity {
  if (!Number.isInteger(n) || n < 1 || n > highestStationNumber) {
    throw new RangeError(`A station number is a whole number from 1 to ${highestStationNumber}, not ${n}.`);
  }
  const make = makes[(n - 1) % makes.length] ?? makes[0];
  const digits = String(n).padStart(10, '0');
  return {
    identity: `${prefix}${n}`,
    vendor: make.vendor,
    model: make.model,
    serialNumber: `CY-${digits}`,
    firmwareVersion: `${make.firmware}.${n}`,
    // 89 telecom, 49 Germany; 262 Germany, 01 a network: the shape of a real card, with the number as the rest.
    iccid: `894902000${digits}`,
    imsi: `26201${digits}`,
    connectors: make.connectors,
    connectorPowerW: make.powerW,
  };
}

/** Answers the driver token of whoever charges at a connector by himself, of at most 20 characters. */
export function driverTokenOf({ serialNumber }: StationIdentity, connectorNumber: number): string {
  return `${serialNumber}-${connectorNumber}`.slice(-20);
}

/** Answers the driver tokens of all who charge at a station by themselves: the central system has to accept them. */
export function driverTokensOf(station: StationIdentity): string[] {
  return Array.from({ length: station.connectors }, (_, at) => driverTokenOf(station, at + 1));
}
