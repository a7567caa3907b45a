// configurations: the configuration keys that stations told, seen through their charging station. A key is the same
// without regard to case.

import type { StationBooted, ToldConfiguration } from '../domain/index.ts';
import { caseless, caselessText } from './caseless.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import { sentRows } from './columns.ts';
import type { Session, Statement } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';
import { nextVersion } from './versions.ts';

const table = {
  name: 'configurations',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    key: { sql: 's.key', type: 'text', isCaseless: true },
    value: { sql: 's.value', type: 'text' },
    isReadonly: { sql: 's.is_readonly', type: 'boolean' },
    needsReboot: { sql: 's.needs_reboot', type: 'boolean' },
    fetchedAt: { sql: 's.fetched_at', type: 'timestamptz' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type ConfigurationField = keyof typeof table.fields;
export const configurationFields = Object.keys(table.fields) as readonly ConfigurationField[];

/** What a station told of its configuration, and when. */
export type FetchedConfiguration = ToldConfiguration & {
  readonly tenantId: string;
  readonly chargingStationId: string;
  readonly fetchedAt: Date;
};

export const configurationsIn = (session: Session) => readRows(session, table);

type ToldKey = ToldConfiguration['keys'][number] & { readonly id: string };

const toldKeys = sentRows<ToldKey>(
  [
    ['id', 'uuid', (told) => told.id],
    ['key', 'text', (told) => told.key],
    ['value', 'text', (told) => told.value],
    ['is_readonly', 'boolean', (told) => told.isReadonly],
    ['needs_reboot', 'boolean', (told) => told.needsReboot],
  ],
  { after: 5 },
);

/**
 * Keeps what a station told. A key that was known keeps its id, and its version where nothing of it changed. Nothing happens
 * when the station was deleted meanwhile.
 */
export function fetchedStatement(fetched: FetchedConfiguration, newId: () => string): Statement {
  const { tenantId, chargingStationId, keys, unknownKeys, isComplete, fetchedAt } = fetched;
  return {
    text: `with told as (
             select distinct on (${caseless('f.key')}) f.*
             from ${toldKeys.inOrder}
             order by ${caseless('f.key')}, f.at desc
           ), gone as (
             delete from configurations c
             where c.tenant_id = $1 and c.charging_station_id = $2
               and case when $4
                 then not exists (select from told where ${caseless('told.key')} = ${caseless('c.key')})
                 else ${caseless('c.key')} = any ($5::text[])
               end
           )
           insert into configurations as s
             (tenant_id, id, charging_station_id, key, value, is_readonly, needs_reboot, fetched_at, created_at,
              updated_at)
           select $1, told.id, station.id, told.key, told.value, told.is_readonly, told.needs_reboot, $3, $3, $3
           from told join charging_stations station on station.tenant_id = $1 and station.id = $2
           on conflict (tenant_id, charging_station_id, ${caseless('key')}) do update
           set key = excluded.key, value = excluded.value, is_readonly = excluded.is_readonly,
               needs_reboot = excluded.needs_reboot, fetched_at = excluded.fetched_at,
               updated_at = case
                 when (s.key, s.value, s.is_readonly, s.needs_reboot)
                   is distinct from (excluded.key, excluded.value, excluded.is_readonly, excluded.needs_reboot)
                 then ${nextVersion('excluded.updated_at')} else s.updated_at
               end`,
    values: [
      tenantId,
      chargingStationId,
      fetchedAt,
      isComplete,
      unknownKeys.map(caselessText),
      ...toldKeys.values(keys.map((key) => ({ ...key, id: newId() }))),
    ],
  };
}

const bootedRows = sentRows<StationBooted>([
  ['tenant_id', 'uuid', (boot) => boot.tenantId],
  ['station_id', 'uuid', (boot) => boot.chargingStationId],
  ['at', 'timestamptz', (boot) => boot.at],
]);

/** What stations were told before they booted counts now. */
export function rebootedStatement(boots: readonly StationBooted[]): Statement {
  return {
    text: `update configurations s set needs_reboot = false, updated_at = ${nextVersion('f.at')}
           from ${bootedRows.from}
           where s.tenant_id = f.tenant_id and s.charging_station_id = f.station_id and s.needs_reboot`,
    values: bootedRows.values(boots),
  };
}
