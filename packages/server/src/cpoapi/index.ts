// The door of the resource server: the be.ENERGISED CPO API below /api/cpoapi/v1.

import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Principal } from '../domain/index.ts';
import type { Store } from '../store/index.ts';
import { chargingStationModels } from './charging_station_models.ts';
import { chargingStations } from './charging_stations.ts';
import { companies } from './companies.ts';
import { connectorRoutes } from './connectors.ts';
import { answerError, refused } from './errors.ts';
import { locationRoutes } from './locations.ts';
import { maintenanceWindowRoutes } from './maintenance_windows.ts';
import { describeRoutes, descriptionPath } from './openapi.ts';
import type { OtherPaths } from './openapi.ts';
import { resourceRoutes } from './resource_routes.ts';
import { addRoute } from './routes.ts';

export { answerError, errorDocument, refused } from './errors.ts';
export { refuseOtherMethods } from './routes.ts';

const basePath = '/api/cpoapi/v1';
export const descriptionUrl = basePath + descriptionPath;

export async function registerCpoApi(
  app: FastifyInstance,
  deps: {
    store: Store;
    clock: Clock;
    authenticate: (accessToken: string) => Promise<Principal>;
    tenantSlugOfHost: (host: string | undefined) => string | undefined;
    /** What the API's description says of the token endpoint. */
    tokenEndpoint: OtherPaths;
  },
): Promise<void> {
  const { store, clock, tenantSlugOfHost } = deps;
  await app.register(
    async (api) => {
      // Bodies are read by the resources themselves, whatever media type they come with.
      api.removeAllContentTypeParsers();
      api.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
      api.setErrorHandler(answerError);
      api.setNotFoundHandler((request, reply) => {
        answerError(refused('not_found', 'There is no such path in the CPO API.'), request, reply);
      });
      const routes = [
        ...resourceRoutes(chargingStationModels, { store, clock }),
        ...resourceRoutes(chargingStations, { store, clock }),
        ...resourceRoutes(companies, { store, clock }),
        ...connectorRoutes({ store, clock }),
        ...locationRoutes({ store, clock }),
        ...maintenanceWindowRoutes({ store, clock }),
      ];
      for (const route of routes) addRoute(api, route, { authenticate: deps.authenticate, tenantSlugOfHost });
      describeRoutes(api, routes, { basePath, others: deps.tokenEndpoint });
    },
    { prefix: basePath },
  );
}
