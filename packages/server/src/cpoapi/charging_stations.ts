// charging_stations: full reads and writes.

import { chargingStations as declaration } from '@chargeyard/contract/resources/charging_stations';
import { hashedStationPassword } from '../domain/index.ts';
import { newId } from '../ids.ts';
import type { Resource, Values, Write } from '../json_api/index.ts';
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
    hasPassword: 'hasPassword',
    assumedSubprotocol: 'assumedSubprotocol',
    connectionStatus: 'connectionStatus',
    lastSeenAt: 'lastSeenAt',
    lastRefusal: 'lastRefusal',
    bootedAt: 'bootedAt',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.chargingStations.page(visibility, query),
  outlines: {
    volatile: volatileChargingStationFields,
    outline: (tables, visibility, query) => tables.chargingStations.outline(visibility, query),
    state: (tables, visibility, query, startsAt) =>
      tables.chargingStations.state(visibility, query, startsAt),
    rowsByIds: (tables, visibility, ids) => tables.chargingStations.rowsByIds(visibility, ids),
  },
  find: (tables, visibility, id, now) => tables.chargingStations.find(visibility, id, now),
  async create({ tables, principal, values, now }) {
    const id = newId();
    const station = { ...values, ...passwordHashOf(values), id, createdAt: now };
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
  async update(write) {
    const values = {
      ...(await profileWithPassword(write)),
      ...write.values,
      ...passwordHashOf(write.values),
    };
    return write.tables.chargingStations.update(write.principal.visibility, { ...write, values });
  },
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.chargingStations.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<ChargingStationField> & {
  fieldOf: Record<Exclude<keyof (typeof declaration)['attributes'], 'password'>, ChargingStationField>;
};

function passwordHashOf({ password }: Values): { passwordHash?: string | null } {
  if (password === undefined) return {};
  return { passwordHash: typeof password === 'string' ? hashedStationPassword(password) : null };
}

/** A station that was let in without anything needs its password once it gets one. */
async function profileWithPassword({
  tables,
  principal,
  values,
  id,
  now,
}: Write & { id: string }): Promise<Values> {
  if (typeof values['password'] !== 'string') return {};
  const known = await tables.chargingStations.find(principal.visibility, id, now);
  return known?.[chargingStationFields.indexOf('securityProfile')] === '0' ? { securityProfile: 1 } : {};
}
