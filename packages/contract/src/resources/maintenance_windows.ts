// maintenance_windows: planned times out of service, of a whole station or of one connector. The documented attributes
// first, in the documented order and spelling, then ours. What is read as cpId and connectorId is written as cpUuid and
// connectorUuid, as documented; either name is taken.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { driverTokenCode, instant, uuid } from '../values.ts';

export const maintenanceWindows = {
  type: 'maintenance_windows',
  id: 'integer',
  paged: 'offset',
  hasUpdatedSince: true,
  lasts: { start: 'startDate', end: 'endDate' },
  attributes: {
    cpId: {
      schema: Type.String({ format: 'uuid', description: 'The station. It stays the same.' }),
      written: 'always',
      writeName: 'cpUuid',
      required: true,
      filters: true,
      refersTo: 'charging_stations',
    },
    connectorId: {
      schema: orNull(uuid, 'A connector of the station; null: the whole station.'),
      written: 'always',
      writeName: 'connectorUuid',
      filters: true,
      refersTo: 'connectors',
    },
    comment: {
      schema: orNull(Type.String({ maxLength: 1000 })),
      written: 'always',
      example: 'Repair the station.',
    },
    startDate: {
      schema: Type.String({
        format: 'date-time',
        description: 'Not in the past; a window that runs keeps it.',
      }),
      written: 'always',
      required: true,
      sorts: true,
      example: '2091-02-17T07:00:00.000Z',
    },
    endDate: {
      schema: Type.String({
        format: 'date-time',
        description: 'After startDate. A window that has ended is neither changed nor deleted.',
      }),
      written: 'always',
      required: true,
      sorts: true,
      example: '2091-02-17T17:00:00.000Z',
    },
    lockConnectors: {
      schema: Type.Boolean({ description: 'Connectors are to be out of service during the window.' }),
      written: 'always',
      filters: true,
    },
    whitelistedDriverTokens: {
      schema: Type.Array(driverTokenCode(), {
        maxItems: 1000,
        description: 'Driver tokens with which a technician may charge during the window.',
      }),
      written: 'always',
      example: ['04A2B3C4D5E6F7'],
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  relationships: {
    chargingStation: { toOne: 'charging_stations', by: 'cpId' },
    connector: { toOne: 'connectors', by: 'connectorId' },
  },
} as const satisfies ResourceDeclaration;
