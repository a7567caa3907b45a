// station_reports: under their own path, and under their station's (`/charging_stations/:cpuuid/station_reports`,
// `/cp/:cpuuid/station_reports`).

import { stationReports as declaration } from '@chargeyard/contract/resources/station_reports';
import type { Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { stationReportFields } from '../store/index.ts';
import type { StationReportField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

export const stationReports = {
  declaration,
  path: '/station_reports',
  fields: stationReportFields,
  fieldOf: {
    cpId: 'chargingStationId',
    kind: 'kind',
    status: 'status',
    securityEvent: 'securityEvent',
    requestId: 'requestId',
    details: 'details',
    reason: 'reason',
    reportedAt: 'reportedAt',
    receivedAt: 'receivedAt',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.stationReports.page(visibility, query),
  find: (tables, visibility, id, now) => tables.stationReports.find(visibility, id, now),
} satisfies Resource<StationReportField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], StationReportField>;
};

export function stationReportRoutes(deps: ResourceDeps): Route[] {
  return routesWithStations(stationReports, deps);
}
