// charging_station_models: numbered per tenant; where a station's modelId comes from. They are the whole tenant's, so who
// is bound to a company reads them only.

import { chargingStationModels as declaration } from '@chargeyard/contract/resources/charging_station_models';
import { refused } from '../json_api/index.ts';
import type { Resource } from '../json_api/index.ts';
import { chargingStationModelFields } from '../store/index.ts';
import { Invalid, called } from '../domain/index.ts';
import type { Principal } from '../domain/index.ts';

export const chargingStationModels = {
  declaration,
  path: '/charging_station_models',
  fields: chargingStationModelFields,
  fieldOf: {
    vendor: 'vendor',
    name: 'name',
    connectors: 'connectors',
    leniency: 'leniency',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.chargingStationModels.page(visibility, query),
  find: (tables, visibility, id, now) => tables.chargingStationModels.find(visibility, id, now),
  async brokenRules({ values: { connectors = [] } }) {
    const numbers = (connectors as { connectorNumber: number }[]).map((each) => each.connectorNumber);
    if (new Set(numbers).size === numbers.length) return [];
    return [new Invalid('A connectorNumber stands for one connector only.', { field: 'connectors' })];
  },
  create: ({ tables, principal, values, now }) => {
    requireUnbound(principal);
    return tables.chargingStationModels.insert(principal.visibility.tenantId, { ...values, createdAt: now });
  },
  update: (write) => {
    requireUnbound(write.principal);
    return write.tables.chargingStationModels.update(write.principal.visibility, write);
  },
  delete: ({ tables, principal, id, ifUpdatedAt }) => {
    requireUnbound(principal);
    return tables.chargingStationModels.delete(principal.visibility, id, ifUpdatedAt);
  },
} satisfies Resource<(typeof chargingStationModelFields)[number]>;

function requireUnbound(principal: Principal): void {
  if (principal.visibility.company === undefined) return;
  throw refused(
    'bound_to_company',
    `Models belong to the whole tenant. ${called(principal)} bound to a company reads them only.`,
  );
}
