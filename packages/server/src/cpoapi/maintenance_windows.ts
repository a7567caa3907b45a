// maintenance_windows: under their own path, and under their station's (`/charging_stations/:cpuuid/maintenance_windows`,
// as documented, and `/cp/:cpuuid/maintenance_windows`). Which windows may be made and changed is in domain/.

import { maintenanceWindows as declaration } from '@chargeyard/contract/resources/maintenance_windows';
import {
  Invalid,
  faultsOfMaintenanceWindowChange,
  faultsOfNewMaintenanceWindow,
  requireNotEnded,
} from '../domain/index.ts';
import type { MaintenanceWindowTimes } from '../domain/index.ts';
import { instantFrom } from '../json_api/index.ts';
import type { IntendedWrite, Resource, ResourceDeps, Route, Values } from '../json_api/index.ts';
import { connectorFields, maintenanceWindowFields } from '../store/index.ts';
import type { MaintenanceWindowField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

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
  async brokenRules(write) {
    const { tables, principal, values, now, id } = write;
    const times = timesIn(values);
    if (id === undefined) {
      return [
        ...(await connectorFaults(write, values['chargingStationId'])),
        ...faultsOfNewMaintenanceWindow(times, now),
      ];
    }
    const known = await tables.maintenanceWindows.findToChange(principal.visibility, id, now);
    if (known === undefined) return [];
    const timeFaults = faultsOfMaintenanceWindowChange(known, times, now);
    return [
      ...stationFaults(values, known.chargingStationId),
      ...(await connectorFaults(write, known.chargingStationId)),
      ...timeFaults,
    ];
  },
  create: ({ tables, principal, values, now }) =>
    tables.maintenanceWindows.insert(principal.visibility.tenantId, {
      ...values,
      ...textsOf(timesIn(values)),
      chargingStationId: String(values['chargingStationId']),
      createdAt: now,
    }),
  update: (write) => {
    const values = { ...write.values, ...textsOf(timesIn(write.values)) };
    return write.tables.maintenanceWindows.update(write.principal.visibility, { ...write, values });
  },
  async delete({ tables, principal, id, ifUpdatedAt, now }) {
    const known = await tables.maintenanceWindows.findToChange(principal.visibility, id, now);
    if (known === undefined) return false;
    requireNotEnded(known, now);
    return tables.maintenanceWindows.delete(principal.visibility, id, { ifUpdatedAt, now });
  },
} satisfies Resource<MaintenanceWindowField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], MaintenanceWindowField>;
};

export function maintenanceWindowRoutes(deps: ResourceDeps): Route[] {
  return routesWithStations(maintenanceWindows, deps);
}

/** Answers the times that a write names. Their form was checked at the door. */
function timesIn(values: Values): Partial<MaintenanceWindowTimes> {
  const named = (['startsAt', 'endsAt'] as const).map((field) => [field, values[field]] as const);
  return Object.fromEntries(
    named.flatMap(([field, text]) => (typeof text === 'string' ? [[field, instantFrom(text)]] : [])),
  );
}

/** To the millisecond, as they are compared and shown. */
function textsOf(times: Partial<MaintenanceWindowTimes>): Record<string, string> {
  return Object.fromEntries(Object.entries(times).map(([field, instant]) => [field, instant.toISOString()]));
}

function stationFaults({ chargingStationId }: Values, known: string): Invalid[] {
  if (typeof chargingStationId !== 'string' || chargingStationId.toLowerCase() === known) return [];
  return [
    new Invalid('A maintenance window stays with its charging station.', { field: 'chargingStationId' }),
  ];
}

async function connectorFaults(
  { tables, principal, values, now }: IntendedWrite,
  stationId: unknown,
): Promise<Invalid[]> {
  const { connectorId } = values;
  if (typeof connectorId !== 'string' || typeof stationId !== 'string') return [];
  const connector = await tables.connectors.find(principal.visibility, connectorId, now);
  if (connector?.[connectorFields.indexOf('chargingStationId')] === stationId.toLowerCase()) return [];
  return [new Invalid('There is no such connector of the charging station.', { field: 'connectorId' })];
}
