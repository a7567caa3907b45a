// charging_stations: the list and the single station.

import type { ChargingStationAttributes } from '@chargeyard/contract/resources/charging_stations';
import type { Clock } from '../clock.ts';
import { chargingStationFields } from '../store/index.ts';
import type { ChargingStationField, Store } from '../store/index.ts';
import { linksOf, offsetPage, offsetPageParameters, paginationOf } from './offset_pages.ts';
import { refused } from './errors.ts';
import { queryParameters } from './parameters.ts';
import { resourceWriter } from './resource_writer.ts';
import type { Attribute } from './resource_writer.ts';
import type { Route } from './routes.ts';

const attributes: Record<keyof ChargingStationAttributes, Attribute<ChargingStationField>> = {
  label: { field: 'label', written: 'text' },
  chargeBoxIdentity: { field: 'identity', written: 'text' },
  iccid: { field: 'iccid', written: 'text' },
  imsi: { field: 'imsi', written: 'text' },
  serialnumber: { field: 'serialNumber', written: 'text' },
  firmwareVersion: { field: 'firmwareVersion', written: 'text' },
  publicDisplayName: { field: 'publicDisplayName', written: 'text' },
  modelId: { field: 'modelId', written: 'number' },
  companyUuid: { field: 'companyId', written: 'text' },
  locationUuid: { field: 'locationId', written: 'text' },
  timeZone: { field: 'timeZone', written: 'text' },
  address: { field: 'address', written: 'json' },
  geolocation: { field: 'geolocation', written: 'json' },
  technicianUserId: { field: 'technicianUserId', written: 'number' },
  vendor: { field: 'vendor', written: 'text' },
  model: { field: 'model', written: 'text' },
  ocppVersion: { field: 'ocppVersion', written: 'text' },
  securityProfile: { field: 'securityProfile', written: 'number' },
  connectionStatus: { field: 'connectionStatus', written: 'text' },
  lastSeenAt: { field: 'lastSeenAt', written: 'instant' },
  bootedAt: { field: 'bootedAt', written: 'instant' },
  createdAt: { field: 'createdAt', written: 'instant' },
  updatedAt: { field: 'updatedAt', written: 'instant' },
};

const write = resourceWriter('charging_stations', chargingStationFields, attributes);
const scope = 'cpoapi:charging_stations:read';
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function chargingStationRoutes(deps: {
  store: Pick<Store, 'chargingStations'>;
  clock: Clock;
}): Route[] {
  const { store, clock } = deps;
  return [
    {
      path: '/charging_stations',
      methods: {
        GET: {
          scope,
          async answer({ principal, query, url }) {
            const parameters = queryParameters(query, offsetPageParameters);
            const page = offsetPage(parameters);
            parameters.throwFaults();
            const { total, rows } = await store.chargingStations.page(principal.visibility, {
              ...page,
              now: clock.now(),
            });
            const meta = { pagination: paginationOf(page, total) };
            const links = linksOf(url, parameters, page, total);
            return `{"data":[${rows.map(write).join()}],"meta":${JSON.stringify(meta)},"links":${JSON.stringify(links)}}`;
          },
        },
      },
    },
    {
      path: '/charging_stations/:id',
      methods: {
        GET: {
          scope,
          async answer({ principal, query, url, params }) {
            queryParameters(query, []).throwFaults();
            const id = params['id'] ?? '';
            if (!uuidForm.test(id)) throw refused('not_found', 'There is no such charging station.');
            const row = await store.chargingStations.get(principal.visibility, id, clock.now());
            return `{"data":${write(row)},"links":${JSON.stringify({ self: url })}}`;
          },
        },
      },
    },
  ];
}
