// connectors, seen through their charging station. Number 0 is the station itself and no connector of the API.

import { Conflict } from '../domain/index.ts';
import { noSuchChargingStation, refusingBy } from './broken_rules.ts';
import { isOfVisibleStation } from './charging_stations.ts';
import type { Session, Statement } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { columnsOf, insertStatementOf, newRow, resourceRows } from './resource_rows.ts';

const table = {
  name: 'connectors',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    number: { sql: 's.number', type: 'integer' },
    // OCPP 1.6 knows no EVSEs: each connector is its own.
    evseNumber: { sql: 'coalesce(s.evse_number, s.number)', type: 'integer' },
    evseId: { sql: 's.evse_id', type: 'text' },
    label: { sql: 's.label', type: 'text' },
    type: { sql: 's.type', type: 'text' },
    format: { sql: 's.format', type: 'text' },
    powerType: { sql: 's.power_type', type: 'text' },
    maxVoltage: { sql: 's.max_voltage', type: 'integer' },
    maxAmperage: { sql: 's.max_amperage', type: 'integer' },
    maxPowerW: { sql: 's.max_power_w', type: 'integer' },
    status: { sql: 's.status', type: 'text' },
    errorCode: { sql: 's.error_code', type: 'text' },
    vendorErrorCode: { sql: 's.vendor_error_code', type: 'text' },
    info: { sql: 's.info', type: 'text' },
    statusAt: { sql: 's.status_at', type: 'timestamptz' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: (visibility, parameter) => `s.number > 0 and ${isOfVisibleStation(visibility, parameter)}`,
} as const satisfies ListedTable<string>;

export type ConnectorField = keyof typeof table.fields;
export const connectorFields = Object.keys(table.fields) as readonly ConnectorField[];

const written = {
  evseNumber: 'evse_number',
  evseId: 'evse_id',
  label: 'label',
  type: 'type',
  format: 'format',
  powerType: 'power_type',
  maxVoltage: 'max_voltage',
  maxAmperage: 'max_amperage',
  maxPowerW: 'max_power_w',
} as const;
export type WrittenConnector = { readonly [Field in keyof typeof written]?: unknown };
type NewConnector = WrittenConnector & {
  chargingStationId?: unknown;
  number?: unknown;
  id: string;
  createdAt: Date;
};
/** As charging_station_models keeps it. */
type ConnectorOfModel = WrittenConnector & { readonly connectorNumber: number };

const refusing = refusingBy({
  connectors_tenant_id_charging_station_id_number_key: (cause) =>
    new Conflict('The charging station has a connector of this number already.', { cause, field: 'number' }),
  connectors_tenant_id_charging_station_id_fkey: noSuchChargingStation,
});
const columns = (values: WrittenConnector) => columnsOf(written, values);

export function connectorsIn(session: Session) {
  const rows = resourceRows(session, table, { columns, refusing });
  return {
    ...rows,

    /** @throws {Conflict} when the station has a connector of that number */
    insert: (tenantId: string, connector: NewConnector): Promise<void> =>
      refusing(async () => {
        await session.textRowsAs(tenantId, [insertStatement(tenantId, connector)]);
      }),

    /** Gives a new station the connectors that its model names. */
    async insertOfModel(
      tenantId: string,
      station: { chargingStationId: string; modelId: number; newId: () => string; createdAt: Date },
    ): Promise<void> {
      const { chargingStationId, modelId, newId, createdAt } = station;
      const [model] = await session.queryAs<{ connectors: ConnectorOfModel[] }>(
        tenantId,
        'select connectors from charging_station_models where tenant_id = $1 and id = $2',
        [tenantId, modelId],
      );
      const inserts = (model?.connectors ?? []).map(({ connectorNumber: number, ...values }) =>
        insertStatement(tenantId, { ...values, id: newId(), chargingStationId, number, createdAt }),
      );
      await session.textRowsAs(tenantId, inserts);
    },
  };
}

function insertStatement(
  tenantId: string,
  { id, chargingStationId, number, createdAt, ...values }: NewConnector,
): Statement {
  return insertStatementOf(table.name, {
    ...newRow(tenantId, { id, createdAt }),
    charging_station_id: chargingStationId,
    number,
    ...columns(values),
  });
}
