// transactions: what was charged at a connector, from its start to its stop. Read only: stations start and stop them.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, uuid } from '../values.ts';

const wh = (description: string) => orNull(Type.Integer(), `Wh. ${description}`);
const oneOf = (words: readonly string[], description?: string) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    description === undefined ? {} : { description },
  );

export const transactions = {
  type: 'transactions',
  id: 'integer',
  paged: 'offset',
  hasUpdatedSince: true,
  lasts: { start: 'startDate', end: 'endDate' },
  relationships: {
    chargingStation: { toOne: 'charging_stations', by: 'cpId' },
    connector: { toOne: 'connectors', by: 'connectorId' },
  },
  attributes: {
    cpId: { schema: uuid, filters: true, refersTo: 'charging_stations' },
    connectorId: {
      schema: orNull(uuid, 'null: not known, or no more there.'),
      filters: true,
      refersTo: 'connectors',
    },
    connectorNumber: {
      schema: orNull(Type.Integer({ minimum: 0 }), 'null: only its stop came.'),
      filters: true,
      example: 1,
    },
    driverToken: {
      schema: orNull(Type.String(), 'The code that the driver showed, as the station sent it.'),
      filters: true,
      example: '04A2B3C4D5E6F7',
    },
    authorizationStatus: {
      schema: orNull(
        oneOf(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
        'What the station was told of the driver token at the start: OCPP 1.6 AuthorizationStatus.',
      ),
      filters: true,
      example: 'Accepted',
    },
    reservationId: { schema: orNull(Type.Integer()), example: null },
    state: {
      schema: oneOf(['active', 'ended'], 'active: it has no stop yet.'),
      filters: true,
      example: 'ended',
    },
    startDate: {
      schema: orNull(instant, 'By the station’s clock. null: only its stop came.'),
      sorts: true,
      example: '2091-02-17T07:00:00.000Z',
    },
    endDate: {
      schema: orNull(instant, 'By the station’s clock. null while it is active.'),
      sorts: true,
      example: '2091-02-17T07:45:00.000Z',
    },
    meterStartWh: { schema: wh('The meter’s register at the start.'), example: 1_200_000 },
    meterStopWh: {
      schema: wh('The register at the stop; where there was none, the last that was read.'),
      example: 1_218_400,
    },
    energyWh: {
      schema: wh('Delivered so far; never below 0. null: nothing was read yet.'),
      sorts: true,
      example: 18_400,
    },
    stopReason: {
      schema: orNull(Type.String(), 'OCPP 1.6 Reason, as the station told it.'),
      filters: true,
      example: 'EVDisconnected',
    },
    stopDriverToken: { schema: orNull(Type.String(), 'The code that stopped it.'), example: null },
    endedBy: {
      schema: orNull(
        oneOf(['station', 'next_start', 'connector_available', 'station_lost']),
        'Who ended it: the station, or a rule, since the station never did: another one began at the connector; the ' +
          'connector is available again for an hour; the station was not heard for a week. A stop that the station sends ' +
          'after all still counts.',
      ),
      filters: true,
      example: 'station',
    },
    flags: {
      schema: Type.Array(
        oneOf([
          'without_start',
          'start_came_late',
          'stop_matched',
          'stop_came_late',
          'meter_went_back',
          'clock_went_back',
        ]),
        {
          description:
            'What was odd. without_start: only its stop came. start_came_late: after its stop. stop_matched: the stop named ' +
            'no transaction of the station, and was taken for this one’s. stop_came_late: after a rule had ended it. ' +
            'meter_went_back, clock_went_back: the stop is below, or before, the start.',
        },
      ),
      example: [],
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
