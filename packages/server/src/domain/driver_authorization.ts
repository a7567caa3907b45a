// May a driver charge? What the CPO back end says of a driver token that a station shows.

/** OCPP 1.6 §7.2, AuthorizationStatus. */
const authorizationStatuses = ['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx'] as const;

export type DriverAuthorization = {
  readonly status: (typeof authorizationStatuses)[number];
  readonly expiresAt: Date | undefined;
  /** The code of the group that it belongs to. */
  readonly parentValue: string | undefined;
};

/** Where a driver token is asked for. */
export type ShownDriverToken = { readonly tenantId: string; readonly value: string };
