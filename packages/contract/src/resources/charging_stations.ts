// charging_stations: the documented attributes first, in the documented order and spelling (quickstart), then ours.

import { Type } from 'typebox';
import { offsetPageDocument, resourceObject, singleDocument } from '../json_api.ts';
import { Address, Geolocation, WrittenAddress } from '../place.ts';
import { attributesSchema, orNull } from '../resource.ts';
import type { AttributesOf, ResourceDeclaration } from '../resource.ts';
import { instant, name, number, timeZone, uuid } from '../values.ts';

export const chargingStations = {
  type: 'charging_stations',
  id: 'uuid',
  paged: 'offset',
  searched: ['label', 'chargeBoxIdentity', 'serialnumber'],
  hasUpdatedSince: true,
  attributes: {
    label: {
      schema: name(200, 'Name shown to operators.'),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Station A',
    },
    chargeBoxIdentity: {
      schema: Type.String({
        pattern: '^[A-Za-z0-9*\\-_=+|@.]{1,48}$',
        description:
          'Identity in the OCPP connection, unique per tenant: 1 to 48 of A–Z a–z 0–9 * - _ = + | @ .',
      }),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'ABC123',
    },
    iccid: {
      schema: orNull(
        Type.String({ maxLength: 20 }),
        'ICCID of the SIM card; a BootNotification overwrites it.',
      ),
      written: 'always',
      filters: true,
      example: '8949020000000000001',
    },
    imsi: {
      schema: orNull(
        Type.String({ maxLength: 20 }),
        'IMSI of the SIM card; a BootNotification overwrites it.',
      ),
      written: 'always',
      filters: true,
      example: '262010000000001',
    },
    serialnumber: {
      schema: orNull(Type.String({ maxLength: 100 }), 'Serial number; a BootNotification overwrites it.'),
      written: 'always',
      sorts: true,
      filters: true,
      example: 'CY-0000000001',
    },
    firmwareVersion: {
      schema: orNull(Type.String(), 'Firmware version, from the BootNotification.'),
      sorts: true,
      filters: true,
      example: '4.2.1',
    },
    publicDisplayName: {
      schema: orNull(Type.String({ maxLength: 200 }), 'Name shown in external systems such as apps.'),
      written: 'always',
      example: 'Market square, left',
    },
    modelId: {
      schema: orNull(number, 'Charging station model.'),
      written: 'always',
      required: true,
      filters: true,
      refersTo: 'charging_station_models',
    },
    companyUuid: {
      schema: orNull(uuid, 'Company to which the station belongs.'),
      written: 'always',
      required: true,
      filters: true,
      refersTo: 'companies',
      tellsOwner: true,
    },
    locationUuid: {
      schema: orNull(uuid, 'Location at which the station stands.'),
      filters: true,
      refersTo: 'locations',
    },
    timeZone: {
      schema: timeZone,
      written: 'always',
      required: true,
      example: 'Europe/Berlin',
    },
    address: {
      schema: orNull(Address),
      writtenAs: orNull(WrittenAddress),
      written: 'always',
      example: {
        street: 'Am Markt',
        houseNumber: '1',
        postalCode: '28195',
        city: 'Bremen',
        state: null,
        country: 'DE',
      },
    },
    geolocation: {
      schema: orNull(Geolocation),
      written: 'always',
      example: { latitude: 53.0758, longitude: 8.8072 },
    },
    technicianUserId: {
      schema: orNull(number, 'Technician assigned to the station.'),
      written: 'always',
      filters: true,
      refersTo: 'technicians',
    },
    vendor: {
      schema: orNull(Type.String(), 'Vendor, from the BootNotification.'),
      sorts: true,
      filters: true,
      example: 'Vendor',
    },
    model: {
      schema: orNull(Type.String(), 'Model, from the BootNotification.'),
      sorts: true,
      filters: true,
      example: 'Wallbox 22',
    },
    ocppVersion: {
      schema: orNull(Type.String(), 'OCPP version of the newest connection, such as 1.6.'),
      filters: true,
      example: '1.6',
    },
    securityProfile: {
      schema: Type.Integer({
        minimum: 0,
        maximum: 3,
        description:
          'OCPP security profile that its connections must have: 0 none, 1 HTTP Basic, 2 HTTP Basic over TLS, 3 a client ' +
          'certificate. Unless said otherwise 1 with a password, 0 without.',
      }),
      written: 'always',
      filters: true,
      exampleAtFirst: 1,
      example: 1,
    },
    password: {
      schema: orNull(
        Type.String({
          pattern: '^[\\x21-\\x7e]{16,40}$',
          description:
            '16 to 40 printable ASCII characters; hexadecimal digits stand for the bytes, too (AuthorizationKey).',
        }),
        'Never shown. Without one of its own the station may send any of the tenant’s OCPP passwords.',
      ),
      written: 'always',
      isSecret: true,
      example: '0123456789abcdef0123456789abcdef01234567',
    },
    hasPassword: {
      schema: Type.Boolean({ description: 'It has a password of its own.' }),
      filters: true,
      exampleAtFirst: true,
      example: true,
    },
    assumedSubprotocol: {
      schema: orNull(
        Type.Literal('ocpp1.6'),
        'The WebSocket subprotocol of a station that offers none that is spoken here; null: it is not let in.',
      ),
      written: 'always',
      example: null,
    },
    connectionStatus: {
      schema: Type.Union(
        [
          Type.Literal('online'),
          Type.Literal('pending'),
          Type.Literal('offline'),
          Type.Literal('no_communication'),
        ],
        { description: 'pending and offline after a time of silence set per tenant.' },
      ),
      filters: true,
      exampleAtFirst: 'no_communication',
    },
    lastSeenAt: {
      schema: orNull(instant, 'When the station was last heard; written once a minute.'),
      sorts: true,
    },
    lastRefusal: {
      schema: orNull(
        Type.Object(
          { at: instant, reason: Type.String(), address: Type.String() },
          { additionalProperties: false },
        ),
        'When, why and from which address it was last not let in; written every few seconds.',
      ),
      example: null,
    },
    bootedAt: { schema: orNull(instant, 'When the station last booted.'), sorts: true },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  relationships: {
    company: { toOne: 'companies', by: 'companyUuid' },
    chargingStationModel: { toOne: 'charging_station_models', by: 'modelId' },
    location: { toOne: 'locations', by: 'locationUuid' },
    connectors: { toMany: 'connectors', by: 'cpId' },
    maintenanceWindows: { toMany: 'maintenance_windows', by: 'cpId' },
  },
} as const satisfies ResourceDeclaration;

export type ChargingStationAttributes = AttributesOf<typeof chargingStations>;

export const ChargingStationAttributes = attributesSchema(chargingStations);
export const ChargingStation = resourceObject('charging_stations', ChargingStationAttributes);
export const ChargingStationPage = offsetPageDocument(ChargingStation);
export const ChargingStationDocument = singleDocument(ChargingStation);
