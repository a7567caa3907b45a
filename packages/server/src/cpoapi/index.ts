// The door of the resource server: the be.ENERGISED CPO API below /api/cpoapi/v1.

import type { FastifyInstance } from 'fastify';
import type { OrderCommand } from '../domain/index.ts';
import {
  descriptionPath,
  registerResources,
  registryOf,
  resourceRoutes,
  seenByOthers,
} from '../json_api/index.ts';
import type { CountRequest, ResourceDeps, Route } from '../json_api/index.ts';
import { authenticator } from './authentication.ts';
import type { Authentication } from './authentication.ts';
import { chargingStationModels } from './charging_station_models.ts';
import { chargingStations } from './charging_stations.ts';
import { communicationLogRoutes } from './communication_log.ts';
import { companies } from './companies.ts';
import { configurationRoutes } from './configurations.ts';
import { connectorRoutes, connectors } from './connectors.ts';
import { driverTokens } from './driver_tokens.ts';
import { errorRoutes } from './errors.ts';
import { eventStream, eventStreamDescription } from './events.ts';
import type { Listen } from './events.ts';
import { latestMeterValueRoutes } from './latest_meter_values.ts';
import { locationRoutes, locations } from './locations.ts';
import { maintenanceWindowRoutes, maintenanceWindows } from './maintenance_windows.ts';
import { meterValueRoutes } from './meter_values.ts';
import { remoteCommandRoutes, remoteCommands } from './remote_commands.ts';
import { securityOf, securitySchemes } from './security.ts';
import type { TokenEndpoint } from './security.ts';
import { sentCommandRoutes } from './sent_commands.ts';
import { stationFileRoutes, stationFiles } from './station_files.ts';
import { stationReportRoutes } from './station_reports.ts';
import { technicianRoutes, techniciansSeenByOthers } from './technicians.ts';
import { transactionRoutes } from './transactions.ts';
import { waitingChargingStationRoutes } from './waiting_charging_stations.ts';
import { webhookRoutes } from './webhooks.ts';
import type { WebhookDelivery } from './webhooks.ts';

const basePath = '/api/cpoapi/v1';
export const descriptionUrl = basePath + descriptionPath;

export async function registerCpoApi(
  app: FastifyInstance,
  deps: Omit<ResourceDeps, 'registry'> &
    Authentication & {
      /** Answers the text of an event stream. */
      readonly listen: Listen;
      readonly webhookDelivery: WebhookDelivery;
      readonly orderCommand: OrderCommand;
      /** The origin where stations upload; undefined: the one that was asked for the command. */
      readonly publicUrl: string | undefined;
      readonly countRequest: CountRequest | undefined;
      /** What the API's description says of the token endpoint. */
      readonly tokenEndpoint: TokenEndpoint;
    },
): Promise<void> {
  await registerResources(app, {
    basePath,
    routes: cpoApiRoutes({
      ...deps,
      registry: registryOf(resources(), [techniciansSeenByOthers]),
    }),
    streams: [eventStream(deps.listen)],
    authenticate: authenticator(deps),
    countRequest: deps.countRequest,
    description: {
      title: 'Chargeyard CPO API',
      summary: 'Charging stations and what belongs to them, as JSON:API resources.',
      description:
        'The be.ENERGISED CPO API. Fetch an access token with client credentials and send it with every request; ' +
        'who has signed in at the settings API needs none. ' +
        'What the token may not see is 404. Unknown query parameters are 400. A trailing slash is optional on every path. ' +
        'No text may contain the character U+0000. Every answer has an X-Request-Id; name it when you report a problem. ' +
        'RateLimit-* headers tell how many requests are left.',
      securitySchemes: (origin) => securitySchemes(deps.tokenEndpoint, origin),
      securityOf,
      others: [eventStreamDescription(basePath), { tag: 'access_tokens', paths: deps.tokenEndpoint.paths }],
    },
  });
}

/** What resources can refer to and be related with. */
function resources() {
  return [
    seenByOthers(chargingStationModels),
    seenByOthers(chargingStations),
    seenByOthers(companies),
    seenByOthers(connectors),
    seenByOthers(locations),
    seenByOthers(maintenanceWindows),
    seenByOthers(remoteCommands),
    seenByOthers(stationFiles),
  ];
}

function cpoApiRoutes(
  deps: ResourceDeps & {
    readonly orderCommand: OrderCommand;
    readonly webhookDelivery: WebhookDelivery;
    readonly publicUrl: string | undefined;
  },
): Route[] {
  return [
    ...resourceRoutes(chargingStationModels, deps),
    ...resourceRoutes(chargingStations, deps),
    ...communicationLogRoutes(deps),
    ...resourceRoutes(companies, deps),
    ...configurationRoutes(deps),
    ...connectorRoutes(deps),
    ...resourceRoutes(driverTokens, deps),
    ...errorRoutes(deps),
    ...latestMeterValueRoutes(deps),
    ...locationRoutes(deps),
    ...maintenanceWindowRoutes(deps),
    ...meterValueRoutes(deps),
    ...remoteCommandRoutes(deps),
    ...sentCommandRoutes(deps),
    ...stationFileRoutes(deps),
    ...stationReportRoutes(deps),
    ...technicianRoutes(deps),
    ...transactionRoutes(deps),
    ...waitingChargingStationRoutes(deps),
    ...webhookRoutes(deps, deps.webhookDelivery),
  ];
}
