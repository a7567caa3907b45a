// What stations report of their connectors, kept in connectors: the newest of each.

import type { ConnectorReported } from '../domain/index.ts';
import { sentRows } from './columns.ts';
import type { Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import { nextVersion } from './versions.ts';

// What the table has is what was there before the statement.
const statusChanged = eventInsert('connector.status', {
  from: 'reported',
  at: 'e.received_at',
  data: {
    connectorUuid: 'e.id',
    connectorNumber: 'e.number',
    status: 'e.status',
    errorCode: 'e.error_code',
    vendorErrorCode: 'e.vendor_error_code',
    info: 'e.info',
    statusAt: instantJson('e.status_at'),
  },
  joins: `left join lateral (
            select c.status, c.error_code, c.vendor_error_code, c.info from connectors c
            where c.tenant_id = e.tenant_id and c.charging_station_id = e.charging_station_id and c.number = e.number
            limit 1
          ) before on true`,
  where: `(e.status, e.error_code, e.vendor_error_code, e.info)
            is distinct from (before.status, before.error_code, before.vendor_error_code, before.info)`,
});
const reports = sentRows<ConnectorReported & { readonly id: string }>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['id', 'uuid', (fact) => fact.id],
  ['station_id', 'uuid', (fact) => fact.chargingStationId],
  ['number', 'integer', (fact) => fact.connectorNumber],
  ['status', 'text', (fact) => fact.status],
  ['error_code', 'text', (fact) => fact.errorCode],
  ['vendor_error_code', 'text', (fact) => fact.vendorErrorCode],
  ['vendor_id', 'text', (fact) => fact.vendorId],
  ['info', 'text', (fact) => fact.info],
  ['at', 'timestamptz', (fact) => fact.at],
  ['received_at', 'timestamptz', (fact) => fact.receivedAt],
]);

export function reportedStatement(facts: readonly ConnectorReported[], newId: () => string): Statement {
  return {
    text: `with reported as (
           insert into connectors as c
             (tenant_id, id, charging_station_id, number, status, error_code, vendor_error_code, vendor_id, info,
              status_at, created_at, updated_at)
           select f.tenant_id, f.id, f.station_id, f.number, f.status, f.error_code, f.vendor_error_code, f.vendor_id,
                  f.info, f.at, f.received_at, f.received_at
           from ${reports.from}
           join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id
           on conflict (tenant_id, charging_station_id, number) do update
           set status = excluded.status, error_code = excluded.error_code,
               vendor_error_code = excluded.vendor_error_code, vendor_id = excluded.vendor_id, info = excluded.info,
               status_at = excluded.status_at, updated_at = ${nextVersion('excluded.updated_at', 'c.updated_at')}
           returning c.tenant_id, c.charging_station_id, c.id, c.number, c.status, c.error_code, c.vendor_error_code,
                     c.info, c.status_at, c.updated_at as received_at
           ) ${statusChanged}`,
    values: reports.values(facts.map((fact) => ({ ...fact, id: newId() }))),
  };
}
