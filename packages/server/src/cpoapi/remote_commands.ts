// remote_commands: what was sent to stations, under its own path, and under its station's
// (`/charging_stations/:cpuuid/remote_commands`, `/cp/:cpuuid/remote_commands`). They are made by sent_commands.ts.

import { remoteCommands as declaration } from '@chargeyard/contract/resources/remote_commands';
import type { Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { remoteCommandFields } from '../store/index.ts';
import type { RemoteCommandField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

export const remoteCommands = {
  declaration,
  path: '/remote_commands',
  fields: remoteCommandFields,
  fieldOf: {
    command: 'command',
    cpId: 'chargingStationId',
    parameters: 'parameters',
    synchronous: 'isSynchronous',
    state: 'state',
    result: 'result',
    response: 'response',
    error: 'error',
    createdAt: 'createdAt',
    sentAt: 'sentAt',
    finishedAt: 'finishedAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.remoteCommands.page(visibility, query),
  find: (tables, visibility, id, now) => tables.remoteCommands.find(visibility, id, now),
} satisfies Resource<RemoteCommandField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], RemoteCommandField>;
};

export function remoteCommandRoutes(deps: ResourceDeps): Route[] {
  return routesWithStations(remoteCommands, deps);
}
