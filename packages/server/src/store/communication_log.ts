// communication_log: what stations and the server said to each other, seen through the charging station. Entries are written
// by communication_writer.ts and never changed; they outlive their station, and go with their day.

import type { CommunicationEntry } from '../domain/index.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import { sentRows } from './columns.ts';
import type { Session, Statement } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';
import type { PartitionedTable } from './time_partitions.ts';

const table = {
  name: 'communication_log',
  id: { sql: 's.id', type: 'uuid' },
  idsTell: 'at',
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    at: { sql: 's.at', type: 'timestamptz' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    connectionId: { sql: 's.connection_id', type: 'uuid' },
    kind: { sql: 's.kind', type: 'text' },
    direction: { sql: 's.direction', type: 'text' },
    action: { sql: 's.action', type: 'text' },
    messageId: { sql: 's.message_id', type: 'text' },
    payload: { sql: 's.payload', type: 'text' },
    answer: { sql: 's.answer', type: 'text' },
    errorCode: { sql: 's.error_code', type: 'text' },
    errorDescription: { sql: 's.error_description', type: 'text' },
    latencyMs: { sql: 's.latency_ms', type: 'integer' },
    deviations: { sql: `coalesce(s.deviations, '[]')`, type: 'json' },
    note: { sql: 's.note', type: 'text' },
    hasProblem: { sql: 's.has_problem', type: 'boolean' },
    isCut: { sql: 's.is_cut', type: 'boolean' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type CommunicationLogField = keyof typeof table.fields;
export const communicationLogFields = Object.keys(table.fields) as readonly CommunicationLogField[];

export const communicationLogPartitions: PartitionedTable = {
  name: table.name,
  instant: 'at',
  received: 'at',
  period: 'day',
  retention: 'communication_log_days',
};

export const communicationLogIn = (session: Session) => readRows(session, table);

export type KeptEntry = { readonly id: string; readonly entry: CommunicationEntry };

const rows = sentRows<KeptEntry>([
  ['tenant_id', 'uuid', ({ entry }) => entry.tenantId],
  ['id', 'uuid', ({ id }) => id],
  ['at', 'timestamptz', ({ entry }) => entry.at],
  ['charging_station_id', 'uuid', ({ entry }) => entry.chargingStationId],
  ['connection_id', 'uuid', ({ entry }) => entry.connectionId],
  ['kind', 'text', ({ entry }) => entry.kind],
  ['direction', 'text', ({ entry }) => entry.direction],
  ['action', 'text', ({ entry }) => entry.action],
  ['message_id', 'text', ({ entry }) => entry.messageId],
  ['payload', 'text', ({ entry }) => entry.payload],
  ['answer', 'text', ({ entry }) => entry.answer],
  ['error_code', 'text', ({ entry }) => entry.errorCode],
  ['error_description', 'text', ({ entry }) => entry.errorDescription],
  ['latency_ms', 'integer', ({ entry }) => entry.latencyMs],
  [
    'deviations',
    'json',
    ({ entry }) => (entry.deviations?.length ? JSON.stringify(entry.deviations) : undefined),
  ],
  ['note', 'text', ({ entry }) => entry.note],
  ['has_problem', 'boolean', ({ entry }) => entry.hasProblem],
  ['is_cut', 'boolean', ({ entry }) => entry.isCut],
]);

export const entriesStatement = (entries: readonly KeptEntry[]): Statement => ({
  text: `insert into communication_log (${rows.names}) select ${rows.names} from ${rows.from}`,
  values: rows.values(entries),
});
