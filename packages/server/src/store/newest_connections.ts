// The newest connection of a station wins, also where another process had the one before: that one is told, and what its
// connection still says of the station's state counts no more.

import type { ConnectionOpened, StationReference } from '../domain/index.ts';
import { tellingSql } from './bus.ts';
import { column } from './columns.ts';
import { brokenConstraint } from './database.ts';
import type { Statement } from './database.ts';

/** Tells the processes that hold connections which are replaced here; they are locked until that is so. */
export function replacedStatement(facts: readonly ConnectionOpened[]): Statement {
  return {
    text: `select ${tellingSql('older.node', 'replaced_connections', "older.charging_station_id || ' ' || older.connection_id")}
           from (
             select c.node, c.charging_station_id, c.connection_id
             from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[])
               as f (tenant_id, station_id, connection_id, node)
             join station_connections c on c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id
               and c.connection_id <> f.connection_id and c.node <> f.node
             for update of c
           ) older`,
    values: [
      column(facts, (fact) => fact.tenantId),
      column(facts, (fact) => fact.chargingStationId),
      column(facts, (fact) => fact.connectionId),
      column(facts, (fact) => fact.node),
    ],
  };
}

/**
 * Refuses the group if one of the facts came over a connection that its station has left for another process. (Some may have
 * come before a connection that the same group opens.)
 */
export function newestStatement(
  facts: readonly StationReference[],
  opened: readonly ConnectionOpened[],
): Statement {
  const openedBy = new Map(opened.map((fact) => [fact.chargingStationId, fact.connectionId]));
  const perStation = [...new Map(facts.map((fact) => [fact.chargingStationId, fact])).values()];
  return {
    text: 'select require_newest_connections($1, $2, $3)',
    values: [
      column(perStation, (fact) => fact.tenantId),
      column(perStation, (fact) => fact.chargingStationId),
      column(perStation, (fact) => openedBy.get(fact.chargingStationId) ?? fact.connectionId),
    ],
  };
}

/** Whether a group was refused because of a fact that came over a connection which its station has left. */
export const isOvertaken = (error: unknown): boolean => brokenConstraint(error) === 'newest_connection';
