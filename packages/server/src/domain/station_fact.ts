// What a charging station told us, in words of no protocol version. `ocpp/` makes these, `store/` keeps them.

/** Who said it: the station and the connection it came in on. */
export type StationReference = {
  readonly tenantId: string;
  readonly chargingStationId: string;
  readonly connectionId: string;
};

/** The station opened a connection. It replaces whichever connection the station had before. */
export type ConnectionOpened = StationReference & {
  readonly kind: 'connection_opened';
  readonly at: Date;
  readonly node: string;
  readonly ocppVersion: string;
};

/** The connection ended. Counts only while it is still the station's connection. */
export type ConnectionClosed = StationReference & { readonly kind: 'connection_closed'; readonly at: Date };

/** The station was heard (any frame). Kept in memory and written now and then, never one row each. */
export type StationSeen = StationReference & { readonly kind: 'seen'; readonly at: Date };

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

export type StationFact =
  ConnectionOpened | ConnectionClosed | StationSeen | StationBooted | ConnectorReported;
