// locations: the places where charging stations stand. Parking type, directions and hours are OCPI's (2.2.1, mod_locations)
// in this API's spelling.

import { Type } from 'typebox';
import type { TProperties } from 'typebox';
import { cursorPageDocument, resourceObject, singleDocument } from '../json_api.ts';
import { Address, Geolocation, WrittenAddress } from '../place.ts';
import { attributesSchema, orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, name, timeZone, uuid } from '../values.ts';

const words = (...values: string[]) => Type.Union(values.map((value) => Type.Literal(value)));
const exactly = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** OCPI DisplayText; `language` is an ISO 639-1 code. */
const Directions = Type.Array(
  exactly({
    language: Type.String({ pattern: '^[a-z]{2}$' }),
    text: name(512),
  }),
  { maxItems: 100 },
);

const timeOfDay = { pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' };
const RegularHours = Type.Array(
  exactly({
    weekday: Type.Integer({ minimum: 1, maximum: 7, description: 'Monday is 1.' }),
    periodBegin: Type.String({ ...timeOfDay, description: 'Local time, HH:MM.' }),
    periodEnd: Type.String({ ...timeOfDay, laterThan: 'periodBegin', description: 'Local time, HH:MM.' }),
  }),
  { maxItems: 100 },
);
const ExceptionalPeriods = Type.Array(
  exactly({
    periodBegin: instant,
    periodEnd: Type.String({ format: 'date-time', laterThan: 'periodBegin' }),
  }),
  { maxItems: 500 },
);

/** OCPI Hours with the time zone that the regular hours are meant in. */
export const TimeSettings = exactly({
  twentyfourseven: Type.Boolean(),
  regularHours: RegularHours,
  exceptionalOpenings: ExceptionalPeriods,
  exceptionalClosings: ExceptionalPeriods,
  timeZone,
});

const when = (twentyfourseven: boolean, then: object) => ({
  if: { properties: { twentyfourseven: { const: twentyfourseven } }, required: ['twentyfourseven'] },
  // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's word; nobody awaits a schema
  then,
});

/** Lists that are left out are empty. Regular hours: at least one of them, in a time zone, or none when always open. */
const WrittenTimeSettings = Type.Object(
  {
    twentyfourseven: Type.Boolean(),
    regularHours: Type.Optional(RegularHours),
    exceptionalOpenings: Type.Optional(ExceptionalPeriods),
    exceptionalClosings: Type.Optional(ExceptionalPeriods),
    timeZone: Type.Optional(timeZone),
  },
  {
    additionalProperties: false,
    allOf: [
      when(true, { properties: { regularHours: { maxItems: 0 } } }),
      when(false, {
        required: ['regularHours', 'timeZone'],
        properties: { regularHours: { minItems: 1 }, timeZone: { type: 'string' } },
      }),
    ],
  },
);

export const locations = {
  type: 'locations',
  id: 'uuid',
  paged: 'cursor',
  searched: ['name'],
  hasUpdatedSince: true,
  attributes: {
    name: {
      schema: name(255),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Garage Mariahilf',
    },
    companyUuid: {
      schema: orNull(uuid, 'Company to which the location belongs.'),
      written: 'always',
      required: true,
      filters: true,
      refersTo: 'companies',
      tellsOwner: true,
    },
    address: {
      schema: orNull(Address),
      writtenAs: orNull(WrittenAddress),
      written: 'always',
      example: {
        street: 'Mariahilfer Straße',
        houseNumber: '1',
        postalCode: '1060',
        city: 'Wien',
        state: null,
        country: 'AT',
      },
    },
    geolocation: {
      schema: orNull(Geolocation),
      written: 'always',
      example: { latitude: 48.20229, longitude: 16.36103 },
    },
    parkingType: {
      schema: orNull(
        words(
          'ALONG_MOTORWAY',
          'PARKING_GARAGE',
          'PARKING_LOT',
          'ON_DRIVEWAY',
          'ON_STREET',
          'UNDERGROUND_GARAGE',
        ),
        'OCPI ParkingType.',
      ),
      written: 'always',
      example: 'PARKING_GARAGE',
      filters: true,
    },
    directions: {
      schema: orNull(Directions, 'How to find it, per language.'),
      written: 'always',
      example: [{ language: 'en', text: 'Level 2, next to the lift.' }],
    },
    timeSettings: {
      schema: orNull(TimeSettings, 'When it is open (OCPI Hours).'),
      writtenAs: orNull(WrittenTimeSettings),
      written: 'always',
      example: {
        twentyfourseven: false,
        regularHours: [{ weekday: 1, periodBegin: '06:00', periodEnd: '22:00' }],
        exceptionalOpenings: [],
        exceptionalClosings: [
          { periodBegin: '2026-12-24T23:00:00.000Z', periodEnd: '2026-12-25T23:00:00.000Z' },
        ],
        timeZone: 'Europe/Vienna',
      },
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  relationships: {
    company: { toOne: 'companies', by: 'companyUuid' },
    chargingStations: { toMany: 'charging_stations', by: 'locationUuid' },
  },
} as const satisfies ResourceDeclaration;

export const Location = resourceObject('locations', attributesSchema(locations));
export const LocationPage = cursorPageDocument(Location);
export const LocationDocument = singleDocument(Location);
