// configurations: below their station only (`/charging_stations/:cpuuid/configurations`, `/cp/:cpuuid/configurations`).

import { configurations as declaration } from '@chargeyard/contract/resources/configurations';
import type { Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { configurationFields } from '../store/index.ts';
import type { ConfigurationField } from '../store/index.ts';
import { routesBelowStations } from './below_station.ts';

export const configurations = {
  declaration,
  path: '/configurations',
  fields: configurationFields,
  fieldOf: {
    cpId: 'chargingStationId',
    key: 'key',
    value: 'value',
    readonly: 'isReadonly',
    needsReboot: 'needsReboot',
    fetchedAt: 'fetchedAt',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.configurations.page(visibility, query),
  find: (tables, visibility, id, now) => tables.configurations.find(visibility, id, now),
} satisfies Resource<ConfigurationField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], ConfigurationField>;
};

export function configurationRoutes(deps: ResourceDeps): Route[] {
  return routesBelowStations(configurations, deps);
}
