// charging_stations: full reads and writes.

import { chargingStations as declaration } from '@chargeyard/contract/resources/charging_stations';
import { Invalid, throwAll } from '../domain/index.ts';
import { newId } from '../ids.ts';
import type { Resource, Write } from '../json_api/index.ts';
import { chargingStationFields } from '../store/index.ts';
import type { ChargingStationField } from '../store/index.ts';
import { requireVisibleCompany } from './visible_company.ts';
import { requireVisibleTechnician } from './visible_technician.ts';

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
  find: (tables, visibility, id, now) => tables.chargingStations.find(visibility, id, now),
  async create(write) {
    const { tables, principal, values, now } = write;
    await requireVisibleReferences(write);
    const id = newId();
    const station = { ...values, id, passwordHash: undefined, createdAt: now };
    await tables.chargingStations.insert(principal.visibility.tenantId, station);
    return id;
  },
  async update(write) {
    await requireVisibleReferences(write, write.id);
    return write.tables.chargingStations.update(write.principal.visibility, write);
  },
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.chargingStations.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<ChargingStationField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], ChargingStationField>;
};

/** @throws {AggregateError} of {Invalid}: all references at once that lead to nothing that the principal may see */
async function requireVisibleReferences(write: Write, id?: string): Promise<void> {
  const faults: Invalid[] = [];
  const note = (error: unknown) => {
    if (!(error instanceof Invalid)) throw error;
    faults.push(error);
  };
  await requireVisibleCompany(write, 'companyId').catch(note);
  await requireVisibleTechnician(write, id).catch(note);
  throwAll(faults);
}
