// The door of the resource server: the be.ENERGISED CPO API below /api/cpoapi/v1.

import type { FastifyInstance } from 'fastify';
import { descriptionPath, registerResources, resourceRoutes } from '../json_api/index.ts';
import type { ResourceDeps, Route } from '../json_api/index.ts';
import { authenticator } from './authentication.ts';
import type { Authentication } from './authentication.ts';
import { chargingStationModels } from './charging_station_models.ts';
import { chargingStations } from './charging_stations.ts';
import { companies } from './companies.ts';
import { connectorRoutes } from './connectors.ts';
import { locationRoutes } from './locations.ts';
import { maintenanceWindowRoutes } from './maintenance_windows.ts';
import { securityOf, securitySchemes } from './security.ts';
import type { TokenEndpoint } from './security.ts';
import { technicianRoutes } from './technicians.ts';

const basePath = '/api/cpoapi/v1';
export const descriptionUrl = basePath + descriptionPath;

export async function registerCpoApi(
  app: FastifyInstance,
  deps: ResourceDeps &
    Authentication & {
      /** What the API's description says of the token endpoint. */
      tokenEndpoint: TokenEndpoint;
    },
): Promise<void> {
  await registerResources(app, {
    basePath,
    routes: cpoApiRoutes(deps),
    authenticate: authenticator(deps),
    description: {
      title: 'Chargeyard CPO API',
      summary: 'Charging stations and what belongs to them, as JSON:API resources.',
      description:
        'The be.ENERGISED CPO API. Fetch an access token with client credentials and send it with every request; ' +
        'who has signed in at the settings API needs none. ' +
        'What the token may not see is 404. Unknown query parameters are 400. A trailing slash is optional on every path. ' +
        'No text may contain the character U+0000. Every answer has an X-Request-Id; name it when you report a problem.',
      securitySchemes: (origin) => securitySchemes(deps.tokenEndpoint, origin),
      securityOf,
      others: { tag: 'access_tokens', paths: deps.tokenEndpoint.paths },
    },
  });
}

function cpoApiRoutes(deps: ResourceDeps): Route[] {
  return [
    ...resourceRoutes(chargingStationModels, deps),
    ...resourceRoutes(chargingStations, deps),
    ...resourceRoutes(companies, deps),
    ...connectorRoutes(deps),
    ...locationRoutes(deps),
    ...maintenanceWindowRoutes(deps),
    ...technicianRoutes(deps),
  ];
}
