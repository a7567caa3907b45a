// configurations: the configuration keys that stations told, seen through their charging station. A key is the same
// without regard to case.

import { caseless } from './caseless.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import type { Session } from './database.ts';
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
    fetchedAt: { sql: 's.fetched_at', type: 'timestamptz' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleStation,
} as const satisfies ListedTable<string>;

export type ConfigurationField = keyof typeof table.fields;
export const configurationFields = Object.keys(table.fields) as readonly ConfigurationField[];

/** What a station told of its configuration keys. */
export type FetchedConfiguration = {
  readonly chargingStationId: string;
  /** In the order in which it told them; of one that it told twice, the last counts. */
  readonly keys: readonly {
    /** The row's id, where the key is new. */
    readonly id: string;
    readonly key: string;
    readonly value: string | undefined;
    readonly isReadonly: boolean;
  }[];
  /** It told all that it has: keys that it did not tell are gone. */
  readonly isComplete: boolean;
  readonly fetchedAt: Date;
};

export function configurationsIn(session: Session) {
  return {
    ...readRows(session, table),

    /**
     * Keeps what a station told. A key that was known keeps its id, and its version where nothing of it changed. Nothing
     * happens when the station was deleted meanwhile.
     */
    async storeFetched(tenantId: string, fetched: FetchedConfiguration): Promise<void> {
      const { chargingStationId, keys, isComplete, fetchedAt } = fetched;
      await session.queryAs(
        tenantId,
        `with told as (
           select distinct on (${caseless('f.key')}) f.*
           from unnest($4::uuid[], $5::text[], $6::text[], $7::boolean[])
             with ordinality as f (id, key, value, is_readonly, position)
           order by ${caseless('f.key')}, f.position desc
         ), gone as (
           delete from configurations c
           where $8 and c.tenant_id = $1 and c.charging_station_id = $2
             and not exists (select from told where ${caseless('told.key')} = ${caseless('c.key')})
         )
         insert into configurations as s
           (tenant_id, id, charging_station_id, key, value, is_readonly, fetched_at, created_at, updated_at)
         select $1, told.id, station.id, told.key, told.value, told.is_readonly, $3, $3, $3
         from told join charging_stations station on station.tenant_id = $1 and station.id = $2
         on conflict (tenant_id, charging_station_id, ${caseless('key')}) do update
         set key = excluded.key, value = excluded.value, is_readonly = excluded.is_readonly,
             fetched_at = excluded.fetched_at,
             updated_at = case
               when (s.key, s.value, s.is_readonly) is distinct from (excluded.key, excluded.value, excluded.is_readonly)
               then ${nextVersion('excluded.updated_at')} else s.updated_at
             end`,
        [
          tenantId,
          chargingStationId,
          fetchedAt,
          keys.map(({ id }) => id),
          keys.map(({ key }) => key),
          keys.map(({ value }) => value),
          keys.map(({ isReadonly }) => isReadonly),
          isComplete,
        ],
      );
    },
  };
}
