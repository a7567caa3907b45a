// Which connectors maintenance windows keep out of service, and which stations have yet to be told so. What should be
// follows from the windows alone; connector_locks has what stations were told, so that they are told of changes only, also
// when they were away at the time.

import { sentRows, tenantIdsOf } from './columns.ts';
import type { Database, Statement } from './database.ts';
import { everyTenant } from './every_tenant.ts';

/** A station is to take a connector out of service, or back. */
export type ConnectorChange = {
  /** Of the remote command that says so: it is this process's to order. */
  readonly commandId: string;
  readonly tenantId: string;
  readonly chargingStationId: string;
  /** 0: the station as a whole. */
  readonly connectorNumber: number;
  readonly isToLock: boolean;
};

// One that ended without an answer is tried again after a while; one that nobody ordered, its process being gone, later.
const triedAgainAfter = "interval '30 seconds'";
const lostAfter = "interval '3 minutes'";

export const connectorLocksOn = (database: Database, { newId }: { newId: () => string }) => ({
  /**
   * Notes what stations have answered, and answers what is to be told now to those that are connected: each change to one
   * process.
   *
   * @throws {Unavailable}
   */
  async due(now: Date): Promise<ConnectorChange[]> {
    const [, , , due] = await database.transaction(await everyTenant(database), [
      lockedStatement,
      takenBackStatement,
      unansweredStatement(now),
      dueStatement(now),
    ]);
    const changes = (due as DueRow[]).map((row) => ({
      commandId: newId(),
      tenantId: row.tenant_id,
      chargingStationId: row.charging_station_id,
      connectorNumber: row.connector_number,
      isToLock: row.is_to_lock,
    }));
    if (changes.length === 0) return [];
    const [claimed] = await database.transaction(tenantIdsOf(changes), [claimStatement(changes, now)]);
    const ids = new Set((claimed as { command_id: string }[]).map(({ command_id }) => command_id));
    return changes.filter(({ commandId }) => ids.has(commandId));
  },
});

type DueRow = {
  readonly tenant_id: string;
  readonly charging_station_id: string;
  readonly connector_number: number;
  readonly is_to_lock: boolean;
};

const answered = (type: 'Inoperative' | 'Operative') =>
  `r.tenant_id = l.tenant_id and r.id = l.command_id and r.state = 'finished' and r.parameters ->> 'type' = '${type}'`;

/** A rejection is an answer, too: nobody is asked for ever. */
const lockedStatement: Statement = {
  text: `update connector_locks l set is_locked = true, command_id = null from remote_commands r
         where ${answered('Inoperative')}`,
  values: [],
};

const takenBackStatement: Statement = {
  text: `delete from connector_locks l using remote_commands r where ${answered('Operative')}`,
  values: [],
};

function unansweredStatement(now: Date): Statement {
  return {
    text: `update connector_locks l set command_id = null
           where l.command_id is not null and (
             exists (select from remote_commands r where r.tenant_id = l.tenant_id and r.id = l.command_id
                       and r.finished_at is not null and r.state <> 'finished')
             or l.tried_at < $1::timestamptz - ${lostAfter}
               and not exists (select from remote_commands r where r.tenant_id = l.tenant_id and r.id = l.command_id)
           )`,
    values: [now],
  };
}

/** A connector that is out of service already is left to whoever did that. */
function dueStatement(now: Date): Statement {
  return {
    text: `with wanted as (
             select distinct w.tenant_id, w.charging_station_id, coalesce(c.number, 0) as connector_number
             from maintenance_windows w
             left join connectors c on c.tenant_id = w.tenant_id and c.id = w.connector_id
             where w.locks_connectors and w.starts_at <= $1 and w.ends_at > $1
           ), due as (
             select w.*, true as is_to_lock
             from wanted w
             left join connector_locks l using (tenant_id, charging_station_id, connector_number)
             left join connectors c on c.tenant_id = w.tenant_id and c.charging_station_id = w.charging_station_id
               and c.number = w.connector_number
             where (l.tenant_id is null and c.status is distinct from 'Unavailable')
               or (not l.is_locked and l.command_id is null and l.tried_at < $1::timestamptz - ${triedAgainAfter})
             union all
             select l.tenant_id, l.charging_station_id, l.connector_number, false
             from connector_locks l
             left join wanted w using (tenant_id, charging_station_id, connector_number)
             where w.tenant_id is null and l.command_id is null
               and (l.is_locked or l.tried_at < $1::timestamptz - ${triedAgainAfter})
           )
           select d.* from due d
           join station_connections c
             on c.tenant_id = d.tenant_id and c.charging_station_id = d.charging_station_id
             and c.connection_id is not null`,
    values: [now],
  };
}

const changeRows = sentRows<ConnectorChange>(
  [
    ['tenant_id', 'uuid', (change) => change.tenantId],
    ['station_id', 'uuid', (change) => change.chargingStationId],
    ['number', 'integer', (change) => change.connectorNumber],
    ['command_id', 'uuid', (change) => change.commandId],
  ],
  { after: 1 },
);

/** Of several processes one gets it. While the command is under way the row says that the connector may be locked or not. */
function claimStatement(changes: readonly ConnectorChange[], now: Date): Statement {
  return {
    text: `insert into connector_locks as l
             (tenant_id, charging_station_id, connector_number, command_id, tried_at)
           select f.tenant_id, f.station_id, f.number, f.command_id, $1
           from ${changeRows.from}
           join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id
           on conflict (tenant_id, charging_station_id, connector_number) do update
           set is_locked = false, command_id = excluded.command_id, tried_at = excluded.tried_at
           where l.command_id is null
           returning command_id`,
    values: [now, ...changeRows.values(changes)],
  };
}
