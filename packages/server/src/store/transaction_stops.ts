// How transactions end: by the word of their stations, or, where these forget it, by rule. The station's own word, if it
// comes after all, still counts.

import type { TransactionStopped } from '../domain/index.ts';
import { caselessText } from './caseless.ts';
import { sentRows } from './columns.ts';
import type { Database, Statement } from './database.ts';
import { authorizationIn, authorizationOf } from './driver_authorizations.ts';
import type { AuthorizationRow } from './driver_authorizations.ts';
import { inEveryTenant } from './every_tenant.ts';
import type { Step } from './fact_step.ts';
import { nextNumbers } from './id_counters.ts';
import { tellsOfStops, told } from './transaction_events.ts';
import { nextVersion } from './versions.ts';

const stopped = sentRows<TransactionStopped>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['charging_station_id', 'uuid', (fact) => fact.chargingStationId],
  ['reported_id', 'bigint', (fact) => fact.reportedId],
  ['driver_token', 'text', (fact) => fact.driverToken],
  ['driver_token_key', 'text', ({ driverToken }) => driverToken && caselessText(driverToken)],
  ['meter_stop_wh', 'bigint', (fact) => fact.meterStopWh],
  ['reason', 'text', (fact) => fact.reason],
  ['stopped_at', 'timestamptz', (fact) => fact.stoppedAt],
  ['received_at', 'timestamptz', (fact) => fact.receivedAt],
]);

const stopAuthorization = authorizationOf('f', { key: 'f.driver_token_key', now: 'f.received_at' });

// What the station calls by a number that is none of its transactions is looked for among its active ones: it never got our
// number (OCPP 1.6 §3.7.1 leaves it to the station what it sends then; -1 and 0 are common). If that finds none, the stop is
// kept as a transaction without a start.
const keptStops = `with f as materialized (
             select f.* from ${stopped.inOrder}
             join charging_stations station on station.tenant_id = f.tenant_id and station.id = f.charging_station_id
           ), named as (
             select f.*, t.id from f
             join transactions t on t.tenant_id = f.tenant_id and t.id = f.reported_id
               and t.charging_station_id = f.charging_station_id
           ), lost as materialized (
             select f.* from f where not exists (select from named where named.at = f.at)
           ), meant as (
             select distinct on (lost.at) lost.*, t.id from lost
             join transactions t on t.tenant_id = lost.tenant_id and t.charging_station_id = lost.charging_station_id
               and t.stopped_at is null and t.started_at <= lost.stopped_at and t.meter_start_wh <= lost.meter_stop_wh
               and (lost.reported_id <= 0 or t.driver_token_key = lost.driver_token_key)
             order by lost.at, t.started_at desc
           ), matched as (
             select distinct on (tenant_id, id) * from meant order by tenant_id, id, at
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
             ${tellsOfStops('(select * from ended union all select * from kept)')}
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
      values: stopped.values(facts),
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
           ) ${tellsOfStops('ended')}`,
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
