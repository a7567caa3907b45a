// locations, seen by the company that they belong to. Which stations stand there is kept with the stations.

import { Conflict } from '../domain/index.ts';
import { noSuchCompany, refusingBy } from './broken_rules.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { columnsOf, resourceRows } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';

const table = {
  name: 'locations',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    name: { sql: 's.name', type: 'text' },
    companyId: { sql: 's.company_id', type: 'uuid' },
    address: { sql: 's.address', type: 'json' },
    geolocation: { sql: 's.geolocation', type: 'json' },
    parkingType: { sql: 's.parking_type', type: 'text' },
    directions: { sql: 's.directions', type: 'json' },
    timeSettings: { sql: 's.time_settings', type: 'json' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleCompany,
} as const satisfies ListedTable<string>;

export type LocationField = keyof typeof table.fields;
export const locationFields = Object.keys(table.fields) as readonly LocationField[];

const written = {
  name: 'name',
  companyId: 'company_id',
  address: 'address',
  geolocation: 'geolocation',
  parkingType: 'parking_type',
  directions: 'directions',
  timeSettings: 'time_settings',
} as const;
export type WrittenLocation = { readonly [Field in keyof typeof written]?: unknown };

const columns = (values: WrittenLocation) => columnsOf(written, values);
const refusing = refusingBy({
  locations_tenant_id_company_id_fkey: noSuchCompany,
  charging_stations_tenant_id_location_id_fkey: (cause) =>
    new Conflict('The location has charging stations. Remove them first.', { cause }),
});

/**
 * Writes throw {Invalid} when the company is none of this tenant, deletions {Conflict} when charging stations stand there,
 * visible or not.
 */
export function locationsIn(session: Session) {
  return resourceRows(session, table, { columns, refusing });
}
