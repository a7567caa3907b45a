// remote_commands: orders to stations, seen through their charging station. How they come to their end is in
// command_delivery.ts.

import { isOfVisibleStation } from './charging_stations.ts';
import type { Database, Session } from './database.ts';
import { everyTenant } from './every_tenant.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';

const table = {
  name: 'remote_commands',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    command: { sql: 's.command', type: 'text' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    parameters: { sql: 's.parameters', type: 'json' },
    isSynchronous: { sql: 's.is_synchronous', type: 'boolean' },
    state: { sql: 's.state', type: 'text' },
    result: { sql: 's.result', type: 'text' },
    response: { sql: 's.response', type: 'json' },
    error: {
      sql: `case when s.error_code is not null then json_build_object(
        'code', s.error_code, 'description', s.error_description, 'details', s.error_details) end`,
      type: 'json',
    },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    sentAt: { sql: 's.sent_at', type: 'timestamptz' },
    finishedAt: { sql: 's.finished_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type RemoteCommandField = keyof typeof table.fields;
export const remoteCommandFields = Object.keys(table.fields) as readonly RemoteCommandField[];

export const remoteCommandsIn = (session: Session) => readRows(session, table);

const forgottenAtOnce = 10_000;

/** Forgets commands that are older than their tenant keeps its communication log, up to so many a tenant. */
export async function forgetCommands(database: Database, now: Date): Promise<void> {
  for (const tenantId of await everyTenant(database)) {
    await database.queryAs(
      tenantId,
      `delete from remote_commands r
       where r.tenant_id = $1 and r.id in (
         select o.id from remote_commands o
         join tenants t on t.id = o.tenant_id
         where o.tenant_id = $1 and o.finished_at < $2::timestamptz - make_interval(days => t.communication_log_days)
         limit ${forgottenAtOnce}
       )`,
      [tenantId, now],
    );
  }
}
