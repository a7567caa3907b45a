// maintenance_windows, numbered per tenant, seen through their charging station.

import { Invalid } from '../domain/index.ts';
import type { MaintenanceWindowTimes, Visibility } from '../domain/index.ts';
import { noSuchChargingStation, refusingBy } from './broken_rules.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import type { Session } from './database.ts';
import { endByDeletion } from './maintenance_moments.ts';
import { instantOf } from './instant_text.ts';
import { rowStatement } from './resource_list.ts';
import type { ListedTable } from './resource_list.ts';
import { columnsOf, insertNumberedRow, resourceRows } from './resource_rows.ts';

const table = {
  name: 'maintenance_windows',
  id: { sql: 's.id', type: 'integer' },
  fields: {
    id: { sql: 's.id', type: 'integer' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    connectorId: { sql: 's.connector_id', type: 'uuid' },
    comment: { sql: 's.comment', type: 'text' },
    startsAt: { sql: 's.starts_at', type: 'timestamptz' },
    endsAt: { sql: 's.ends_at', type: 'timestamptz' },
    locksConnectors: { sql: 's.locks_connectors', type: 'boolean' },
    whitelistedDriverTokens: { sql: 's.whitelisted_driver_tokens', type: 'json' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type MaintenanceWindowField = keyof typeof table.fields;
export const maintenanceWindowFields = Object.keys(table.fields) as readonly MaintenanceWindowField[];

const written = {
  connectorId: 'connector_id',
  comment: 'comment',
  startsAt: 'starts_at',
  endsAt: 'ends_at',
  locksConnectors: 'locks_connectors',
  whitelistedDriverTokens: 'whitelisted_driver_tokens',
} as const;
/** Instants are texts, RFC 3339. */
export type WrittenMaintenanceWindow = { readonly [Field in keyof typeof written]?: unknown };

const refusing = refusingBy({
  maintenance_windows_tenant_id_charging_station_id_fkey: noSuchChargingStation,
  maintenance_windows_tenant_id_connector_id_fkey: (cause) =>
    new Invalid('There is no such connector of the charging station.', { cause, field: 'connectorId' }),
});
const columns = (values: WrittenMaintenanceWindow) => columnsOf(written, values);

/** Writes throw {Invalid} when the station or the connector is none of this tenant. */
export function maintenanceWindowsIn(session: Session) {
  const rows = resourceRows(session, table, { columns, refusing });
  return {
    ...rows,

    /** @returns whether there was such a window, not changed since; where that is false, the transaction must fail */
    async delete(
      visibility: Visibility,
      id: string,
      { ifUpdatedAt, now }: { ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> {
      const { tenantId } = visibility;
      await session.transaction([tenantId], [endByDeletion(tenantId, id, now)]);
      return rows.delete(visibility, id, ifUpdatedAt);
    },

    /** Answers what decides about a change. Until the transaction ends nobody else changes the window. */
    async findToChange(
      visibility: Visibility,
      id: string,
      now: Date,
    ): Promise<(MaintenanceWindowTimes & { readonly chargingStationId: string }) | undefined> {
      const { text, values } = rowStatement(table, visibility, { id, now });
      const [found] = await session.textRowsAs(visibility.tenantId, [
        { text: `${text} for update of s`, values },
      ]);
      const row = found?.[0];
      if (row === undefined) return undefined;
      const value = (field: MaintenanceWindowField) => row[maintenanceWindowFields.indexOf(field)] ?? '';
      return {
        chargingStationId: value('chargingStationId'),
        startsAt: new Date(instantOf(value('startsAt'))),
        endsAt: new Date(instantOf(value('endsAt'))),
      };
    },

    /** @returns the new window's id */
    insert: (
      tenantId: string,
      {
        chargingStationId,
        createdAt,
        ...values
      }: WrittenMaintenanceWindow & { chargingStationId: string; createdAt: Date },
    ): Promise<string> =>
      refusing(() =>
        insertNumberedRow(session, table.name, tenantId, {
          charging_station_id: chargingStationId,
          created_at: createdAt,
          updated_at: createdAt,
          ...columns(values),
        }),
      ),
  };
}
