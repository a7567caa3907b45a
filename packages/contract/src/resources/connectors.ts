// connectors: what a vehicle is plugged into. Made from the station's model, by the API, or by a station's first report; the
// operator adds what a station does not tell. `cpId` is the station's id.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant } from '../values.ts';

const words = (...values: string[]) => Type.Union(values.map((value) => Type.Literal(value)));
const whole = (maximum: number) => Type.Integer({ minimum: 0, maximum });

/** What a connector is made as: OCPI's words (2.2.1, mod_locations §1.3.3). */
export const connectorMake = {
  type: orNull(
    Type.String({ maxLength: 50, pattern: '^[A-Za-z0-9_]+$' }),
    'OCPI ConnectorType, such as IEC_62196_T2 or IEC_60309_2_three_16.',
  ),
  format: orNull(words('SOCKET', 'CABLE'), 'OCPI ConnectorFormat.'),
  powerType: orNull(
    words('AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC'),
    'OCPI PowerType.',
  ),
  maxVoltage: orNull(whole(100_000), 'Volt.'),
  maxAmperage: orNull(whole(100_000), 'Ampere.'),
  maxPowerW: orNull(whole(100_000_000), 'Watt.'),
};

/** Its number at the station (OCPP 1.6 connectorId). 0 is the station as a whole and no connector. */
export const connectorNumber = Type.Integer({ minimum: 1, maximum: 999 });
export const evseNumber = Type.Integer({ minimum: 1, maximum: 999 });

export const connectors = {
  type: 'connectors',
  id: 'uuid',
  paged: 'offset',
  hasUpdatedSince: true,
  attributes: {
    cpId: {
      schema: Type.String({ format: 'uuid', description: 'The station. It stays the same.' }),
      written: 'at_creation',
      writeName: 'cpUuid',
      required: true,
      filters: true,
      refersTo: 'charging_stations',
    },
    connectorNumber: {
      schema: connectorNumber,
      written: 'at_creation',
      required: true,
      sorts: true,
      filters: true,
      example: 1,
    },
    evseNumber: { schema: evseNumber, written: 'always', filters: true, example: 1 },
    evseId: {
      schema: orNull(Type.String({ minLength: 1, maxLength: 48 }), 'Such as AT*HTB*E00008.'),
      written: 'always',
      filters: true,
      example: 'AT*HTB*E00008',
    },
    label: {
      schema: orNull(Type.String({ maxLength: 200 })),
      written: 'always',
      sorts: true,
      example: 'Left',
    },
    type: { schema: connectorMake.type, written: 'always', filters: true, example: 'IEC_62196_T2' },
    format: { schema: connectorMake.format, written: 'always', filters: true, example: 'SOCKET' },
    powerType: { schema: connectorMake.powerType, written: 'always', filters: true, example: 'AC_3_PHASE' },
    maxVoltage: { schema: connectorMake.maxVoltage, written: 'always', example: 400 },
    maxAmperage: { schema: connectorMake.maxAmperage, written: 'always', example: 32 },
    maxPowerW: { schema: connectorMake.maxPowerW, written: 'always', sorts: true, example: 22_000 },
    status: {
      schema: orNull(Type.String(), 'OCPP 1.6 ChargePointStatus.'),
      filters: true,
      example: 'Available',
    },
    errorCode: {
      schema: orNull(Type.String(), 'OCPP 1.6 ChargePointErrorCode.'),
      filters: true,
      example: 'NoError',
    },
    vendorErrorCode: { schema: orNull(Type.String()), example: null },
    info: { schema: orNull(Type.String()), example: null },
    statusAt: { schema: orNull(instant, 'When the status was reported.'), sorts: true },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  relationships: { chargingStation: { toOne: 'charging_stations', by: 'cpId' } },
} as const satisfies ResourceDeclaration;
