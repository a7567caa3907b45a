// transactions, seen through their charging station; they outlive it. Stations start and stop them; what these forget to
// stop is ended by rule (`endLeftTransactions`), and the station's own word, if it comes after all, still counts.

import type { TransactionStarted, TransactionStopped } from '../domain/index.ts';
import { caselessText } from './caseless.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import { column } from './columns.ts';
import type { Database, Session, Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import { inEveryTenant } from './every_tenant.ts';
import { authorizationIn, authorizationOf } from './driver_authorizations.ts';
import type { AuthorizationRow } from './driver_authorizations.ts';
import type { Step } from './fact_step.ts';
import { nextNumbers } from './id_counters.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';
import { nextVersion } from './versions.ts';

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

/** SQL: two rows are the same start. */
export const sameStart = (one: string, other: string) =>
  `${one}.tenant_id = ${other}.tenant_id and ${one}.charging_station_id = ${other}.charging_station_id
   and ${one}.connector_number = ${other}.connector_number and ${one}.started_at = ${other}.started_at
   and ${one}.driver_token_key = ${other}.driver_token_key
   and ${one}.meter_start_wh = ${other}.meter_start_wh`;

const starts = `unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
    $8::timestamptz[], $9::timestamptz[]) with ordinality
  as f (tenant_id, charging_station_id, connector_number, driver_token, driver_token_key, meter_start_wh, reservation_id,
        started_at, received_at, at)`;

const startValues = (facts: readonly TransactionStarted[]): unknown[] => [
  column(facts, (fact) => fact.tenantId),
  column(facts, (fact) => fact.chargingStationId),
  column(facts, (fact) => fact.connectorNumber),
  column(facts, (fact) => fact.driverToken),
  column(facts, (fact) => caselessText(fact.driverToken)),
  column(facts, (fact) => fact.meterStartWh),
  column(facts, (fact) => fact.reservationId),
  column(facts, (fact) => fact.startedAt),
  column(facts, (fact) => fact.receivedAt),
];

const told = `s.tenant_id, s.charging_station_id, s.id, s.connector_number, s.driver_token, s.authorization_status,
  s.reservation_id, s.started_at, s.stopped_at, s.meter_start_wh, s.meter_stop_wh, s.stop_reason, s.ended_by, s.flags`;
const startData = {
  transactionId: 'e.id',
  connectorNumber: 'e.connector_number',
  driverToken: 'e.driver_token',
  authorizationStatus: 'e.authorization_status',
  reservationId: 'e.reservation_id',
  startDate: instantJson('e.started_at'),
  meterStartWh: 'e.meter_start_wh',
};
const stopData = {
  ...startData,
  endDate: instantJson('e.stopped_at'),
  meterStopWh: 'e.meter_stop_wh',
  energyWh: 'greatest(0, e.meter_stop_wh - e.meter_start_wh)',
  stopReason: 'e.stop_reason',
  endedBy: 'e.ended_by',
  flags: 'array_to_json(e.flags)',
};
const started = (from: string) =>
  eventInsert('transaction.started', { from, at: 'e.told_at', data: startData });
const stopped = (from: string) =>
  eventInsert('transaction.stopped', { from, at: 'e.told_at', data: stopData });

// Its stop overtook it, or came to us alone because this was said while the database was away.
const startsThatCameLate = `with late as (
  update transactions s
  set connector_number = f.connector_number, driver_token = f.driver_token, started_at = f.started_at,
      meter_start_wh = f.meter_start_wh, reservation_id = f.reservation_id,
      flags = array_append(array_remove(s.flags, 'without_start'), 'start_came_late'),
      updated_at = ${nextVersion('f.received_at')}
  from (
    select distinct on (f.at) f.*, t.id from ${starts}
    join transactions t on t.tenant_id = f.tenant_id and t.charging_station_id = f.charging_station_id
      and t.started_at is null and t.stopped_at >= f.started_at
      and (t.driver_token is null or t.driver_token_key = f.driver_token_key)
      and t.meter_stop_wh >= f.meter_start_wh
    where not exists (select from transactions known where ${sameStart('known', 'f')})
    order by f.at, t.stopped_at
  ) f
  where s.tenant_id = f.tenant_id and s.id = f.id and s.started_at is null
  returning ${told}, f.received_at as told_at
  ) ${started('late')}`;

// A connector serves one at a time: what was still active there when this began has ended, without a word.
const endsOfEarlierOnes = `with ended as (
  update transactions s
  set stopped_at = f.started_at, meter_stop_wh = coalesce(s.meter_latest_wh, s.meter_start_wh),
      ended_by = 'next_start', updated_at = ${nextVersion('f.received_at')}
  from ${starts}
  where s.tenant_id = f.tenant_id and s.charging_station_id = f.charging_station_id
    and s.connector_number = f.connector_number and s.stopped_at is null and s.started_at < f.started_at
  returning ${told}, f.received_at as told_at
  ) ${stopped('ended')}`;

const startAuthorization = authorizationOf('f', {
  key: 'f.driver_token_key',
  now: 'f.received_at',
  chargesElsewhere: `(
    exists (
      select from transactions t where t.tenant_id = f.tenant_id and t.stopped_at is null
        and t.driver_token_key = f.driver_token_key and not (${sameStart('t', 'f')})
    ) or exists (
      select from f g where g.at < f.at and g.tenant_id = f.tenant_id
        and g.driver_token_key = f.driver_token_key
        and g.charging_station_id <> f.charging_station_id
    ))`,
});

// What is known already stays as it is and keeps its number: a repeat of a start gets the same answer.
const insertedStarts = `with f as materialized (
             select f.* from ${starts}
             join charging_stations station on station.tenant_id = f.tenant_id and station.id = f.charging_station_id
           ), answered as (
             select f.*, known.id, known.authorization_status as known_status, ${startAuthorization.columns}
             from f ${startAuthorization.joins} left join transactions known on ${sameStart('known', 'f')}
           ), fresh as (
             select distinct on (tenant_id, charging_station_id, connector_number, started_at, driver_token_key,
                                 meter_start_wh) *
             from answered where id is null
           ), ${nextNumbers('transactions', 'fresh')}, made as (
             insert into transactions as s
               (tenant_id, id, reported_id, charging_station_id, connector_number, driver_token, authorization_status,
                reservation_id, started_at, meter_start_wh, created_at, updated_at)
             select tenant_id, number, number, charging_station_id, connector_number, driver_token, status,
                    reservation_id, started_at, meter_start_wh, received_at, received_at
             from numbered
             on conflict do nothing
             returning *, created_at as told_at
           ), told as (
             ${started('made')}
           )
           select a.at::int as at, coalesce(a.id, made.id) as id, coalesce(a.known_status, a.status) as status,
                  a.expires_at, a.parent_value
           from answered a left join made on ${sameStart('made', 'a')}`;

type StartedRow = AuthorizationRow & { readonly at: number; readonly id: number | null };

/**
 * Answers the steps that keep what began, if anything did. A fact has no result where its station is gone, or another process
 * was quicker: it is to be said again.
 */
export function startSteps(facts: readonly TransactionStarted[]): Step[] {
  if (facts.length === 0) return [];
  const values = startValues(facts);
  return [
    { text: startsThatCameLate, values },
    { text: endsOfEarlierOnes, values },
    {
      text: insertedStarts,
      values,
      results: (rows) =>
        (rows as StartedRow[]).flatMap((row) => {
          const fact = facts[row.at - 1];
          if (fact === undefined || row.id === null) return [];
          return [[fact, { transactionId: row.id, authorization: authorizationIn(row) }] as const];
        }),
    },
  ];
}

const stopAuthorization = authorizationOf('f', { key: 'f.driver_token_key', now: 'f.received_at' });

// What the station calls by a number that is none of its transactions is looked for among its active ones: it never got our
// number (OCPP 1.6 §3.7.1 leaves it to the station what it sends then; -1 and 0 are common). If that finds none, the stop is
// kept as a transaction without a start.
const keptStops = `with f as materialized (
             select f.* from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[],
                                    $7::text[], $8::timestamptz[], $9::timestamptz[]) with ordinality
               as f (tenant_id, charging_station_id, reported_id, driver_token, driver_token_key, meter_stop_wh, reason,
                     stopped_at, received_at, at)
             join charging_stations station on station.tenant_id = f.tenant_id and station.id = f.charging_station_id
           ), named as (
             select f.*, t.id from f
             join transactions t on t.tenant_id = f.tenant_id and t.id = f.reported_id
               and t.charging_station_id = f.charging_station_id
           ), lost as materialized (
             select f.* from f where not exists (select from named where named.at = f.at)
           ), matched as (
             select distinct on (lost.at) lost.*, t.id from lost
             join transactions t on t.tenant_id = lost.tenant_id and t.charging_station_id = lost.charging_station_id
               and t.stopped_at is null and t.started_at <= lost.stopped_at and t.meter_start_wh <= lost.meter_stop_wh
               and (lost.reported_id <= 0 or t.driver_token_key = lost.driver_token_key)
             order by lost.at, t.started_at desc
           ), ended as (
             update transactions s
             set stopped_at = e.stopped_at, meter_stop_wh = e.meter_stop_wh, stop_reason = e.reason,
                 stop_driver_token = e.driver_token, ended_by = 'station',
                 reported_id = e.reported_id,
                 flags = s.flags
                   || case when e.is_matched then array['stop_matched'] else '{}' end
                   || case when s.ended_by is null then '{}' else array['stop_came_late'] end
                   || case when e.meter_stop_wh < s.meter_start_wh then array['meter_went_back'] else '{}' end
                   || case when e.stopped_at < s.started_at then array['clock_went_back'] else '{}' end,
                 updated_at = ${nextVersion('e.received_at')}
             from (select *, false as is_matched from named union all select *, true from matched) e
             where s.tenant_id = e.tenant_id and s.id = e.id and s.ended_by is distinct from 'station'
             returning ${told}, e.received_at as told_at
           ), fresh as (
             select distinct on (tenant_id, charging_station_id, reported_id, stopped_at) lost.* from lost
             where not exists (select from matched where matched.at = lost.at)
               and not exists (
                 select from transactions t where t.tenant_id = lost.tenant_id
                   and t.charging_station_id = lost.charging_station_id and t.reported_id = lost.reported_id
                   and t.stopped_at = lost.stopped_at
               )
           ), ${nextNumbers('transactions', 'fresh')}, kept as (
             insert into transactions as s
               (tenant_id, id, reported_id, charging_station_id, driver_token, stopped_at, meter_stop_wh, stop_reason,
                stop_driver_token, ended_by, flags, created_at, updated_at)
             select tenant_id, number, reported_id, charging_station_id, driver_token, stopped_at, meter_stop_wh, reason,
                    driver_token, 'station', array['without_start'], received_at, received_at
             from numbered
             on conflict do nothing
             returning ${told}, s.created_at as told_at
           ), told as (
             ${stopped('(select * from ended union all select * from kept)')}
           )
           select f.at::int as at, ${stopAuthorization.columns} from f ${stopAuthorization.joins}
           where f.driver_token is not null`;

type StoppedRow = AuthorizationRow & { readonly at: number };

/** Answers the step that ends what stations say has ended, if anything has. */
export function stopSteps(facts: readonly TransactionStopped[]): Step[] {
  if (facts.length === 0) return [];
  return [
    {
      text: keptStops,
      values: [
        column(facts, (fact) => fact.tenantId),
        column(facts, (fact) => fact.chargingStationId),
        column(facts, (fact) => fact.reportedId),
        column(facts, (fact) => fact.driverToken),
        column(facts, ({ driverToken }) => driverToken && caselessText(driverToken)),
        column(facts, (fact) => fact.meterStopWh),
        column(facts, (fact) => fact.reason),
        column(facts, (fact) => fact.stoppedAt),
        column(facts, (fact) => fact.receivedAt),
      ],
      results: (rows) =>
        (rows as StoppedRow[]).flatMap((row) => {
          const fact = facts[row.at - 1];
          return fact === undefined ? [] : [[fact, authorizationIn(row)] as const];
        }),
    },
  ];
}

// Long enough for a station to send again what it could not (TransactionMessageRetryInterval doubles, OCPP 1.6 §3.7.2).
const freeForMs = 60 * 60 * 1000;
const lostForMs = 7 * 24 * 60 * 60 * 1000;

/**
 * Ends transactions that nobody will: an hour after the station told that the connector is available again, and a week after
 * the station was last heard.
 */
export async function endLeftTransactions(database: Database, now: Date): Promise<void> {
  const ended = (by: string, silentForMs: number, { at, from }: { at: string; from: string }): Statement => ({
    text: `with ended as (
           update transactions s
           set stopped_at = greatest(s.started_at, ${at}), meter_stop_wh = coalesce(s.meter_latest_wh, s.meter_start_wh),
               ended_by = '${by}', updated_at = ${nextVersion('$1::timestamptz')}
           from ${from} and s.stopped_at is null
           returning ${told}, $1::timestamptz as told_at
           ) ${stopped('ended')}`,
    values: [now, new Date(now.getTime() - silentForMs)],
  });
  await inEveryTenant(database, [
    ended('connector_available', freeForMs, {
      at: 'c.status_at',
      from: `connectors c where c.tenant_id = s.tenant_id and c.charging_station_id = s.charging_station_id
               and c.number = s.connector_number and c.status = 'Available' and c.updated_at > s.created_at
               and c.updated_at <= $2`,
    }),
    ended('station_lost', lostForMs, {
      at: 'c.last_seen_at',
      from: `station_connections c where c.tenant_id = s.tenant_id and c.charging_station_id = s.charging_station_id
               and c.connection_id is null and c.last_seen_at <= $2`,
    }),
  ]);
}
