// locations, seen by the company that they belong to. Which stations stand there is kept with the stations.

import { Conflict, Invalid } from '../domain/index.ts';
import type { Visibility } from '../domain/index.ts';
import { brokenConstraint } from './database.ts';
import type { Session } from './database.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { columnsOf, deleteRow, findRow, insertRow, listedPage, updateRow } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';

const table = {
  from: 'locations s',
  id: { sql: 's.id', type: 'uuid' },
  updatedAt: 's.updated_at',
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

export function locationsIn(session: Session) {
  return {
    page: (visibility: Visibility, query: ListQuery<LocationField>) =>
      listedPage(session, table, visibility, query),

    find: (visibility: Visibility, id: string, now: Date) => findRow(session, table, visibility, { id, now }),

    /** @throws {Invalid} when the company is none of this tenant */
    async insert(
      tenantId: string,
      { id, createdAt, ...values }: WrittenLocation & { id: string; createdAt: Date },
    ): Promise<void> {
      await refusing(() =>
        insertRow(session, 'locations', {
          tenant_id: tenantId,
          id,
          created_at: createdAt,
          updated_at: createdAt,
          ...columnsOf(written, values),
        }),
      );
    },

    /**
     * @returns whether there was such a location, not changed since
     * @throws {Invalid} as `insert`
     */
    update: (
      visibility: Visibility,
      change: { id: string; values: WrittenLocation; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> =>
      refusing(() =>
        updateRow(session, table, 'locations', visibility, {
          ...change,
          columns: columnsOf(written, change.values),
        }),
      ),

    /**
     * @returns whether there was such a location, not changed since
     * @throws {Conflict} when charging stations stand there, visible or not
     */
    delete: (visibility: Visibility, id: string, ifUpdatedAt: string | undefined): Promise<boolean> =>
      refusing(() => deleteRow(session, table, 'locations', visibility, { id, ifUpdatedAt })),
  };
}

async function refusing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    switch (brokenConstraint(cause)) {
      case 'locations_tenant_id_company_id_fkey':
        throw new Invalid('There is no such company.', { cause, field: 'companyId' });
      case 'charging_stations_tenant_id_location_id_fkey':
        throw new Conflict('The location has charging stations. Remove them first.', { cause });
      default:
        throw cause;
    }
  }
}
