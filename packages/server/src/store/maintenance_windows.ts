// maintenance_windows, numbered per tenant, seen through their charging station.

import { Invalid } from '../domain/index.ts';
import type { MaintenanceWindowTimes, Visibility } from '../domain/index.ts';
import { chargingStationIsVisible } from './charging_stations.ts';
import { brokenConstraint } from './database.ts';
import type { Session } from './database.ts';
import { instantOf } from './instant_text.ts';
import { rowStatement } from './resource_list.ts';
import { nextNumber } from './id_counters.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { columnsOf, deleteRow, findRow, listedPage, updateRow } from './resource_rows.ts';

const table = {
  from: 'maintenance_windows s',
  id: { sql: 's.id', type: 'integer' },
  updatedAt: 's.updated_at',
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
  visible: (visibility, parameter) =>
    `s.tenant_id = $1 and ${chargingStationIsVisible('s.charging_station_id', visibility, parameter)}`,
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

export function maintenanceWindowsIn(session: Session) {
  return {
    page: (visibility: Visibility, query: ListQuery<MaintenanceWindowField>) =>
      listedPage(session, table, visibility, query),

    find: (visibility: Visibility, id: string, now: Date) => findRow(session, table, visibility, { id, now }),

    /** Answers what decides about a change. Until the transaction ends nobody else changes the window. */
    async findToChange(
      visibility: Visibility,
      id: string,
      now: Date,
    ): Promise<(MaintenanceWindowTimes & { readonly chargingStationId: string }) | undefined> {
      const { text, values } = rowStatement(table, visibility, { id, now });
      const [rows] = await session.textRowsAs(visibility.tenantId, [
        { text: `${text} for update of s`, values },
      ]);
      const row = rows?.[0];
      if (row === undefined) return undefined;
      const value = (field: MaintenanceWindowField) => row[maintenanceWindowFields.indexOf(field)] ?? '';
      return {
        chargingStationId: value('chargingStationId'),
        startsAt: new Date(instantOf(value('startsAt'))),
        endsAt: new Date(instantOf(value('endsAt'))),
      };
    },

    /**
     * @returns the new window's id
     * @throws {Invalid} when the station or the connector is none of this tenant
     */
    insert: (
      tenantId: string,
      {
        chargingStationId,
        createdAt,
        ...values
      }: WrittenMaintenanceWindow & { chargingStationId: string; createdAt: Date },
    ): Promise<string> =>
      refusing(async () => {
        const columns = {
          charging_station_id: chargingStationId,
          created_at: createdAt,
          updated_at: createdAt,
          ...columnsOf(written, values),
        };
        const names = Object.keys(columns);
        const [row] = await session.queryAs<{ id: number }>(
          tenantId,
          `with ${nextNumber('maintenance_windows')}
           insert into maintenance_windows (tenant_id, id, ${names.join(', ')})
           select $1, last_id, ${names.map((_, at) => `$${at + 2}`).join(', ')} from number returning id`,
          [tenantId, ...Object.values(columns)],
        );
        return String(row?.id);
      }),

    /**
     * @returns whether there was such a window, not changed since
     * @throws {Invalid} as `insert`
     */
    update: (
      visibility: Visibility,
      change: { id: string; values: WrittenMaintenanceWindow; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> =>
      refusing(() =>
        updateRow(session, table, 'maintenance_windows', visibility, {
          ...change,
          columns: columnsOf(written, change.values),
        }),
      ),

    /** @returns whether there was such a window, not changed since */
    delete: (visibility: Visibility, id: string, ifUpdatedAt: string | undefined): Promise<boolean> =>
      deleteRow(session, table, 'maintenance_windows', visibility, { id, ifUpdatedAt }),
  };
}

async function refusing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    switch (brokenConstraint(cause)) {
      case 'maintenance_windows_tenant_id_charging_station_id_fkey':
        throw new Invalid('There is no such charging station.', { cause, field: 'chargingStationId' });
      case 'maintenance_windows_tenant_id_connector_id_fkey':
        throw new Invalid('There is no such connector of the charging station.', {
          cause,
          field: 'connectorId',
        });
      default:
        throw cause;
    }
  }
}
