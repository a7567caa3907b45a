// meter_values, seen through their charging station: what meters read, a row an instant. Ids begin with the instant and end
// with a hash of all that was read: what is sent again is the same row, and the order of ids is that of the instants.

import { hash } from 'node:crypto';
import { energyRegisterWh } from '../domain/index.ts';
import type { MeterRead } from '../domain/index.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import { sentRows } from './columns.ts';
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
type Reading = { readonly fact: MeterRead; readonly id: string; readonly samples: string };

function readingOf(fact: MeterRead): Reading {
  const samples = JSON.stringify(fact.samples);
  return { fact, id: idOf(fact, samples), samples };
}

const readings = sentRows<Reading>([
  ['tenant_id', 'uuid', ({ fact }) => fact.tenantId],
  ['id', 'uuid', ({ id }) => id],
  ['station_id', 'uuid', ({ fact }) => fact.chargingStationId],
  ['connector_number', 'integer', ({ fact }) => fact.connectorNumber],
  ['reported_id', 'bigint', ({ fact }) => fact.reportedId],
  ['measured_at', 'timestamptz', ({ fact }) => fact.measuredAt],
  ['received_at', 'timestamptz', ({ fact }) => fact.receivedAt],
  ['samples', 'json', ({ samples }) => samples],
]);

function insertStatement(facts: readonly MeterRead[]): Statement {
  return {
    text: `with kept as (
           insert into meter_values
             (tenant_id, id, charging_station_id, connector_number, transaction_id, measured_at, received_at, samples)
           select f.tenant_id, f.id, f.station_id, coalesce(f.connector_number, t.connector_number), t.id, f.measured_at,
                  f.received_at, f.samples
           from ${readings.from}
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
    values: readings.values(facts.map(readingOf)),
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

const registerRows = sentRows<Register>([
  ['tenant_id', 'uuid', ({ fact }) => fact.tenantId],
  ['station_id', 'uuid', ({ fact }) => fact.chargingStationId],
  ['id', 'bigint', ({ fact }) => fact.reportedId],
  ['wh', 'bigint', ({ wh }) => wh],
  ['received_at', 'timestamptz', ({ fact }) => fact.receivedAt],
]);

function registerStatement(registers: readonly Register[]): Statement {
  return {
    text: `update transactions s
           set meter_latest_wh = f.wh, updated_at = ${nextVersion('f.received_at')}
           from ${registerRows.from}
           where s.tenant_id = f.tenant_id and s.id = f.id and s.charging_station_id = f.station_id
             and s.stopped_at is null and f.wh > coalesce(s.meter_latest_wh, -1)`,
    values: registerRows.values(registers),
  };
}
