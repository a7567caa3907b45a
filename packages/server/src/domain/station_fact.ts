// What a charging station told us, in words of no protocol version. `ocpp/` makes these, `store/` keeps them.

import type { DriverAuthorization } from './driver_authorization.ts';
import type { Sample } from './meter_value.ts';

/** Who said it: the station and the connection it came in on. */
export type StationReference = {
  readonly tenantId: string;
  readonly chargingStationId: string;
  readonly connectionId: string;
};

/** A connection that a process holds. */
export type HeldConnection = StationReference & { readonly openedAt: Date };

/** The station opened a connection. It replaces whichever connection the station had before. */
export type ConnectionOpened = StationReference & {
  readonly kind: 'connection_opened';
  readonly at: Date;
  readonly node: string;
  readonly ocppVersion: string;
};

/** The connection ended. Counts only while it is still the station's connection. */
export type ConnectionClosed = StationReference & { readonly kind: 'connection_closed'; readonly at: Date };

/** The station booted. An attribute it did not send is undefined and leaves the stored one as it is. */
export type StationBooted = StationReference & {
  readonly kind: 'booted';
  readonly at: Date;
  readonly vendor: string;
  readonly model: string;
  readonly serialNumber: string | undefined;
  readonly firmwareVersion: string | undefined;
  readonly iccid: string | undefined;
  readonly imsi: string | undefined;
};

/**
 * The station reported the status of a connector, or of itself (`connectorNumber` 0, OCPP 1.6 §4.9).
 * `status` and `errorCode` are OCPP 1.6 words.
 */
export type ConnectorReported = StationReference & {
  readonly kind: 'connector_reported';
  readonly connectorNumber: number;
  readonly status: string;
  readonly errorCode: string;
  readonly vendorErrorCode: string | undefined;
  readonly vendorId: string | undefined;
  readonly info: string | undefined;
  /** By the station's clock, which may be wrong. */
  readonly at: Date;
  readonly receivedAt: Date;
};

/** A driver began to charge (OCPP 1.6 §4.8). */
export type TransactionStarted = StationReference & {
  readonly kind: 'transaction_started';
  readonly connectorNumber: number;
  readonly driverToken: string;
  readonly meterStartWh: number;
  readonly reservationId: number | undefined;
  /** By the station's clock; long ago, if it was offline. */
  readonly startedAt: Date;
  readonly receivedAt: Date;
};

/** A transaction ended (OCPP 1.6 §4.10). */
export type TransactionStopped = StationReference & {
  readonly kind: 'transaction_stopped';
  /** What the station calls it: our number, or anything, if it never got that. */
  readonly reportedId: number;
  readonly driverToken: string | undefined;
  readonly meterStopWh: number;
  readonly reason: string | undefined;
  /** By the station's clock. */
  readonly stoppedAt: Date;
  readonly receivedAt: Date;
};

/** A meter was read at an instant (OCPP 1.6 §4.7, and the transactionData of §4.10). */
export type MeterRead = StationReference & {
  readonly kind: 'meter_read';
  /** undefined: of the transaction's connector. */
  readonly connectorNumber: number | undefined;
  readonly reportedId: number | undefined;
  /** By the station's clock. */
  readonly measuredAt: Date;
  readonly receivedAt: Date;
  readonly samples: readonly Sample[];
};

/** The station reported of itself. What a report has not is undefined. */
export type StationReported = StationReference & {
  readonly kind: 'station_reported';
  readonly report:
    'firmware' | 'signed_firmware' | 'diagnostics' | 'log' | 'security_event' | 'certificate_request';
  /** In the words of OCPP. */
  readonly status: string | undefined;
  /** The type of a security event. */
  readonly securityEvent: string | undefined;
  /** Of the request that it is an answer to. */
  readonly requestId: number | undefined;
  /** What it tells of a security event; the certificate signing request (PEM). */
  readonly details: string | undefined;
  /** Why what it asked for was refused. */
  readonly reason: string | undefined;
  /** What answers its request for a certificate (PEM): it is sent to the station. */
  readonly certificateChain: string | undefined;
  /** By the station's clock; undefined where the message tells no time. */
  readonly toldAt: Date | undefined;
  readonly receivedAt: Date;
};

export type StationFact =
  | ConnectionOpened
  | ConnectionClosed
  | StationBooted
  | ConnectorReported
  | TransactionStarted
  | TransactionStopped
  | MeterRead
  | StationReported;

/** What the CPO back end answers to a fact once it is durable; to a stop, of the driver token that it names, if any. */
export type FactResult<Fact extends StationFact> = Fact extends TransactionStarted
  ? { readonly transactionId: number; readonly authorization: DriverAuthorization }
  : Fact extends TransactionStopped
    ? DriverAuthorization | undefined
    : undefined;
