// configurations: the configuration keys of a station, as it last told them. Read only, and below stations only.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, uuid } from '../values.ts';

export const configurations = {
  type: 'configurations',
  id: 'uuid',
  paged: 'offset',
  hasUpdatedSince: true,
  relationships: { chargingStation: { toOne: 'charging_stations', by: 'cpId' } },
  attributes: {
    cpId: { schema: uuid, refersTo: 'charging_stations' },
    key: {
      schema: Type.String({ description: 'Without regard to case, as in OCPP 1.6.' }),
      sorts: true,
      filters: true,
      example: 'HeartbeatInterval',
    },
    value: { schema: orNull(Type.String(), 'null where the station tells none.'), example: '300' },
    readonly: { schema: Type.Boolean({ description: 'It cannot be changed at the station.' }) },
    needsReboot: {
      schema: Type.Boolean({
        description: 'The value was set, and counts from the next start of the station on.',
      }),
      filters: true,
      example: false,
    },
    fetchedAt: {
      schema: Type.String({ format: 'date-time', description: 'When the station last told it.' }),
      sorts: true,
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
