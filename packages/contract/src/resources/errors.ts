// errors: what stations said was wrong with a connector or with themselves, from the report that told of it to the one
// that took it back. Read only: reports open and end them.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, uuid } from '../values.ts';

export const errors = {
  type: 'errors',
  id: 'uuid',
  paged: 'offset',
  hasUpdatedSince: true,
  relationships: {
    chargingStation: { toOne: 'charging_stations', by: 'cpId' },
    connector: { toOne: 'connectors', by: 'connectorId' },
    maintenanceWindow: { toOne: 'maintenance_windows', by: 'maintenanceWindowId' },
  },
  lasts: { start: 'startDate', end: 'endDate' },
  attributes: {
    cpId: { schema: uuid, filters: true, refersTo: 'charging_stations' },
    connectorId: {
      schema: orNull(uuid, 'The connector; null: the station as a whole.'),
      filters: true,
      refersTo: 'connectors',
    },
    connectorNumber: {
      schema: Type.Integer({ minimum: 0, description: '0: the station as a whole.' }),
      example: 1,
    },
    errorCode: {
      schema: Type.String({ description: 'OCPP 1.6 ChargePointErrorCode.' }),
      filters: true,
      sorts: true,
      example: 'GroundFailure',
    },
    vendorErrorCode: { schema: orNull(Type.String(), 'The vendor’s own code.'), example: 'E-17' },
    vendorId: { schema: orNull(Type.String()), example: null },
    info: { schema: orNull(Type.String(), 'Of the newest report of the error.'), example: null },
    status: {
      schema: Type.String({
        description: 'OCPP 1.6 ChargePointStatus, of the newest report of the error.',
      }),
      example: 'Faulted',
    },
    startDate: { schema: instant, sorts: true },
    endDate: { schema: orNull(instant, 'null while it is open.'), sorts: true, example: null },
    open: { schema: Type.Boolean(), filters: true, example: true },
    covered: {
      schema: Type.Boolean({
        description: 'A maintenance window covers it. Without this filter, lists leave such errors out.',
      }),
      filters: true,
      filterDefault: [false],
    },
    maintenanceWindowId: {
      schema: orNull(Type.Integer({ minimum: 1 }), 'The maintenance window that covers it.'),
      refersTo: 'maintenance_windows',
      example: null,
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
