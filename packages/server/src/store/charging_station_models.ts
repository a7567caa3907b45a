// charging_station_models: numbered per tenant from 1. The whole tenant's, also for API clients bound to a company: a
// model is a device's make, nobody's property.

import { Conflict } from '../domain/index.ts';
import { refusingBy } from './broken_rules.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { columnsOf, insertNumberedRow, resourceRows } from './resource_rows.ts';

const table = {
  name: 'charging_station_models',
  id: { sql: 's.id', type: 'integer' },
  fields: {
    id: { sql: 's.id', type: 'integer' },
    vendor: { sql: 's.vendor', type: 'text' },
    name: { sql: 's.name', type: 'text' },
    connectors: { sql: 's.connectors', type: 'json' },
    leniency: { sql: 's.leniency', type: 'text' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: () => 's.tenant_id = $1',
} as const satisfies ListedTable<string>;

export type ChargingStationModelField = keyof typeof table.fields;
export const chargingStationModelFields = Object.keys(table.fields) as readonly ChargingStationModelField[];

const written = { vendor: 'vendor', name: 'name', connectors: 'connectors', leniency: 'leniency' } as const;
export type WrittenChargingStationModel = { readonly [Field in keyof typeof written]?: unknown };

const refusing = refusingBy({
  charging_station_models_tenant_id_vendor_name_key: (cause) =>
    new Conflict('There is a model of this vendor with this name already.', { cause, field: 'name' }),
  charging_stations_tenant_id_model_id_fkey: (cause) =>
    new Conflict('There are charging stations of this model.', { cause }),
});
const columns = (values: WrittenChargingStationModel) => columnsOf(written, values);

/**
 * Writes throw {Conflict} when the tenant has a model of that vendor and name, deletions when charging stations are of the
 * model.
 */
export function chargingStationModelsIn(session: Session) {
  const rows = resourceRows(session, table, { columns, refusing });
  return {
    ...rows,

    /** @returns the new model's id */
    insert: (
      tenantId: string,
      { createdAt, ...values }: WrittenChargingStationModel & { createdAt: Date },
    ): Promise<string> =>
      refusing(() =>
        insertNumberedRow(session, table.name, tenantId, {
          created_at: createdAt,
          updated_at: createdAt,
          ...columns(values),
        }),
      ),
  };
}
