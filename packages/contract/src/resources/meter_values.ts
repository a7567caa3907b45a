// meter_values: what meters of stations read, an instant each. Read only: stations send them.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, uuid } from '../values.ts';

/** One reading at the instant. */
export const sample = Type.Object(
  {
    value: orNull(Type.Number(), 'null: what was sent is no number, or is signed; raw has it.'),
    unit: orNull(
      Type.String(),
      'Wh, varh, W, var, VA, A, V, Celsius, Hertz or Percent: others are converted.',
    ),
    measurand: Type.String({ description: 'OCPP 1.6 Measurand.' }),
    context: Type.String({ description: 'OCPP 1.6 ReadingContext.' }),
    phase: orNull(Type.String(), 'null: of all phases.'),
    location: Type.String({ description: 'OCPP 1.6 Location.' }),
    raw: Type.Optional(
      Type.Object(
        {
          value: Type.String(),
          unit: Type.Optional(Type.String()),
          format: Type.Optional(Type.String()),
        },
        { additionalProperties: false, description: 'What the station sent, where that is not the same.' },
      ),
    ),
  },
  { additionalProperties: false },
);

export const meterValues = {
  type: 'meter_values',
  id: 'uuid',
  paged: 'cursor',
  happensAt: 'measuredAt',
  attributes: {
    cpId: { schema: uuid, filters: true, refersTo: 'charging_stations' },
    connectorNumber: {
      schema: orNull(Type.Integer({ minimum: 0 }), '0: the station’s own meter.'),
      filters: true,
      example: 1,
    },
    transactionId: {
      schema: orNull(Type.Integer({ minimum: 1 }), 'null: outside transactions.'),
      filters: true,
      example: 17,
    },
    measuredAt: { schema: instant, example: '2091-02-17T07:15:00.000Z' },
    receivedAt: { schema: instant, example: '2091-02-17T07:15:01.000Z' },
    samples: {
      schema: Type.Array(sample),
      example: [
        {
          value: 1_206_300,
          unit: 'Wh',
          measurand: 'Energy.Active.Import.Register',
          context: 'Sample.Periodic',
          phase: null,
          location: 'Outlet',
        },
      ],
    },
  },
} as const satisfies ResourceDeclaration;
