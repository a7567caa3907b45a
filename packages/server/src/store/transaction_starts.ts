// Transactions as stations start them. What is still active on the connector ends, and a start that comes after its stop is
// put before it.

import type { TransactionStarted } from '../domain/index.ts';
import { caselessText } from './caseless.ts';
import { sentRows } from './columns.ts';
import { authorizationIn, authorizationOf } from './driver_authorizations.ts';
import type { AuthorizationRow } from './driver_authorizations.ts';
import type { Step } from './fact_step.ts';
import { nextNumbers } from './id_counters.ts';
import { tellsOfStarts, tellsOfStops, told } from './transaction_events.ts';
import { nextVersion } from './versions.ts';

/** SQL: two rows are the same start. */
export const sameStart = (one: string, other: string) =>
  `${one}.tenant_id = ${other}.tenant_id and ${one}.charging_station_id = ${other}.charging_station_id
   and ${one}.connector_number = ${other}.connector_number and ${one}.started_at = ${other}.started_at
   and ${one}.driver_token_key = ${other}.driver_token_key
   and ${one}.meter_start_wh = ${other}.meter_start_wh`;

const started = sentRows<TransactionStarted>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['charging_station_id', 'uuid', (fact) => fact.chargingStationId],
  ['connector_number', 'integer', (fact) => fact.connectorNumber],
  ['driver_token', 'text', (fact) => fact.driverToken],
  ['driver_token_key', 'text', (fact) => caselessText(fact.driverToken)],
  ['meter_start_wh', 'bigint', (fact) => fact.meterStartWh],
  ['reservation_id', 'bigint', (fact) => fact.reservationId],
  ['started_at', 'timestamptz', (fact) => fact.startedAt],
  ['received_at', 'timestamptz', (fact) => fact.receivedAt],
]);

// Its stop overtook it, or came to us alone because this was said while the database was away.
const startsThatCameLate = `with late as (
  update transactions s
  set connector_number = f.connector_number, driver_token = f.driver_token, started_at = f.started_at,
      meter_start_wh = f.meter_start_wh, reservation_id = f.reservation_id,
      flags = array_append(array_remove(s.flags, 'without_start'), 'start_came_late'),
      updated_at = ${nextVersion('f.received_at')}
  from (
    select distinct on (f.at) f.*, t.id from ${started.inOrder}
    join transactions t on t.tenant_id = f.tenant_id and t.charging_station_id = f.charging_station_id
      and t.started_at is null and t.stopped_at >= f.started_at
      and (t.driver_token is null or t.driver_token_key = f.driver_token_key)
      and t.meter_stop_wh >= f.meter_start_wh
    where not exists (select from transactions known where ${sameStart('known', 'f')})
    order by f.at, t.stopped_at
  ) f
  where s.tenant_id = f.tenant_id and s.id = f.id and s.started_at is null
  returning ${told}, f.received_at as told_at
  ) ${tellsOfStarts('late')}`;

// A connector serves one at a time: what was still active there when this began has ended, without a word.
const endsOfEarlierOnes = `with ended as (
  update transactions s
  set stopped_at = f.started_at, meter_stop_wh = coalesce(s.meter_latest_wh, s.meter_start_wh),
      ended_by = 'next_start', updated_at = ${nextVersion('f.received_at')}
  from ${started.inOrder}
  where s.tenant_id = f.tenant_id and s.charging_station_id = f.charging_station_id
    and s.connector_number = f.connector_number and s.stopped_at is null and s.started_at < f.started_at
  returning ${told}, f.received_at as told_at
  ) ${tellsOfStops('ended')}`;

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
             select f.* from ${started.inOrder}
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
             ${tellsOfStarts('made')}
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
  const values = started.values(facts);
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
