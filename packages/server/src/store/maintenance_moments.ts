// When maintenance windows begin and end: told as an event, by whoever asks for it first, now and then.

import type { Database, Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import { inEveryTenant } from './every_tenant.ts';

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

const beginnings = { at: 'starts_at', toldAt: 'start_told_at', type: 'maintenance_window.started' } as const;
const ends = { at: 'ends_at', toldAt: 'end_told_at', type: 'maintenance_window.ended' } as const;

function momentsStatement({ at, toldAt, type }: typeof beginnings | typeof ends, now: Date): Statement {
  return {
    text: `with due as (
             select tenant_id, id from maintenance_windows where ${toldAt} is null and ${at} <= $1
             order by ${at} limit ${momentsAtOnce} for update skip locked
           ), moved as (
             update maintenance_windows w set ${toldAt} = $1 from due
             where w.tenant_id = due.tenant_id and w.id = due.id returning ${columns}
           )
           ${eventInsert(type, { from: 'moved', at: '$1::timestamptz', data: windowData, order: `e.${at}, e.id` })}`,
    values: [now],
  };
}

/** Tells of the windows that have begun or ended, and were not told of before. */
export async function maintenanceMoments(database: Database, now: Date): Promise<void> {
  await inEveryTenant(database, [momentsStatement(beginnings, now), momentsStatement(ends, now)]);
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
