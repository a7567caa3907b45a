// waiting_charging_stations: identities that nobody created, and that came to connect nevertheless. They are not let in.

import { Type } from 'typebox';
import type { ResourceDeclaration } from '../resource.ts';

const instant = Type.String({ format: 'date-time' });

export const waitingChargingStations = {
  type: 'waiting_charging_stations',
  id: 'uuid',
  paged: 'offset',
  searched: ['chargeBoxIdentity', 'address'],
  hasUpdatedSince: true,
  attributes: {
    chargeBoxIdentity: {
      schema: Type.String({ description: 'Identity in the URL that it came to.' }),
      sorts: true,
      filters: true,
      example: 'ABC123',
    },
    address: {
      schema: Type.String({ description: 'Network address that it last came from.' }),
      filters: true,
      example: '192.0.2.7',
    },
    subprotocols: {
      schema: Type.Array(Type.String(), { description: 'WebSocket subprotocols that it last offered.' }),
      example: ['ocpp1.6'],
    },
    attempts: {
      schema: Type.Integer({ description: 'How often it came; written every few seconds.' }),
      sorts: true,
      example: 12,
    },
    lastAttemptAt: { schema: instant, sorts: true },
    createdAt: {
      schema: Type.String({ format: 'date-time', description: 'When it came first.' }),
      sorts: true,
    },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
