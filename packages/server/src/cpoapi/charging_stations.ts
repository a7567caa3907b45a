// charging_stations: full reads and writes.

import { chargingStations as declaration } from '@chargeyard/contract/resources/charging_stations';
import { newId } from '../ids.ts';
import type { Resource } from '../json_api/index.ts';
import { chargingStationFields, volatileChargingStationFields } from '../store/index.ts';
import type { ChargingStationField } from '../store/index.ts';
import { requireVisibleCompany } from './visible_company.ts';

export const chargingStations = {
  declaration,
  path: '/charging_stations',
  fields: chargingStationFields,
  fieldOf: {
    label: 'label',
    chargeBoxIdentity: 'identity',
    iccid: 'iccid',
    imsi: 'imsi',
    serialnumber: 'serialNumber',
    firmwareVersion: 'firmwareVersion',
    publicDisplayName: 'publicDisplayName',
    modelId: 'modelId',
    companyUuid: 'companyId',
    locationUuid: 'locationId',
    timeZone: 'timeZone',
    address: 'address',
    geolocation: 'geolocation',
    technicianUserId: 'technicianUserId',
    vendor: 'vendor',
    model: 'model',
    ocppVersion: 'ocppVersion',
    securityProfile: 'securityProfile',
    connectionStatus: 'connectionStatus',
    lastSeenAt: 'lastSeenAt',
    bootedAt: 'bootedAt',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.chargingStations.page(visibility, query),
  outlines: {
    volatile: volatileChargingStationFields,
    outline: (tables, visibility, query) => tables.chargingStations.outline(visibility, query),
    rowsByIds: (tables, visibility, ids) => tables.chargingStations.rowsByIds(visibility, ids),
  },
  find: (tables, visibility, id, now) => tables.chargingStations.find(visibility, id, now),
  async create(write) {
    const { tables, principal, values, now } = write;
    await requireVisibleCompany(write, 'companyId');
    const id = newId();
    const station = { ...values, id, passwordHash: undefined, createdAt: now };
    await tables.chargingStations.insert(principal.visibility.tenantId, station);
    return id;
  },
  async update(write) {
    await requireVisibleCompany(write, 'companyId');
    return write.tables.chargingStations.update(write.principal.visibility, write);
  },
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.chargingStations.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<ChargingStationField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], ChargingStationField>;
};
