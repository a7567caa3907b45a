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

export async function stationList(options: { tenant: string; json?: boolean }): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const tenant = await store.tenants.getBySlug(options.tenant);
    const rows = await everyRow(store.chargingStations, tenant.id, clock.now());
    const stations = rows.map(named);
    const cells = stations.map((station) => shown.map((field) => station[field]));
    console.result(stations, tableOf(shown, cells, 'There are no charging stations in this tenant.'));
  });
}

function named(row: Row): Record<ChargingStationField, string | null> {
  const entries = chargingStationFields.map((field, at) => {
    const text = row[at] ?? null;
    return [field, text !== null && field.endsWith('At') ? instantOf(text) : text] as const;
  });
  return Object.fromEntries(entries) as Record<ChargingStationField, string | null>;
}
