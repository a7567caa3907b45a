// communication_log: what stations and the server said to each other, an entry a call with its answer. Read only.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';

const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)));

export const communicationLog = {
  type: 'communication_log',
  id: 'uuid',
  paged: 'cursor_only',
  isNewestFirst: true,
  happensAt: 'at',
  relationships: { chargingStation: { toOne: 'charging_stations', by: 'cpId' } },
  attributes: {
    at: {
      schema: Type.String({ format: 'date-time', description: 'When the call was taken up or sent.' }),
      example: '2091-02-17T07:15:00.000Z',
    },
    cpId: { schema: Type.String({ format: 'uuid' }), filters: true, refersTo: 'charging_stations' },
    connectionId: {
      schema: orNull(Type.String({ format: 'uuid' }), 'Which of the station’s connections it was.'),
      filters: true,
    },
    kind: {
      schema: oneOf([
        'call',
        'broken_frame',
        'ignored_frame',
        'connection_opened',
        'connection_closed',
        'left_out',
      ]),
      filters: true,
      example: 'call',
    },
    direction: {
      schema: orNull(oneOf(['from_station', 'to_station']), 'null: it is of no frame.'),
      filters: true,
      example: 'from_station',
    },
    action: {
      schema: orNull(Type.String(), 'OCPP action; null: it is no call.'),
      filters: true,
      example: 'Heartbeat',
    },
    messageId: { schema: orNull(Type.String()), filters: true, example: '19223201' },
    payload: {
      schema: orNull(
        Type.String(),
        'JSON as text; of a frame that is no call, its text. null: the answer was late, and an earlier entry has it.',
      ),
      example: '{}',
    },
    answer: {
      schema: orNull(Type.String(), 'Payload of the call result: JSON as text.'),
      example: '{"currentTime":"2091-02-17T07:15:00.003Z"}',
    },
    errorCode: { schema: orNull(Type.String(), 'Of the call error.'), filters: true, example: null },
    errorDescription: { schema: orNull(Type.String()), example: null },
    latencyMs: {
      schema: orNull(Type.Integer({ minimum: 0 }), 'Milliseconds until the answer.'),
      example: 3,
    },
    deviations: {
      schema: Type.Array(Type.String(), {
        description: 'Where it was not as the specification says, and was taken all the same.',
      }),
      example: [],
    },
    note: { schema: orNull(Type.String(), 'What happened, where it was no call.'), example: null },
    hasProblem: {
      schema: Type.Boolean({
        description: 'It was refused, deviated, was no call, got no answer, or something is left out.',
      }),
      filters: true,
      example: false,
    },
    isCut: { schema: Type.Boolean({ description: 'Of payload or answer there was more.' }), example: false },
  },
} as const satisfies ResourceDeclaration;
