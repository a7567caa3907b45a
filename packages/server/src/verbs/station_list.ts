// chargeyard station list --tenant …

import { wholeTenant } from '../domain/index.ts';
import { chargingStationFields, instantOf, plainQuery } from '../store/index.ts';
import type { ChargingStationField, Row } from '../store/index.ts';
import { runOnStore } from './verb.ts';

const pageSize = 500;
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
    const stations: Record<ChargingStationField, string | null>[] = [];
    for (let offset = 0, total = 1; offset < total; offset += pageSize) {
      const page = plainQuery({ limit: pageSize, offset, now: clock.now() });
      const answer = await store.chargingStations.page(wholeTenant(tenant.id), page);
      stations.push(...answer.rows.map(named));
      total = answer.total;
    }
    console.result(stations, table(stations));
  });
}

function named(row: Row): Record<ChargingStationField, string | null> {
  const entries = chargingStationFields.map((field, at) => {
    const text = row[at] ?? null;
    return [field, text !== null && field.endsWith('At') ? instantOf(text) : text] as const;
  });
  return Object.fromEntries(entries) as Record<ChargingStationField, string | null>;
}

function table(stations: readonly Record<ChargingStationField, string | null>[]): string {
  if (stations.length === 0) return 'There are no charging stations in this tenant.';
  const rows = [[...shown], ...stations.map((station) => shown.map((field) => station[field] ?? '–'))];
  const widths = shown.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
