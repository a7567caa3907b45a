// waiting_charging_stations: identities that nobody created, as they came to the door. refused_stations.ts notes them.

import { readRows, deleteRow } from './resource_rows.ts';
import type { Visibility } from '../domain/index.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { isOfWholeTenant } from './visible_company.ts';

const table = {
  name: 'waiting_charging_stations',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    identity: { sql: 's.identity', type: 'text' },
    address: { sql: 's.address', type: 'text' },
    subprotocols: { sql: 's.subprotocols', type: 'json' },
    attempts: { sql: 's.attempts', type: 'integer' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    lastAttemptAt: { sql: 's.last_attempt_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  // Whose they will be nobody knows yet: not those who may see one company only.
  visible: isOfWholeTenant,
} as const satisfies ListedTable<string>;

export type WaitingChargingStationField = keyof typeof table.fields;
export const waitingChargingStationFields = Object.keys(
  table.fields,
) as readonly WaitingChargingStationField[];

export function waitingChargingStationsIn(session: Session) {
  return {
    ...readRows(session, table),

    /** @returns whether there was such a one, not changed since */
    delete: (visibility: Visibility, id: string, ifUpdatedAt: string | undefined): Promise<boolean> =>
      deleteRow(session, table, visibility, { id, ifUpdatedAt }),
  };
}
