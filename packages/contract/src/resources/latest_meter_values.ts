// latest_meter_values: what a connector's meter read last, of each measurand, phase and location. Read only: stations send
// them.

import { Type } from 'typebox';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, uuid } from '../values.ts';
import { sample } from './meter_values.ts';

export const latestMeterValues = {
  type: 'latest_meter_values',
  id: 'uuid',
  paged: 'offset',
  attributes: {
    cpId: { schema: uuid, filters: true, refersTo: 'charging_stations' },
    connectorNumber: {
      schema: Type.Integer({ minimum: 0, description: '0: the station’s own meter.' }),
      filters: true,
      example: 1,
    },
    measuredAt: { schema: instant, sorts: true, example: '2091-02-17T07:15:00.000Z' },
    samples: {
      schema: Type.Array(
        Type.Object({ ...sample.properties, measuredAt: instant }, { additionalProperties: false }),
      ),
      example: [
        {
          unit: 'Wh',
          phase: null,
          value: 1_206_300,
          context: 'Sample.Periodic',
          location: 'Outlet',
          measurand: 'Energy.Active.Import.Register',
          measuredAt: '2091-02-17T07:15:00.000Z',
        },
      ],
    },
  },
} as const satisfies ResourceDeclaration;
