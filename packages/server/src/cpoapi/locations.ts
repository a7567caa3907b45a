// locations: full reads and writes, by cursor where the list's parameters say nothing else (as documented). And which
// charging stations stand there: `/locations/:id/charging_stations`.

import { locations as declaration } from '@chargeyard/contract/resources/locations';
import type { Visibility } from '../domain/index.ts';
import { newId } from '../ids.ts';
import { listMethod, queryParameters, requireVisible, resourceRoutes } from '../json_api/index.ts';
import type { Asked, Method, Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { locationFields } from '../store/index.ts';
import type { LocationField, Tables } from '../store/index.ts';
import { chargingStations } from './charging_stations.ts';

export const locations = {
  declaration,
  path: '/locations',
  fields: locationFields,
  fieldOf: {
    name: 'name',
    companyUuid: 'companyId',
    address: 'address',
    geolocation: 'geolocation',
    parkingType: 'parkingType',
    directions: 'directions',
    timeSettings: 'timeSettings',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.locations.page(visibility, query),
  find: (tables, visibility, id, now) => tables.locations.find(visibility, id, now),
  async create({ tables, principal, values, now }) {
    const id = newId();
    await tables.locations.insert(principal.visibility.tenantId, { ...values, id, createdAt: now });
    return id;
  },
  update: (write) => write.tables.locations.update(write.principal.visibility, write),
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.locations.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<LocationField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], LocationField>;
};

export function locationRoutes(deps: ResourceDeps): Route[] {
  const { store, clock } = deps;
  const stationsPath = `${locations.path}/:id/charging_stations`;
  const list = listMethod(chargingStations, deps, async (asked) => ({
    locationUuid: await locationOf(store, asked, clock.now()),
  }));
  return [
    ...resourceRoutes(locations, deps),
    { path: stationsPath, methods: { GET: list } },
    {
      path: `${stationsPath}/:cpuuid`,
      methods: {
        PUT: assignment(deps, {
          action: 'assign',
          summary: 'Assign a charging station to the location; from another one it moves',
          change: ({ chargingStations: stations }, visibility, station) =>
            stations.assignLocation(visibility, station),
        }),
        DELETE: assignment(deps, {
          action: 'remove',
          summary: 'Remove a charging station from the location',
          change: ({ chargingStations: stations }, visibility, station) =>
            stations.removeFromLocation(visibility, station),
        }),
      },
    },
  ];
}

/** A method that changes where a station stands; sent again, it changes nothing and answers the same. */
function assignment(
  { store, clock }: ResourceDeps,
  {
    change,
    ...does
  }: {
    action: 'assign' | 'remove';
    summary: string;
    change: (
      tables: Tables,
      visibility: Visibility,
      station: { id: string; locationId: string; now: Date },
    ) => Promise<void>;
  },
): Method {
  return {
    scope: `cpoapi:${declaration.type}:write`,
    does: { ...does, resource: declaration, parameters: [] },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const { visibility } = asked.principal;
      const now = clock.now();
      await store.inTransaction(async (tables) => {
        const locationId = await locationOf(tables, asked, now);
        const id = asked.params['cpuuid'] ?? '';
        await requireVisible(chargingStations, id, { tables, visibility, now });
        await change(tables, visibility, { id, locationId, now });
      });
      return { status: 204 };
    },
  };
}

/** Answers the location of the path; what may not be seen is not there. */
async function locationOf(tables: Tables, { params, principal }: Asked, now: Date): Promise<string> {
  const id = params['id'] ?? '';
  await requireVisible(locations, id, { tables, visibility: principal.visibility, now });
  return id;
}
