// charging_station_models: numbered per tenant from 1. The whole tenant's, also for API clients bound to a company: a
// model is a device's make, nobody's property.

import { Conflict } from '../domain/index.ts';
import type { Visibility } from '../domain/index.ts';
import { brokenConstraint } from './database.ts';
import type { Session } from './database.ts';
import { nextNumber } from './id_counters.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { columnsOf, deleteRow, findRow, listedPage, updateRow } from './resource_rows.ts';

const table = {
  from: 'charging_station_models s',
  id: { sql: 's.id', type: 'integer' },
  updatedAt: 's.updated_at',
  fields: {
    id: { sql: 's.id', type: 'integer' },
    vendor: { sql: 's.vendor', type: 'text' },
    name: { sql: 's.name', type: 'text' },
    connectors: { sql: 's.connectors', type: 'json' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: () => 's.tenant_id = $1',
} as const satisfies ListedTable<string>;

export type ChargingStationModelField = keyof typeof table.fields;
export const chargingStationModelFields = Object.keys(table.fields) as readonly ChargingStationModelField[];

const written = { vendor: 'vendor', name: 'name', connectors: 'connectors' } as const;
export type WrittenChargingStationModel = { readonly [Field in keyof typeof written]?: unknown };

export function chargingStationModelsIn(session: Session) {
  return {
    page: (visibility: Visibility, query: ListQuery<ChargingStationModelField>) =>
      listedPage(session, table, visibility, query),

    find: (visibility: Visibility, id: string, now: Date) => findRow(session, table, visibility, { id, now }),

    /**
     * @returns the new model's id
     * @throws {Conflict} when the tenant has a model of that vendor and name
     */
    insert: (
      tenantId: string,
      { vendor, name, connectors = [], createdAt }: WrittenChargingStationModel & { createdAt: Date },
    ): Promise<string> =>
      refusing(async () => {
        const [model] = await session.queryAs<{ id: number }>(
          tenantId,
          `with ${nextNumber('charging_station_models')}
           insert into charging_station_models (tenant_id, id, vendor, name, connectors, created_at, updated_at)
           select $1, last_id, $2, $3, $4, $5, $5 from number returning id`,
          [tenantId, vendor, name, JSON.stringify(connectors), createdAt],
        );
        return String(model?.id);
      }),

    /**
     * @returns whether there was such a model, not changed since
     * @throws {Conflict} as `insert`
     */
    update: (
      visibility: Visibility,
      change: { id: string; values: WrittenChargingStationModel; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> =>
      refusing(() =>
        updateRow(session, table, 'charging_station_models', visibility, {
          ...change,
          columns: columnsOf(written, change.values),
        }),
      ),

    /**
     * @returns whether there was such a model, not changed since
     * @throws {Conflict} when charging stations are of that model
     */
    delete: (visibility: Visibility, id: string, ifUpdatedAt: string | undefined): Promise<boolean> =>
      refusing(() => deleteRow(session, table, 'charging_station_models', visibility, { id, ifUpdatedAt })),
  };
}

async function refusing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    switch (brokenConstraint(cause)) {
      case 'charging_station_models_tenant_id_vendor_name_key':
        throw new Conflict('There is a model of this vendor with this name already.', {
          cause,
          field: 'name',
        });
      case 'charging_stations_tenant_id_model_id_fkey':
        throw new Conflict('There are charging stations of this model.', { cause });
      default:
        throw cause;
    }
  }
}
