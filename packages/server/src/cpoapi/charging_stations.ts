// charging_stations: full reads and writes.

import { chargingStations as declaration } from '@chargeyard/contract/resources/charging_stations';
import { newId } from '../ids.ts';
import type { Resource } from '../json_api/index.ts';
import { chargingStationFields, volatileChargingStationFields } from '../store/index.ts';
import type { ChargingStationField } from '../store/index.ts';

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
  async create({ tables, principal, values, now }) {
    const id = newId();
    const station = { ...values, id, passwordHash: undefined, createdAt: now };
    const { tenantId } = principal.visibility;
    await tables.chargingStations.insert(tenantId, station);
    if (typeof values['modelId'] === 'number') {
      const { modelId } = values;
      await tables.connectors.insertOfModel(tenantId, {
        chargingStationId: id,
        modelId,
        newId,
        createdAt: now,
      });
    }
    return id;
  },
  update: (write) => write.tables.chargingStations.update(write.principal.visibility, write),
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.chargingStations.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<ChargingStationField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], ChargingStationField>;
};
