// chargeyard station list --tenant …

import { chargingStationFields, instantOf } from '../store/index.ts';
import type { ChargingStationField, Row } from '../store/index.ts';
import { everyRow } from './every_row.ts';
import { tableOf } from './table.ts';
import { runOnStore } from './verb.ts';

const shown = [
  'identity',
  'label',
  'connectionStatus',
  'vendor',
  'model',
  'firmwareVersion',
  'lastSeenAt',
] as const;

const instants: readonly string[] = ['lastSeenAt', 'bootedAt', 'createdAt', 'updatedAt'];
const others: readonly string[] = [
  'modelId',
  'technicianUserId',
  'securityProfile',
  'address',
  'geolocation',
  'lastRefusal',
];

export async function stationList(options: { tenant: string; json?: boolean }): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const tenant = await store.tenants.getBySlug(options.tenant);
    const rows = await everyRow(store.chargingStations, tenant.id, clock.now());
    const stations = rows.map((row) =>
      Object.fromEntries(chargingStationFields.map((field) => [field, valueIn(row, field)])),
    );
    const cells = rows.map((row) => shown.map((field) => textIn(row, field)));
    console.result(stations, tableOf(shown, cells, 'There are no charging stations in this tenant.'));
  });
}

const textIn = (row: Row, field: ChargingStationField) => {
  const text = row[chargingStationFields.indexOf(field)] ?? null;
  return text !== null && instants.includes(field) ? instantOf(text) : text;
};

/** What is not a text is one in the store's rows: of numbers and objects their JSON, of truth PostgreSQL's t and f. */
function valueIn(row: Row, field: ChargingStationField): unknown {
  const text = textIn(row, field);
  if (field === 'hasPassword') return text === 't';
  return text !== null && others.includes(field) ? JSON.parse(text) : text;
}
