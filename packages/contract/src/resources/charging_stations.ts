// charging_stations: the documented attributes first, in the documented order and spelling (quickstart), then ours.
// An attribute whose value is not known is null, never missing.

import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import { offsetPageDocument, resourceObject, singleDocument } from '../json_api.ts';

const orNull = <S extends TSchema>(schema: S, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const text = (description?: string) => orNull(Type.String(), description);
const instant = (description?: string) => orNull(Type.String({ format: 'date-time' }), description);

/** A postal address; `country` is an ISO 3166-1 alpha-2 code. */
export const Address = Type.Object(
  {
    street: text(),
    houseNumber: text(),
    postalCode: text(),
    city: text(),
    state: text(),
    country: orNull(Type.String({ pattern: '^[A-Z]{2}$' })),
  },
  { additionalProperties: false },
);
export type Address = Static<typeof Address>;

/** Degrees, WGS 84. */
export const Geolocation = Type.Object(
  {
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
  },
  { additionalProperties: false },
);
export type Geolocation = Static<typeof Geolocation>;

export const ChargingStationAttributes = Type.Object(
  {
    label: Type.String({ description: 'Name shown to operators.' }),
    chargeBoxIdentity: Type.String({ description: 'Identity in the OCPP connection, unique per tenant.' }),
    iccid: text('ICCID of the SIM card, from the BootNotification.'),
    imsi: text('IMSI of the SIM card, from the BootNotification.'),
    serialnumber: text('Serial number, from the BootNotification.'),
    firmwareVersion: text('Firmware version, from the BootNotification.'),
    publicDisplayName: text('Name shown in external systems such as apps.'),
    modelId: orNull(Type.Integer(), 'Charging station model.'),
    companyUuid: text('Company to which the station belongs.'),
    locationUuid: text('Location at which the station stands.'),
    timeZone: text('IANA time zone, such as Europe/Berlin.'),
    address: orNull(Address),
    geolocation: orNull(Geolocation),
    technicianUserId: orNull(Type.Integer(), 'Technician assigned to the station.'),
    vendor: text('Vendor, from the BootNotification.'),
    model: text('Model, from the BootNotification.'),
    ocppVersion: text('OCPP version of the newest connection, such as 1.6.'),
    securityProfile: Type.Integer({ minimum: 0, maximum: 3, description: 'OCPP security profile.' }),
    connectionStatus: Type.Union(
      [
        Type.Literal('online'),
        Type.Literal('pending'),
        Type.Literal('offline'),
        Type.Literal('no_communication'),
      ],
      { description: 'pending and offline after a time of silence set per tenant.' },
    ),
    lastSeenAt: instant('When the station was last heard; written at most once a minute.'),
    bootedAt: instant('When the station last booted.'),
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
);
export type ChargingStationAttributes = Static<typeof ChargingStationAttributes>;

export const ChargingStation = resourceObject('charging_stations', ChargingStationAttributes);
export const ChargingStationPage = offsetPageDocument(ChargingStation);
export const ChargingStationDocument = singleDocument(ChargingStation);
