// station_connections: which connection each station has, or had last, and when it was heard.

import type { ConnectionClosed, ConnectionOpened, StationReference } from '../domain/index.ts';
import { sentRows } from './columns.ts';
import type { Column } from './columns.ts';
import type { Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';

const connected = eventInsert('station.connected', {
  from: 'opened',
  at: 'e.opened_at',
  data: { ocppVersion: 'e.ocpp_version' },
});
/** Tells of the rows of `closed`. */
export const disconnected = eventInsert('station.disconnected', {
  from: 'closed',
  at: 'e.closed_at',
  data: { disconnectedAt: instantJson('e.closed_at') },
});

/** The columns of rows that name a station and a connection of it. */
export const connectionColumns: readonly Column<StationReference>[] = [
  ['tenant_id', 'uuid', (of) => of.tenantId],
  ['station_id', 'uuid', (of) => of.chargingStationId],
  ['connection_id', 'uuid', (of) => of.connectionId],
];

const openings = sentRows<ConnectionOpened>([
  ...connectionColumns,
  ['node', 'text', (fact) => fact.node],
  ['ocpp_version', 'text', (fact) => fact.ocppVersion],
  ['at', 'timestamptz', (fact) => fact.at],
]);

export function openedStatement(facts: readonly ConnectionOpened[]): Statement {
  return {
    text: `with opened as (
           insert into station_connections as c
             (tenant_id, charging_station_id, connection_id, node, ocpp_version, opened_at, closed_at, last_seen_at)
           select f.tenant_id, f.station_id, f.connection_id, f.node, f.ocpp_version, f.at, null, f.at
           from ${openings.from}
           join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id
           on conflict (tenant_id, charging_station_id) do update
           set connection_id = excluded.connection_id, node = excluded.node, ocpp_version = excluded.ocpp_version,
               opened_at = excluded.opened_at, closed_at = null,
               last_seen_at = greatest(c.last_seen_at, excluded.last_seen_at)
           returning c.tenant_id, c.charging_station_id, c.ocpp_version, c.opened_at
           ) ${connected}`,
    values: openings.values(facts),
  };
}

const closings = sentRows<ConnectionClosed>([...connectionColumns, ['at', 'timestamptz', (fact) => fact.at]]);

export function closedStatement(facts: readonly ConnectionClosed[]): Statement {
  return {
    text: `with closed as (
           update station_connections c
           set connection_id = null, closed_at = f.at, last_seen_at = greatest(c.last_seen_at, f.at)
           from ${closings.from}
           where c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id
             and c.connection_id = f.connection_id
           returning c.tenant_id, c.charging_station_id, c.closed_at
           ) ${disconnected}`,
    values: closings.values(facts),
  };
}

/** A sign of life: any frame. */
export type StationSeen = { readonly station: StationReference; readonly at: Date };

const signs = sentRows<StationSeen>([
  ['tenant_id', 'uuid', ({ station }) => station.tenantId],
  ['station_id', 'uuid', ({ station }) => station.chargingStationId],
  ['at', 'timestamptz', (fact) => fact.at],
]);

export function seenStatement(facts: readonly StationSeen[]): Statement {
  return {
    text: `update station_connections c
           set last_seen_at = greatest(c.last_seen_at, f.at)
           from ${signs.from}
           where c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id`,
    values: signs.values(facts),
  };
}
