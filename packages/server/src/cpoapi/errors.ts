// errors: under their own path, and under their station's (`/charging_stations/:cpuuid/errors`, `/cp/:cpuuid/errors`).

import { errors as declaration } from '@chargeyard/contract/resources/errors';
import type { Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { stationErrorFields } from '../store/index.ts';
import type { StationErrorField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

export const errors = {
  declaration,
  path: '/errors',
  fields: stationErrorFields,
  fieldOf: {
    cpId: 'chargingStationId',
    connectorId: 'connectorId',
    connectorNumber: 'connectorNumber',
    errorCode: 'errorCode',
    vendorErrorCode: 'vendorErrorCode',
    vendorId: 'vendorId',
    info: 'info',
    status: 'status',
    startDate: 'startedAt',
    endDate: 'endedAt',
    open: 'isOpen',
    covered: 'isCovered',
    maintenanceWindowId: 'maintenanceWindowId',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.stationErrors.page(visibility, query),
  find: (tables, visibility, id, now) => tables.stationErrors.find(visibility, id, now),
} satisfies Resource<StationErrorField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], StationErrorField>;
};

export function errorRoutes(deps: ResourceDeps): Route[] {
  return routesWithStations(errors, deps);
}
