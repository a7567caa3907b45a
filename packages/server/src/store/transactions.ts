// transactions, seen through their charging station; they outlive it. Stations start (transaction_starts.ts) and stop them
// (transaction_stops.ts).

import { isOfVisibleStation } from './charging_stations.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';

const table = {
  name: 'transactions',
  id: { sql: 's.id', type: 'integer' },
  fields: {
    id: { sql: 's.id', type: 'integer' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    connectorId: {
      sql: `(select c.id from connectors c where c.tenant_id = s.tenant_id
              and c.charging_station_id = s.charging_station_id and c.number = s.connector_number)`,
      type: 'uuid',
      isVolatile: true,
    },
    connectorNumber: { sql: 's.connector_number', type: 'integer' },
    driverToken: { sql: 's.driver_token', type: 'text', isCaseless: { column: 's.driver_token_key' } },
    authorizationStatus: { sql: 's.authorization_status', type: 'text' },
    reservationId: { sql: 's.reservation_id', type: 'integer' },
    state: { sql: 's.state', type: 'text' },
    startedAt: { sql: 's.started_at', type: 'timestamptz' },
    endedAt: { sql: 's.stopped_at', type: 'timestamptz' },
    meterStartWh: { sql: 's.meter_start_wh', type: 'integer' },
    meterStopWh: { sql: 's.meter_stop_wh', type: 'integer' },
    energyWh: {
      // Not one greatest() over both: it leaves out what is null.
      sql: `case when coalesce(s.meter_stop_wh, s.meter_latest_wh) < s.meter_start_wh then 0
              else coalesce(s.meter_stop_wh, s.meter_latest_wh) - s.meter_start_wh end`,
      type: 'integer',
    },
    stopReason: { sql: 's.stop_reason', type: 'text' },
    stopDriverToken: { sql: 's.stop_driver_token', type: 'text' },
    endedBy: { sql: 's.ended_by', type: 'text' },
    flags: { sql: 'array_to_json(s.flags)', type: 'json' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type TransactionField = keyof typeof table.fields;
export const transactionFields = Object.keys(table.fields) as readonly TransactionField[];

export const transactionsIn = (session: Session) => readRows(session, table);
