// meter_values, seen through their charging station: what meters read, a row an instant. Ids begin with the instant and end
// with a hash of all that was read: what is sent again is the same row, and the order of ids is that of the instants.

import { hash } from 'node:crypto';
import { energyRegisterWh } from '../domain/index.ts';
import type { MeterRead } from '../domain/index.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import { column } from './columns.ts';
import type { Session, Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import { latestStatements } from './latest_meter_values.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';
import type { PartitionedTable } from './time_partitions.ts';
import { idTime } from './timed_ids.ts';
import { nextVersion } from './versions.ts';

const table = {
  name: 'meter_values',
  id: { sql: 's.id', type: 'uuid' },
  idsTell: 'measuredAt',
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    connectorNumber: { sql: 's.connector_number', type: 'integer' },
    transactionId: { sql: 's.transaction_id', type: 'integer' },
    measuredAt: { sql: 's.measured_at', type: 'timestamptz' },
    receivedAt: { sql: 's.received_at', type: 'timestamptz' },
    samples: { sql: 's.samples', type: 'json' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type MeterValueField = keyof typeof table.fields;
export const meterValueFields = Object.keys(table.fields) as readonly MeterValueField[];

export const meterValuesIn = (session: Session) => readRows(session, table);

export const meterValuePartitions: PartitionedTable = {
  name: 'meter_values',
  instant: 'measured_at',
  received: 'received_at',
  period: 'month',
  retention: 'meter_value_days',
};

/** Answers the statements that keep what was read, the newest of it by connector, and how far transactions have come. */
export function meterStatements(facts: readonly MeterRead[], newId: () => string): Statement[] {
  if (facts.length === 0) return [];
  const registers = registersOfTransactions(facts);
  return [
    insertStatement(facts),
    ...latestStatements(facts, newId),
    ...(registers.length > 0 ? [registerStatement(registers)] : []),
  ];
}

/** A UUID of version 8 (RFC 9562 §5.8): 48 bits of the instant in milliseconds, 74 of a hash. */
function idOf(fact: MeterRead, samples: string): string {
  const { chargingStationId, connectorNumber, reportedId, measuredAt } = fact;
  const instant = measuredAt.getTime();
  const read = hash('sha256', `${chargingStationId} ${connectorNumber} ${reportedId} ${instant} ${samples}`);
  const variant = ((Number.parseInt(read.slice(3, 4), 16) & 3) | 8).toString(16);
  return `${idTime(measuredAt)}-8${read.slice(0, 3)}-${variant}${read.slice(4, 7)}-${read.slice(7, 19)}`;
}

const transactionUpdated = eventInsert('transaction.updated', {
  from: 'kept',
  at: 'e.received_at',
  data: {
    transactionId: 'e.transaction_id',
    connectorNumber: 'e.connector_number',
    measuredAt: instantJson('e.measured_at'),
    samples: 'e.samples',
  },
  where: `exists (select from transactions t
                  where t.tenant_id = e.tenant_id and t.id = e.transaction_id and t.stopped_at is null)`,
  order: 'e.measured_at',
});

function insertStatement(facts: readonly MeterRead[]): Statement {
  const samples = facts.map((fact) => JSON.stringify(fact.samples));
  return {
    text: `with kept as (
           insert into meter_values
             (tenant_id, id, charging_station_id, connector_number, transaction_id, measured_at, received_at, samples)
           select f.tenant_id, f.id, f.station_id, coalesce(f.connector_number, t.connector_number), t.id, f.measured_at,
                  f.received_at, f.samples
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::bigint[], $6::timestamptz[],
                       $7::timestamptz[], $8::json[])
             as f (tenant_id, id, station_id, connector_number, reported_id, measured_at, received_at, samples)
           join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id
           left join lateral (
             (select n.id, n.connector_number from transactions n
              where n.tenant_id = f.tenant_id and n.id = f.reported_id and n.charging_station_id = f.station_id)
             union all
             (select r.id, r.connector_number from transactions r
              where r.tenant_id = f.tenant_id and r.charging_station_id = f.station_id
                and r.reported_id = f.reported_id and r.reported_id <> r.id
              order by r.stopped_at desc limit 1)
             limit 1
           ) t on true
           on conflict do nothing
           returning tenant_id, charging_station_id, connector_number, transaction_id, measured_at, received_at, samples
           ) ${transactionUpdated}`,
    values: [
      column(facts, (fact) => fact.tenantId),
      facts.map((fact, at) => idOf(fact, samples[at] ?? '')),
      column(facts, (fact) => fact.chargingStationId),
      column(facts, (fact) => fact.connectorNumber),
      column(facts, (fact) => fact.reportedId),
      column(facts, (fact) => fact.measuredAt),
      column(facts, (fact) => fact.receivedAt),
      samples,
    ],
  };
}

type Register = { readonly fact: MeterRead; readonly wh: number };

function registersOfTransactions(facts: readonly MeterRead[]): Register[] {
  const highest = new Map<string, Register>();
  for (const fact of facts) {
    const wh = energyRegisterWh(fact.samples);
    if (wh === undefined || fact.reportedId === undefined) continue;
    const key = `${fact.chargingStationId}/${fact.reportedId}`;
    if (wh > (highest.get(key)?.wh ?? -1)) highest.set(key, { fact, wh });
  }
  return [...highest.values()];
}

function registerStatement(registers: readonly Register[]): Statement {
  return {
    text: `update transactions s
           set meter_latest_wh = f.wh, updated_at = ${nextVersion('f.received_at')}
           from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::timestamptz[])
             as f (tenant_id, station_id, id, wh, received_at)
           where s.tenant_id = f.tenant_id and s.id = f.id and s.charging_station_id = f.station_id
             and s.stopped_at is null and f.wh > coalesce(s.meter_latest_wh, -1)`,
    values: [
      column(registers, ({ fact }) => fact.tenantId),
      column(registers, ({ fact }) => fact.chargingStationId),
      column(registers, ({ fact }) => fact.reportedId),
      column(registers, ({ wh }) => wh),
      column(registers, ({ fact }) => fact.receivedAt),
    ],
  };
}
