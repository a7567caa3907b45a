// station_errors, seen through their charging station, each with the maintenance window that covers it. Reports open and
// end them (`errorStatements`); nothing else writes them.

import { errorChanges, isFault } from '../domain/index.ts';
import type { ConnectorReported } from '../domain/index.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import { column } from './columns.ts';
import type { Session, Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';
import { nextVersion } from './versions.ts';

// A window covers an error that started within it, of the whole station or of the same connector. What the work left
// broken must be seen: one that lasts beyond the window's end is covered until then only. It stands in a sub-select, which
// a count need not evaluate, or can as one anti-join.
const coveringWindow = `from maintenance_windows w
  where w.tenant_id = $1 and w.charging_station_id = s.charging_station_id
    and (w.connector_id is null or w.connector_id = s.connector_id)
    and w.starts_at <= s.started_at and s.started_at < w.ends_at
    and (s.ended_at <= w.ends_at or $2::timestamptz < w.ends_at)`;

const table = {
  name: 'station_errors',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    connectorId: { sql: 's.connector_id', type: 'uuid' },
    connectorNumber: { sql: 's.connector_number', type: 'integer' },
    errorCode: { sql: 's.error_code', type: 'text' },
    vendorErrorCode: { sql: 's.vendor_error_code', type: 'text' },
    vendorId: { sql: 's.vendor_id', type: 'text' },
    info: { sql: 's.info', type: 'text' },
    status: { sql: 's.status', type: 'text' },
    startedAt: { sql: 's.started_at', type: 'timestamptz' },
    endedAt: { sql: 's.ended_at', type: 'timestamptz' },
    isOpen: { sql: '(s.ended_at is null)', type: 'boolean' },
    isCovered: { sql: `exists (select ${coveringWindow})`, type: 'boolean' },
    maintenanceWindowId: { sql: `(select min(w.id) ${coveringWindow})`, type: 'integer' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type StationErrorField = keyof typeof table.fields;
export const stationErrorFields = Object.keys(table.fields) as readonly StationErrorField[];

export const stationErrorsIn = (session: Session) => readRows(session, table);

const told = `s.tenant_id, s.charging_station_id, s.id, s.connector_id, s.connector_number, s.error_code,
  s.vendor_error_code, s.vendor_id, s.info, s.status, s.started_at, s.ended_at`;
const errorData = {
  errorUuid: 'e.id',
  connectorId: 'e.connector_id',
  connectorNumber: 'e.connector_number',
  errorCode: 'e.error_code',
  vendorErrorCode: 'e.vendor_error_code',
  vendorId: 'e.vendor_id',
  info: 'e.info',
  status: 'e.status',
  startDate: instantJson('e.started_at'),
  endDate: instantJson('e.ended_at'),
};

/**
 * Answers the statements that open and end errors as a group of reports tells, in the order in which these came. They run
 * after the connectors were written. The first change of each connector shares its statements with the first of all
 * others, the second with the second, so a group costs one statement more unless there are faults.
 */
export function errorStatements(facts: readonly ConnectorReported[], newId: () => string): Statement[] {
  const ofConnectors = Map.groupBy(facts, (fact) => `${fact.chargingStationId}/${fact.connectorNumber}`);
  const changes = [...ofConnectors.values()].map(errorChanges);
  const most = Math.max(0, ...changes.map(({ length }) => length));
  const rounds = Array.from({ length: most }, (_, at) => changes.flatMap((each) => each.slice(at, at + 1)));
  return rounds.flatMap((reports) => {
    const faults = reports.filter(isFault);
    return [endedStatement(reports), ...(faults.length > 0 ? [openedStatement(faults, newId)] : [])];
  });
}

/**
 * Ends each connector's open error, unless the report repeats it. Clocks of stations jump: none ends before it started,
 * and where the station's says so, ours tells when. */
function endedStatement(reports: readonly ConnectorReported[]): Statement {
  return {
    text: `with ended as (
           update station_errors s
           set ended_at = case when f.at < s.started_at then greatest(s.started_at, f.received_at) else f.at end,
               updated_at = ${nextVersion('f.received_at')}
           from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::timestamptz[],
                       $7::timestamptz[])
             as f (tenant_id, station_id, number, error_code, vendor_error_code, at, received_at)
           where s.tenant_id = f.tenant_id and s.charging_station_id = f.station_id and s.connector_number = f.number
             and s.ended_at is null
             and (s.error_code, s.vendor_error_code) is distinct from (f.error_code, f.vendor_error_code)
           returning ${told}, f.received_at
           ) ${eventInsert('error.closed', { from: 'ended', at: 'e.received_at', data: errorData })}`,
    values: [
      column(reports, (report) => report.tenantId),
      column(reports, (report) => report.chargingStationId),
      column(reports, (report) => report.connectorNumber),
      // Without a fault it is null, which no error has.
      column(reports, (report) => (isFault(report) ? report.errorCode : undefined)),
      column(reports, (report) => report.vendorErrorCode),
      column(reports, (report) => report.at),
      column(reports, (report) => report.receivedAt),
    ],
  };
}

/** Opens an error, or notes what is new of the one that is open: after `endedStatement` it can only be the same. */
function openedStatement(faults: readonly ConnectorReported[], newId: () => string): Statement {
  return {
    text: `with opened as (
           insert into station_errors as s
             (tenant_id, id, charging_station_id, connector_id, connector_number, error_code, vendor_error_code,
              vendor_id, info, status, started_at, created_at, updated_at)
           select f.tenant_id, f.id, f.station_id, case when f.number > 0 then c.id end, f.number, f.error_code,
                  f.vendor_error_code, f.vendor_id, f.info, f.status, f.at, f.received_at, f.received_at
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
                       $9::text[], $10::timestamptz[], $11::timestamptz[])
             as f (tenant_id, id, station_id, number, error_code, vendor_error_code, vendor_id, info, status, at,
                   received_at)
           join connectors c
             on c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id and c.number = f.number
           on conflict (tenant_id, charging_station_id, connector_number) where ended_at is null do update
           set status = excluded.status, info = excluded.info,
               updated_at = ${nextVersion('excluded.updated_at')}
           where (s.status, s.info) is distinct from (excluded.status, excluded.info)
           returning ${told}, s.created_at, s.xmax = 0 as is_new
           ) ${eventInsert('error.opened', { from: 'opened', at: 'e.created_at', data: errorData, where: 'e.is_new' })}`,
    values: [
      column(faults, (fault) => fault.tenantId),
      column(faults, () => newId()),
      column(faults, (fault) => fault.chargingStationId),
      column(faults, (fault) => fault.connectorNumber),
      column(faults, (fault) => fault.errorCode),
      column(faults, (fault) => fault.vendorErrorCode),
      column(faults, (fault) => fault.vendorId),
      column(faults, (fault) => fault.info),
      column(faults, (fault) => fault.status),
      column(faults, (fault) => fault.at),
      column(faults, (fault) => fault.receivedAt),
    ],
  };
}
