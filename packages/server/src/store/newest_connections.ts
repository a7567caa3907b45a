// The newest connection of a station wins, also where another process had the one before: that one is told, and what its
// connection still says of the station's state counts no more.

import type { ConnectionOpened, StationReference } from '../domain/index.ts';
import { tellingOne } from './bus.ts';
import { sentRows } from './columns.ts';
import { brokenConstraint } from './database.ts';
import type { Statement } from './database.ts';
import { connectionColumns } from './station_connections.ts';

const openings = sentRows<ConnectionOpened>([...connectionColumns, ['node', 'text', (fact) => fact.node]]);

/** Tells the processes that hold connections which are replaced here; they are locked until that is so. */
export function replacedStatement(facts: readonly ConnectionOpened[]): Statement {
  return {
    text: `select ${tellingOne('older.node', 'replaced_connections', "older.charging_station_id || ' ' || older.connection_id")}
           from (
             select c.node, c.charging_station_id, c.connection_id
             from ${openings.from}
             join station_connections c on c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id
               and c.connection_id <> f.connection_id and c.node <> f.node
             for update of c
           ) older`,
    values: openings.values(facts),
  };
}

const present = sentRows(connectionColumns);

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
    values: present.values(
      perStation.map(({ tenantId, chargingStationId, connectionId }) => ({
        tenantId,
        chargingStationId,
        connectionId: openedBy.get(chargingStationId) ?? connectionId,
      })),
    ),
  };
}

/** Whether a group was refused because of a fact that came over a connection which its station has left. */
export const isOvertaken = (error: unknown): boolean => brokenConstraint(error) === 'newest_connection';
