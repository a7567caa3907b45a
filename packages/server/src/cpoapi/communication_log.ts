// communication_log: under its own path, and under a station's.

import { communicationLog as declaration } from '@chargeyard/contract/resources/communication_log';
import type { Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { communicationLogFields } from '../store/index.ts';
import type { CommunicationLogField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

export const communicationLog = {
  declaration,
  path: '/communication_log',
  fields: communicationLogFields,
  fieldOf: {
    at: 'at',
    cpId: 'chargingStationId',
    connectionId: 'connectionId',
    kind: 'kind',
    direction: 'direction',
    action: 'action',
    messageId: 'messageId',
    payload: 'payload',
    answer: 'answer',
    errorCode: 'errorCode',
    errorDescription: 'errorDescription',
    latencyMs: 'latencyMs',
    deviations: 'deviations',
    note: 'note',
    hasProblem: 'hasProblem',
    isCut: 'isCut',
  },
  page: (tables, visibility, query) => tables.communicationLog.page(visibility, query),
  find: (tables, visibility, id, now) => tables.communicationLog.find(visibility, id, now),
} satisfies Resource<CommunicationLogField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], CommunicationLogField>;
};

export function communicationLogRoutes(deps: ResourceDeps): Route[] {
  return routesWithStations(communicationLog, deps);
}
