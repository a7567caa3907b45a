// When maintenance windows begin and end: whoever is to do something then asks here, now and then. Each moment is answered
// to one process once, and told as an event in the same transaction.

import type { Database, Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import { everyTenant } from './every_tenant.ts';

/** A window that has begun, or ended. */
type MaintenanceMoment = {
  readonly kind: 'started' | 'ended';
  readonly tenantId: string;
  readonly id: number;
  readonly chargingStationId: string;
  /** null: the whole station. */
  readonly connectorId: string | null;
  readonly locksConnectors: boolean;
};

const momentsAtOnce = 500;

const columns =
  'w.tenant_id, w.id, w.charging_station_id, w.connector_id, w.comment, w.starts_at, w.ends_at, w.locks_connectors';
const windowData = {
  maintenanceWindowId: 'e.id',
  connectorId: 'e.connector_id',
  comment: 'e.comment',
  startDate: instantJson('e.starts_at'),
  endDate: instantJson('e.ends_at'),
  lockConnectors: 'e.locks_connectors',
};

const kinds = {
  started: { at: 'starts_at', toldAt: 'start_told_at', type: 'maintenance_window.started' },
  ended: { at: 'ends_at', toldAt: 'end_told_at', type: 'maintenance_window.ended' },
} as const;

function momentsStatement(kind: keyof typeof kinds, now: Date): Statement {
  const { at, toldAt, type } = kinds[kind];
  return {
    text: `with due as (
             select tenant_id, id from maintenance_windows where ${toldAt} is null and ${at} <= $1
             order by ${at} limit ${momentsAtOnce} for update skip locked
           ), moved as (
             update maintenance_windows w set ${toldAt} = $1 from due
             where w.tenant_id = due.tenant_id and w.id = due.id returning ${columns}
           ), told as (
             ${eventInsert(type, { from: 'moved', at: '$1::timestamptz', data: windowData, order: `e.${at}, e.id` })}
           )
           select '${kind}' as kind, tenant_id as "tenantId", id, charging_station_id as "chargingStationId",
                  connector_id as "connectorId", locks_connectors as "locksConnectors" from moved`,
    values: [now],
  };
}

/** Answers the windows that have begun or ended, and were not answered before. */
export async function maintenanceMoments(database: Database, now: Date): Promise<MaintenanceMoment[]> {
  const moments = await database.transaction(await everyTenant(database), [
    momentsStatement('started', now),
    momentsStatement('ended', now),
  ]);
  return moments.flat() as MaintenanceMoment[];
}

/** Answers the statement that tells the end of a window that is deleted while it lasts. In the deletion's transaction, before it. */
export function endByDeletion(tenantId: string, id: string, now: Date): Statement {
  return {
    text: `with e as (
             select ${columns} from maintenance_windows w
             where w.tenant_id = $1 and w.id = $2 and w.start_told_at is not null and w.end_told_at is null
           )
           ${eventInsert('maintenance_window.ended', { from: 'e', at: '$3::timestamptz', data: windowData })}`,
    values: [tenantId, id, now],
  };
}
