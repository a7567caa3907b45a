// latest_meter_values: the newest sample of each measurand, phase and location at a connector, seen through its station.

import type { MeterRead } from '../domain/index.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import { sentRows } from './columns.ts';
import type { Session, Statement } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';

const table = {
  name: 'latest_meter_values',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    connectorNumber: { sql: 's.connector_number', type: 'integer' },
    measuredAt: { sql: 's.measured_at', type: 'timestamptz' },
    samples: {
      sql: '(select json_agg(e.value order by e.key) from jsonb_each(s.samples) e)',
      type: 'json',
    },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type LatestMeterValueField = keyof typeof table.fields;
export const latestMeterValueFields = Object.keys(table.fields) as readonly LatestMeterValueField[];

export const latestMeterValuesIn = (session: Session) => readRows(session, table);

/** Answers the statement that keeps what is newest of a group of readings, if any is a connector's. */
export function latestStatements(facts: readonly MeterRead[], newId: () => string): Statement[] {
  const latest = latestByConnector(facts);
  return latest.length > 0 ? [latestStatement(latest, newId)] : [];
}

type Latest = { readonly fact: MeterRead; readonly connectorNumber: number; readonly samples: string };

function latestByConnector(facts: readonly MeterRead[]): Latest[] {
  const byConnector = Map.groupBy(
    facts.filter((fact) => fact.connectorNumber !== undefined),
    (fact) => `${fact.chargingStationId}/${fact.connectorNumber}`,
  );
  return [...byConnector.values()].flatMap((ofConnector) => {
    const inOrder =
      ofConnector.length === 1
        ? ofConnector
        : ofConnector.toSorted((a, b) => a.measuredAt.getTime() - b.measuredAt.getTime());
    const fact = inOrder.at(-1);
    if (fact?.connectorNumber === undefined) return [];
    return [{ fact, connectorNumber: fact.connectorNumber, samples: JSON.stringify(newestSamples(inOrder)) }];
  });
}

function newestSamples(inOrder: readonly MeterRead[]): Record<string, unknown> {
  const newest: Record<string, unknown> = {};
  for (const fact of inOrder) {
    const measuredAt = fact.measuredAt.toISOString();
    for (const sample of fact.samples) {
      newest[`${sample.measurand} ${sample.phase ?? ''} ${sample.location}`] = { ...sample, measuredAt };
    }
  }
  return newest;
}

const rows = sentRows<Latest & { readonly id: string }>([
  ['tenant_id', 'uuid', ({ fact }) => fact.tenantId],
  ['id', 'uuid', ({ id }) => id],
  ['station_id', 'uuid', ({ fact }) => fact.chargingStationId],
  ['connector_number', 'integer', ({ connectorNumber }) => connectorNumber],
  ['measured_at', 'timestamptz', ({ fact }) => fact.measuredAt],
  ['samples', 'jsonb', ({ samples }) => samples],
]);

/** What an offline station sends afterwards is older than what is there, and changes nothing. */
function latestStatement(latest: readonly Latest[], newId: () => string): Statement {
  return {
    text: `insert into latest_meter_values as s
             (tenant_id, id, charging_station_id, connector_number, measured_at, samples)
           select f.tenant_id, f.id, f.station_id, f.connector_number, f.measured_at, f.samples
           from ${rows.from}
           join charging_stations station on station.tenant_id = f.tenant_id and station.id = f.station_id
           on conflict (tenant_id, charging_station_id, connector_number) do update
           set samples = s.samples || excluded.samples, measured_at = excluded.measured_at
           where s.measured_at <= excluded.measured_at`,
    values: rows.values(latest.map((newest) => ({ ...newest, id: newId() }))),
  };
}
