// maintenance_windows: under their own path, and under their station's (`/charging_stations/:cpuuid/maintenance_windows`,
// as documented, and `/cp/:cpuuid/maintenance_windows`). Which windows may be made and changed is in domain/.

import { maintenanceWindows as declaration } from '@chargeyard/contract/resources/maintenance_windows';
import {
  Invalid,
  faultsOfMaintenanceWindowChange,
  faultsOfNewMaintenanceWindow,
  requireNotEnded,
  throwAll,
} from '../domain/index.ts';
import type { MaintenanceWindowTimes } from '../domain/index.ts';
import { instantFrom, resourceRoutes } from '../json_api/index.ts';
import type { Resource, ResourceDeps, Route, Write } from '../json_api/index.ts';
import { connectorFields, maintenanceWindowFields } from '../store/index.ts';
import type { MaintenanceWindowField } from '../store/index.ts';
import { routesBelowStations } from './below_station.ts';

export const maintenanceWindows = {
  declaration,
  path: '/maintenance_windows',
  fields: maintenanceWindowFields,
  fieldOf: {
    cpId: 'chargingStationId',
    connectorId: 'connectorId',
    comment: 'comment',
    startDate: 'startsAt',
    endDate: 'endsAt',
    lockConnectors: 'locksConnectors',
    whitelistedDriverTokens: 'whitelistedDriverTokens',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.maintenanceWindows.page(visibility, query),
  find: (tables, visibility, id, now) => tables.maintenanceWindows.find(visibility, id, now),
  async create(write) {
    const { tables, principal, values, now } = write;
    const chargingStationId = String(values['chargingStationId']);
    const times = timesIn(values) as MaintenanceWindowTimes;
    throwAll([
      ...(await stationFaults(write, chargingStationId)),
      ...(await connectorFaults(write, chargingStationId)),
      ...faultsOfNewMaintenanceWindow(times, now),
    ]);
    const window = { ...values, ...textsOf(times), chargingStationId, createdAt: now };
    return tables.maintenanceWindows.insert(principal.visibility.tenantId, window);
  },
  async update(write) {
    const { tables, principal, values, now, id } = write;
    const known = await tables.maintenanceWindows.findToChange(principal.visibility, id, now);
    if (known === undefined) return false;
    const times = timesIn(values);
    const timeFaults = faultsOfMaintenanceWindowChange(known, times, now);
    const { chargingStationId = known.chargingStationId } = values;
    const moves = String(chargingStationId).toLowerCase() !== known.chargingStationId;
    throwAll([
      ...(moves
        ? [
            new Invalid('A maintenance window stays with its charging station.', {
              field: 'chargingStationId',
            }),
          ]
        : []),
      ...(await connectorFaults(write, known.chargingStationId)),
      ...timeFaults,
    ]);
    const change = { ...write, values: { ...values, ...textsOf(times) } };
    return tables.maintenanceWindows.update(principal.visibility, change);
  },
  async delete({ tables, principal, id, ifUpdatedAt, now }) {
    const known = await tables.maintenanceWindows.findToChange(principal.visibility, id, now);
    if (known === undefined) return false;
    requireNotEnded(known, now);
    return tables.maintenanceWindows.delete(principal.visibility, id, ifUpdatedAt);
  },
} satisfies Resource<MaintenanceWindowField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], MaintenanceWindowField>;
};

export function maintenanceWindowRoutes(deps: ResourceDeps): Route[] {
  return [...resourceRoutes(maintenanceWindows, deps), ...routesBelowStations(maintenanceWindows, deps)];
}

/** Answers the times that a write names. Their form was checked at the door. */
function timesIn(values: Write['values']): Partial<MaintenanceWindowTimes> {
  const named = (['startsAt', 'endsAt'] as const).map((field) => [field, values[field]] as const);
  return Object.fromEntries(
    named.flatMap(([field, text]) => (typeof text === 'string' ? [[field, instantFrom(text)]] : [])),
  );
}

/** To the millisecond, as they are compared and shown. */
function textsOf(times: Partial<MaintenanceWindowTimes>): Record<string, string> {
  return Object.fromEntries(Object.entries(times).map(([field, instant]) => [field, instant.toISOString()]));
}

async function stationFaults({ tables, principal, now }: Write, stationId: string): Promise<Invalid[]> {
  if ((await tables.chargingStations.find(principal.visibility, stationId, now)) !== undefined) return [];
  return [new Invalid('There is no such charging station.', { field: 'chargingStationId' })];
}

async function connectorFaults(
  { tables, principal, values, now }: Write,
  stationId: string,
): Promise<Invalid[]> {
  const { connectorId } = values;
  if (typeof connectorId !== 'string') return [];
  const connector = await tables.connectors.find(principal.visibility, connectorId, now);
  if (connector?.[connectorFields.indexOf('chargingStationId')] === stationId.toLowerCase()) return [];
  return [new Invalid('There is no such connector of the charging station.', { field: 'connectorId' })];
}
