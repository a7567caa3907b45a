// waiting_charging_stations: read, accepted and dismissed. Whose an identity will be nobody knows before it is accepted, so
// who is bound to a company sees none.

import { chargingStations as chargingStationsDeclaration } from '@chargeyard/contract/resources/charging_stations';
import { shownAttributes } from '@chargeyard/contract/resource';
import { waitingChargingStations as declaration } from '@chargeyard/contract/resources/waiting_charging_stations';
import { newId } from '../ids.ts';
import {
  documentOf,
  isIdOf,
  pointing,
  queryParameters,
  refused,
  resourceRoutes,
  writersOf,
} from '../json_api/index.ts';
import type { Method, Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { waitingChargingStationFields } from '../store/index.ts';
import type { ChargingStationField, WaitingChargingStationField } from '../store/index.ts';
import { chargingStations } from './charging_stations.ts';

export const waitingChargingStations = {
  declaration,
  path: '/waiting_charging_stations',
  fields: waitingChargingStationFields,
  fieldOf: {
    chargeBoxIdentity: 'identity',
    address: 'address',
    subprotocols: 'subprotocols',
    attempts: 'attempts',
    lastAttemptAt: 'lastAttemptAt',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.waitingChargingStations.page(visibility, query),
  find: (tables, visibility, id, now) => tables.waitingChargingStations.find(visibility, id, now),
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.waitingChargingStations.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<WaitingChargingStationField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], WaitingChargingStationField>;
};

export function waitingChargingStationRoutes(deps: ResourceDeps): Route[] {
  return [
    ...resourceRoutes(waitingChargingStations, deps),
    { path: `${waitingChargingStations.path}/:id/accept`, methods: { POST: acceptance(deps) } },
  ];
}

/** Makes a charging station of it, which is let in at its next attempt. */
function acceptance({ store, clock }: ResourceDeps): Method {
  const shown = shownAttributes(chargingStationsDeclaration).map(([name]) => name);
  const { write } = writersOf<ChargingStationField>(chargingStations)(shown);
  return {
    scope: 'cpoapi:charging_stations:write',
    does: {
      action: 'perform',
      name: 'acceptWaitingChargingStation',
      summary: 'Create the charging station that waits',
      resource: chargingStationsDeclaration,
      parameters: [],
    },
    async answer({ principal, query, params, url }) {
      queryParameters(query, []).throwFaults();
      const { visibility } = principal;
      const now = clock.now();
      const id = newId();
      const work = store.inTransaction(async (tables) => {
        const waitingId = params['id'] ?? '';
        const waiting = isIdOf(declaration.id, waitingId)
          ? await tables.waitingChargingStations.find(visibility, waitingId, now)
          : undefined;
        if (waiting === undefined) throw refused('not_found', 'There is no such waiting charging station.');
        const identity = waiting[waitingChargingStationFields.indexOf('identity')] ?? '';
        await tables.chargingStations.insertUnknown(visibility.tenantId, { id, identity, createdAt: now });
        return tables.chargingStations.find(visibility, id, now);
      });
      // Of two who accept it at once, one comes too late.
      const row = await pointing(chargingStations, undefined, () => work);
      if (row === undefined) throw new Error(`the new station ${id} is not visible to its creator`);
      const self = url.replace(/waiting_charging_stations\/.*$/, `charging_stations/${id}`);
      return { status: 200, json: documentOf(write(row), self) };
    },
  };
}
