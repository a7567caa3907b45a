// connectors: what a vehicle is plugged into. Made by a station's first report; the operator adds what a station does not
// tell. `cpId` is the station's id.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { AttributesOf, ResourceDeclaration } from '../resource.ts';

const instant = Type.String({ format: 'date-time' });
const words = (...values: string[]) => Type.Union(values.map((value) => Type.Literal(value)));
const whole = (maximum: number) => Type.Integer({ minimum: 0, maximum });

export const connectors = {
  type: 'connectors',
  id: 'uuid',
  paged: 'offset',
  hasUpdatedSince: true,
  attributes: {
    cpId: { schema: Type.String({ format: 'uuid' }), filters: true, refersTo: 'charging_stations' },
    connectorNumber: { schema: Type.Integer({ minimum: 1 }), sorts: true, filters: true },
    evseNumber: { schema: Type.Integer({ minimum: 1 }), filters: true },
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
    type: {
      schema: orNull(
        Type.String({ maxLength: 50, pattern: '^[A-Za-z0-9_]+$' }),
        'OCPI ConnectorType, such as IEC_62196_T2 or IEC_60309_2_three_16.',
      ),
      written: 'always',
      filters: true,
      example: 'IEC_62196_T2',
    },
    format: {
      schema: orNull(words('SOCKET', 'CABLE'), 'OCPI ConnectorFormat.'),
      written: 'always',
      filters: true,
      example: 'SOCKET',
    },
    powerType: {
      schema: orNull(
        words('AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC'),
        'OCPI PowerType.',
      ),
      written: 'always',
      filters: true,
      example: 'AC_3_PHASE',
    },
    maxVoltage: { schema: orNull(whole(100_000), 'Volt.'), written: 'always', example: 400 },
    maxAmperage: { schema: orNull(whole(100_000), 'Ampere.'), written: 'always', example: 32 },
    maxPowerW: {
      schema: orNull(whole(100_000_000), 'Watt.'),
      written: 'always',
      sorts: true,
      example: 22_000,
    },
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
} as const satisfies ResourceDeclaration;

export type ConnectorAttributes = AttributesOf<typeof connectors>;
