// connectors: under their own path, and under their station's (`/cp/:cpuuid/connectors`, as documented, and
// `/charging_stations/:cpuuid/connectors`).

import { connectors as declaration } from '@chargeyard/contract/resources/connectors';
import { newId } from '../ids.ts';
import type { Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { connectorFields } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

type ConnectorField = (typeof connectorFields)[number];

export const connectors = {
  declaration,
  path: '/connectors',
  fields: connectorFields,
  fieldOf: {
    cpId: 'chargingStationId',
    connectorNumber: 'number',
    evseNumber: 'evseNumber',
    evseId: 'evseId',
    label: 'label',
    type: 'type',
    format: 'format',
    powerType: 'powerType',
    maxVoltage: 'maxVoltage',
    maxAmperage: 'maxAmperage',
    maxPowerW: 'maxPowerW',
    status: 'status',
    errorCode: 'errorCode',
    vendorErrorCode: 'vendorErrorCode',
    info: 'info',
    statusAt: 'statusAt',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.connectors.page(visibility, query),
  find: (tables, visibility, id, now) => tables.connectors.find(visibility, id, now),
  async create(write) {
    const { tables, principal, values, now } = write;
    const id = newId();
    await tables.connectors.insert(principal.visibility.tenantId, { ...values, id, createdAt: now });
    return id;
  },
  update: (write) => write.tables.connectors.update(write.principal.visibility, write),
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.connectors.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<ConnectorField>;

export function connectorRoutes(deps: ResourceDeps): Route[] {
  return routesWithStations(connectors, deps);
}
