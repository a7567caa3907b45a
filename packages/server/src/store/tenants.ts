// tenants: outside the tenants' wall, since it is what a tenant is looked up in.

import { Conflict, Invalid, NotFound } from '../domain/index.ts';
import type { Tenant, Visibility } from '../domain/index.ts';
import { refusingBy } from './broken_rules.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { columnsOf, findRow, updateRow } from './resource_rows.ts';
import { nextVersion } from './versions.ts';

const table = {
  name: 'tenants',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    slug: { sql: 's.slug', type: 'text' },
    cpoApiIsLicensed: { sql: 's.cpo_api_is_licensed', type: 'boolean' },
    pendingAfterSeconds: { sql: 's.pending_after_seconds', type: 'integer' },
    offlineAfterSeconds: { sql: 's.offline_after_seconds', type: 'integer' },
    unknownDriverTokens: { sql: 's.unknown_driver_tokens', type: 'text' },
    communicationLogDays: { sql: 's.communication_log_days', type: 'integer' },
    meterValueDays: { sql: 's.meter_value_days', type: 'integer' },
    eventDays: { sql: 's.event_days', type: 'integer' },
    unknownChargingStations: { sql: 's.unknown_charging_stations', type: 'text' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  // Its own tenant is seen by everyone of the tenant.
  visible: () => 's.id = $1',
} as const satisfies ListedTable<string>;

export type TenantField = keyof typeof table.fields;
export const tenantFields = Object.keys(table.fields) as readonly TenantField[];

const written = {
  pendingAfterSeconds: 'pending_after_seconds',
  offlineAfterSeconds: 'offline_after_seconds',
  unknownDriverTokens: 'unknown_driver_tokens',
  communicationLogDays: 'communication_log_days',
  meterValueDays: 'meter_value_days',
  eventDays: 'event_days',
  unknownChargingStations: 'unknown_charging_stations',
} as const;
export type WrittenTenant = { readonly [Field in keyof typeof written]?: unknown };

export function tenantsIn(session: Session) {
  return {
    /** @throws {Conflict} when the slug is taken */
    async insert(tenant: Tenant & { createdAt: Date }): Promise<void> {
      const refusing = refusingBy({
        tenants_slug_key: (cause) => new Conflict(`There is a tenant "${tenant.slug}" already.`, { cause }),
      });
      await refusing(() =>
        session.query('insert into tenants (id, slug, created_at, updated_at) values ($1, $2, $3, $3)', [
          tenant.id,
          tenant.slug,
          tenant.createdAt,
        ]),
      );
    },

    async areNone(): Promise<boolean> {
      return (await session.query('select 1 from tenants limit 1')).length === 0;
    },

    /** Answers all tenants, by slug. */
    list: (): Promise<(Tenant & { cpoApiIsLicensed: boolean })[]> =>
      session.query('select id, slug, cpo_api_is_licensed as "cpoApiIsLicensed" from tenants order by slug'),

    find: (visibility: Visibility, now: Date) =>
      findRow(session, table, visibility, { id: visibility.tenantId, now }),

    /**
     * @returns whether it was not changed since
     * @throws {Invalid} when stations would be offline before they are pending
     */
    async update(
      visibility: Visibility,
      change: { values: WrittenTenant; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> {
      const { offlineAfterSeconds } = change.values;
      const field = offlineAfterSeconds === undefined ? 'pendingAfterSeconds' : 'offlineAfterSeconds';
      const refusing = refusingBy({
        tenants_check: (cause) =>
          new Invalid('A station must not be offline before it is pending.', { cause, field }),
      });
      const columns = columnsOf(written, change.values);
      return refusing(() =>
        updateRow(session, table, visibility, { ...change, id: visibility.tenantId, columns }),
      );
    },

    async updateLicence(id: string, cpoApiIsLicensed: boolean, now: Date): Promise<void> {
      await session.query(
        `update tenants s set cpo_api_is_licensed = $2, updated_at = ${nextVersion('$3::timestamptz')} where s.id = $1`,
        [id, cpoApiIsLicensed, now],
      );
    },

    async findBySlug(slug: string): Promise<Tenant | undefined> {
      // PostgreSQL's text cannot hold it, so no tenant has such a slug.
      if (slug.includes('\0')) return undefined;
      const [row] = await session.query<Tenant>('select id, slug from tenants where slug = $1', [slug]);
      return row;
    },

    /** @throws {NotFound} */
    async getBySlug(slug: string): Promise<Tenant> {
      const tenant = await this.findBySlug(slug);
      if (tenant === undefined) {
        throw new NotFound(`There is no tenant "${slug}"; "chargeyard tenant create ${slug}" makes it.`);
      }
      return tenant;
    },
  };
}
