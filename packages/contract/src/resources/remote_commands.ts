// remote_commands: what was sent to a charging station, and what came of it. Made by the paths of their commands
// (remote_commands/…), read here; never changed by a request.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, uuid } from '../values.ts';

const anyObject = (description: string) => Type.Object({}, { description, additionalProperties: true });

export const remoteCommands = {
  type: 'remote_commands',
  id: 'uuid',
  paged: 'offset',
  hasUpdatedSince: true,
  happensAt: 'createdAt',
  isNewestFirst: true,
  relationships: { chargingStation: { toOne: 'charging_stations', by: 'cpId' } },
  attributes: {
    command: {
      schema: Type.String({ description: 'Its name in the path that made it.' }),
      filters: true,
      example: 'get_configuration',
    },
    cpId: { schema: uuid, filters: true, refersTo: 'charging_stations' },
    parameters: {
      schema: anyObject('As they were sent to the station, connectors by their numbers.'),
      example: { keys: ['HeartbeatInterval', 'Colour'] },
    },
    synchronous: {
      schema: Type.Boolean({ description: 'The request that made it waited for its end.' }),
      filters: true,
      example: true,
    },
    state: {
      schema: Type.Union(
        ['pending', 'sent', 'finished', 'timed_out', 'failed'].map((state) => Type.Literal(state)),
        {
          description:
            'pending: not sent yet. sent: the station has not answered yet. finished: it has; `result` tells what. ' +
            'timed_out: no answer came in time. failed: `error` tells why.',
        },
      ),
      filters: true,
      example: 'finished',
    },
    result: {
      schema: orNull(
        Type.String(),
        'The status word of the station’s answer. null: it did not answer, or its answer has none.',
      ),
      filters: true,
      example: null,
    },
    response: {
      schema: orNull(
        anyObject(''),
        'The station’s answer. Of get_configuration: `configurationKeys`, each with `key`, `readonly` and `value`, and ' +
          '`unknownKeys`.',
      ),
      example: {
        configurationKeys: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
        unknownKeys: ['Colour'],
      },
    },
    error: {
      schema: orNull(
        Type.Object(
          {
            code: Type.String({
              description:
                'station_not_connected, station_timeout, station_connection_lost, not_supported_by_version; or the code ' +
                'of the station’s call error, such as NotImplemented.',
            }),
            description: Type.String(),
            details: Type.Unknown({ description: 'Those of the station’s call error; else null.' }),
          },
          { additionalProperties: false },
        ),
        'Why there is no answer.',
      ),
      example: null,
    },
    createdAt: { schema: instant, sorts: true },
    sentAt: { schema: orNull(instant), sorts: true, example: '2026-11-25T12:00:00.000Z' },
    finishedAt: { schema: orNull(instant), sorts: true, example: '2026-11-25T12:00:00.000Z' },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
