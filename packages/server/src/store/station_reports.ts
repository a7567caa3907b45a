// station_reports, seen through their charging station. Stations write them (`reportStatements`); nothing else does.

import { reportsWithoutRepeats } from '../domain/index.ts';
import type { StationReported } from '../domain/index.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import { sentRows } from './columns.ts';
import type { Session, Statement } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';

const table = {
  name: 'station_reports',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    kind: { sql: 's.kind', type: 'text' },
    status: { sql: 's.status', type: 'text' },
    securityEvent: { sql: 's.security_event', type: 'text' },
    requestId: { sql: 's.request_id', type: 'integer' },
    details: { sql: 's.details', type: 'text' },
    reason: { sql: 's.reason', type: 'text' },
    reportedAt: { sql: 's.reported_at', type: 'timestamptz' },
    receivedAt: { sql: 's.received_at', type: 'timestamptz' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type StationReportField = keyof typeof table.fields;
export const stationReportFields = Object.keys(table.fields) as readonly StationReportField[];

export const stationReportsIn = (session: Session) => readRows(session, table);

type Row = ReturnType<typeof reportsWithoutRepeats>[number] & { readonly id: string };

const rows = sentRows<Row>([
  ['tenant_id', 'uuid', ({ report }) => report.tenantId],
  ['id', 'uuid', ({ id }) => id],
  ['station_id', 'uuid', ({ report }) => report.chargingStationId],
  ['kind', 'text', ({ report }) => report.report],
  ['status', 'text', ({ report }) => report.status],
  ['security_event', 'text', ({ report }) => report.securityEvent],
  ['request_id', 'integer', ({ report }) => report.requestId],
  ['details', 'text', ({ report }) => report.details],
  ['reason', 'text', ({ report }) => report.reason],
  ['told_at', 'timestamptz', ({ report }) => report.toldAt],
  ['received_at', 'timestamptz', ({ report }) => report.receivedAt],
  ['is_news', 'boolean', ({ isNewsInGroup }) => isNewsInGroup],
]);

/**
 * Answers the statement that keeps a group of reports, or none. What a station says again is kept once: with a time of its
 * own, whenever it said so before; without, as long as it has said nothing else of the kind since.
 */
export function reportStatements(facts: readonly StationReported[], newId: () => string): Statement[] {
  const reports = reportsWithoutRepeats(facts);
  if (reports.length === 0) return [];
  const isSame = `(r.status, r.security_event, r.request_id, r.details, r.reason)
    is not distinct from (f.status, f.security_event, f.request_id, f.details, f.reason)`;
  const ofKind = `r.tenant_id = f.tenant_id and r.charging_station_id = f.station_id and r.kind = f.kind`;
  const text = `insert into station_reports
      (tenant_id, id, charging_station_id, kind, status, security_event, request_id, details, reason, reported_at, received_at,
       created_at, updated_at)
    select f.tenant_id, f.id, f.station_id, f.kind, f.status, f.security_event, f.request_id, f.details, f.reason,
           coalesce(f.told_at, f.received_at), f.received_at, f.received_at, f.received_at
    from ${rows.from}
    join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id
    where f.is_news or case
      when f.told_at is null then not exists (
        select from (select * from station_reports r where ${ofKind} order by r.reported_at desc limit 1) r where ${isSame})
      else not exists (select from station_reports r where ${ofKind} and r.reported_at = f.told_at and ${isSame})
    end`;
  return [{ text, values: rows.values(reports.map((report) => ({ ...report, id: newId() }))) }];
}
