// connectors, seen through their charging station. Number 0 is the station itself and no connector of the API.

import type { Visibility } from '../domain/index.ts';
import { chargingStationIsVisible } from './charging_stations.ts';
import type { Session } from './database.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { columnsOf, findRow, listedPage, updateRow } from './resource_rows.ts';

const table = {
  from: 'connectors s',
  id: { sql: 's.id', type: 'uuid' },
  updatedAt: 's.updated_at',
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    number: { sql: 's.number', type: 'integer' },
    // OCPP 1.6 knows no EVSEs: each connector is its own.
    evseNumber: { sql: 'coalesce(s.evse_number, s.number)', type: 'integer' },
    evseId: { sql: 's.evse_id', type: 'text' },
    label: { sql: 's.label', type: 'text' },
    type: { sql: 's.type', type: 'text' },
    format: { sql: 's.format', type: 'text' },
    powerType: { sql: 's.power_type', type: 'text' },
    maxVoltage: { sql: 's.max_voltage', type: 'integer' },
    maxAmperage: { sql: 's.max_amperage', type: 'integer' },
    maxPowerW: { sql: 's.max_power_w', type: 'integer' },
    status: { sql: 's.status', type: 'text' },
    errorCode: { sql: 's.error_code', type: 'text' },
    vendorErrorCode: { sql: 's.vendor_error_code', type: 'text' },
    info: { sql: 's.info', type: 'text' },
    statusAt: { sql: 's.status_at', type: 'timestamptz' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: (visibility, parameter) =>
    `s.tenant_id = $1 and s.number > 0 and ${chargingStationIsVisible('s.charging_station_id', visibility, parameter)}`,
} as const satisfies ListedTable<string>;

export type ConnectorField = keyof typeof table.fields;
export const connectorFields = Object.keys(table.fields) as readonly ConnectorField[];

const written = {
  evseId: 'evse_id',
  label: 'label',
  type: 'type',
  format: 'format',
  powerType: 'power_type',
  maxVoltage: 'max_voltage',
  maxAmperage: 'max_amperage',
  maxPowerW: 'max_power_w',
} as const;
export type WrittenConnector = { readonly [Field in keyof typeof written]?: unknown };

export function connectorsIn(session: Session) {
  return {
    page: (visibility: Visibility, query: ListQuery<ConnectorField>) =>
      listedPage(session, table, visibility, query),

    find: (visibility: Visibility, id: string, now: Date) => findRow(session, table, visibility, { id, now }),

    /** @returns whether there was such a connector, not changed since */
    update: (
      visibility: Visibility,
      change: { id: string; values: WrittenConnector; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> =>
      updateRow(session, table, 'connectors', visibility, {
        ...change,
        columns: columnsOf(written, change.values),
      }),
  };
}
