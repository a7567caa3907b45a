// latest_meter_values: under their own path, and under their station's.

import { latestMeterValues as declaration } from '@chargeyard/contract/resources/latest_meter_values';
import type { Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { latestMeterValueFields } from '../store/index.ts';
import type { LatestMeterValueField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

export const latestMeterValues = {
  declaration,
  path: '/latest_meter_values',
  fields: latestMeterValueFields,
  fieldOf: {
    cpId: 'chargingStationId',
    connectorNumber: 'connectorNumber',
    measuredAt: 'measuredAt',
    samples: 'samples',
  },
  page: (tables, visibility, query) => tables.latestMeterValues.page(visibility, query),
  find: (tables, visibility, id, now) => tables.latestMeterValues.find(visibility, id, now),
} satisfies Resource<LatestMeterValueField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], LatestMeterValueField>;
};

export function latestMeterValueRoutes(deps: ResourceDeps): Route[] {
  return routesWithStations(latestMeterValues, deps);
}
