// Where a resource is found below its station: `/cp/:cpuuid/…` and `/charging_stations/:cpuuid/…` are the same.

import { requireVisible, resourceRoutes } from '../json_api/index.ts';
import type { Resource, ResourceDeps, Route, Within } from '../json_api/index.ts';
import { chargingStations } from './charging_stations.ts';

/** Answers the routes of a resource, which tells its station in `cpId`, below stations. */
export function routesBelowStations<Field extends string>(
  resource: Resource<Field>,
  deps: ResourceDeps,
): Route[] {
  const { store, clock } = deps;
  // A station that may not be seen is not there.
  const within: Within = {
    attributes: ['cpId'],
    async given({ params, principal }) {
      const id = params['cpuuid'] ?? '';
      const { visibility } = principal;
      await requireVisible(chargingStations, id, { tables: store, visibility, now: clock.now() });
      return { cpId: id.toLowerCase() };
    },
  };
  return ['/cp', '/charging_stations'].flatMap((parent) =>
    resourceRoutes({ ...resource, path: `${parent}/:cpuuid${resource.path}` }, deps, within),
  );
}

/** Answers the routes of such a resource under its own path and below stations. */
export function routesWithStations<Field extends string>(
  resource: Resource<Field>,
  deps: ResourceDeps,
): Route[] {
  return [...resourceRoutes(resource, deps), ...routesBelowStations(resource, deps)];
}
