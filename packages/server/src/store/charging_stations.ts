// charging_stations with what station_connections knows of their connections. Pages come as rows of texts, in the order
// of `chargingStationFields`, since a list spends its time on turning rows into objects and objects into JSON.

import { Conflict, Invalid, NotFound } from '../domain/index.ts';
import type { Visibility } from '../domain/index.ts';
import { telling } from './bus.ts';
import { noSuchCompany, refusingBy } from './broken_rules.ts';
import { chargingStationPages } from './charging_station_pages.ts';
import { columnsOf, insertRow, newRow, resourceRows } from './resource_rows.ts';
import { rowsByIds, volatileFieldsOf } from './outlines.ts';
import type { ListedTable } from './resource_list.ts';
import type { Session } from './database.ts';
import { nextVersion } from './versions.ts';
import { isOfVisibleCompany } from './visible_company.ts';

// Asked once per statement, being the same for all rows.
const silentFor = (column: 'offline_after_seconds' | 'pending_after_seconds') =>
  `c.last_seen_at <= (select $2::timestamptz - make_interval(secs => ${column}) from tenants where id = $1)`;

// `s` is the station, `c` its connection; $1 the tenant's id, $2 now.
const table = {
  name: 'charging_stations',
  joins: 'left join station_connections c on c.tenant_id = $1 and c.charging_station_id = s.id',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    label: { sql: 's.label', type: 'text' },
    identity: { sql: 's.identity', type: 'text' },
    iccid: { sql: 's.iccid', type: 'text' },
    imsi: { sql: 's.imsi', type: 'text' },
    serialNumber: { sql: 's.serial_number', type: 'text' },
    firmwareVersion: { sql: 's.firmware_version', type: 'text' },
    publicDisplayName: { sql: 's.public_display_name', type: 'text' },
    modelId: { sql: 's.model_id', type: 'integer' },
    companyId: { sql: 's.company_id', type: 'uuid' },
    locationId: { sql: 's.location_id', type: 'uuid' },
    timeZone: { sql: 's.time_zone', type: 'text' },
    address: { sql: 's.address', type: 'json' },
    geolocation: { sql: 's.geolocation', type: 'json' },
    technicianUserId: { sql: 's.technician_user_id', type: 'integer' },
    vendor: { sql: 's.vendor', type: 'text' },
    model: { sql: 's.model', type: 'text' },
    ocppVersion: { sql: 'c.ocpp_version', type: 'text', isVolatile: true },
    securityProfile: { sql: 's.security_profile', type: 'integer' },
    hasPassword: { sql: '(s.password_hash is not null)', type: 'boolean' },
    assumedSubprotocol: { sql: 's.assumed_subprotocol', type: 'text' },
    connectionStatus: {
      sql: `case
        when c.last_seen_at is null then 'no_communication'
        when c.connection_id is null then 'offline'
        when ${silentFor('offline_after_seconds')} then 'offline'
        when ${silentFor('pending_after_seconds')} then 'pending'
        else 'online'
      end`,
      type: 'text',
      isVolatile: true,
    },
    lastSeenAt: { sql: 'c.last_seen_at', type: 'timestamptz', isVolatile: true },
    lastRefusal: { sql: 'c.last_refusal', type: 'json', isVolatile: true },
    bootedAt: { sql: 's.booted_at', type: 'timestamptz' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  // Of label, identity and serial number (migration 000010). An array, so that the stations are looked up by it and not
  // the other way round.
  mayHold: (text) => `s.id = any (array(select g.charging_station_id from charging_station_grams g
    where g.tenant_id = $1 and g.grams @> search_grams($1, ${text})))`,
  visible: isOfVisibleCompany,
} as const satisfies ListedTable<string>;

export type ChargingStationField = keyof typeof table.fields;
export const chargingStationFields = Object.keys(table.fields) as readonly ChargingStationField[];

/** What can be written, by field; the columns they are written to. */
const written = {
  label: 'label',
  identity: 'identity',
  iccid: 'iccid',
  imsi: 'imsi',
  serialNumber: 'serial_number',
  publicDisplayName: 'public_display_name',
  modelId: 'model_id',
  companyId: 'company_id',
  timeZone: 'time_zone',
  address: 'address',
  geolocation: 'geolocation',
  technicianUserId: 'technician_user_id',
  securityProfile: 'security_profile',
  passwordHash: 'password_hash',
  assumedSubprotocol: 'assumed_subprotocol',
} as const;
export type WrittenChargingStation = { readonly [Field in keyof typeof written]?: unknown };

export const volatileChargingStationFields = volatileFieldsOf(table);

const refusing = refusingBy({
  charging_stations_tenant_id_identity_key: (cause) =>
    new Conflict('There is a charging station with this identity already.', { cause, field: 'identity' }),
  charging_stations_tenant_id_company_id_fkey: noSuchCompany,
  charging_stations_tenant_id_model_id_fkey: (cause) =>
    new Invalid('There is no such charging station model.', { cause, field: 'modelId' }),
  charging_stations_tenant_id_technician_user_id_fkey: (cause) =>
    new Invalid('There is no such technician.', { cause, field: 'technicianUserId' }),
  charging_stations_tenant_id_location_id_fkey: (cause) =>
    new NotFound('There is no such location.', { cause }),
});
// What the operator sets is what counts: an offer that is open is none any more.
const columnsFor = (values: WrittenChargingStation) => ({
  ...columnsOf(written, values),
  ...(values.passwordHash === undefined ? {} : { offered_password_hash: null }),
  ...(values.securityProfile === undefined ? {} : { offered_security_profile: null }),
});

/**
 * Writes throw {Conflict} when the identity is taken in this tenant, {Invalid} when company, model or technician are none
 * of this tenant.
 */
export function chargingStationsIn(session: Session) {
  const plain = resourceRows(session, table, { columns: columnsFor, refusing });
  return {
    ...plain,

    ...chargingStationPages(session, table),

    rowsByIds: (visibility: Visibility, ids: readonly string[]) => rowsByIds(session, table, visibility, ids),

    /** @returns whether there was such a station, not changed since; whoever holds its connection is told then */
    async delete(visibility: Visibility, id: string, ifUpdatedAt: string | undefined): Promise<boolean> {
      const isDeleted = await plain.delete(visibility, id, ifUpdatedAt);
      if (isDeleted)
        await session.transaction([], [telling(undefined, 'deleted_stations', id.toLowerCase())]);
      return isDeleted;
    },

    /** Without a security profile, that of its password: 1 with one, 0 without. */
    async insert(
      tenantId: string,
      station: WrittenChargingStation & { id: string; createdAt: Date },
    ): Promise<void> {
      const { id, createdAt, ...values } = station;
      const { securityProfile = typeof values.passwordHash === 'string' ? 1 : 0 } = values;
      await refusing(() =>
        insertRow(session, table.name, {
          ...newRow(tenantId, { id, createdAt }),
          ...columnsFor({ ...values, securityProfile }),
        }),
      );
    },

    /**
     * Adds a station of which nothing but its identity is known. Where the tenant has OCPP passwords it must send one of
     * them.
     */
    async insertUnknown(
      tenantId: string,
      { id, identity, createdAt }: { id: string; identity: string; createdAt: Date },
    ): Promise<void> {
      await refusing(() =>
        session.queryAs(
          tenantId,
          `insert into charging_stations (tenant_id, id, identity, label, security_profile, created_at, updated_at)
           select $1::uuid, $2::uuid, $3::text, $3::text,
                  case when exists (select 1 from ocpp_passwords p where p.tenant_id = $1) then 1 else 0 end,
                  $4::timestamptz, $4::timestamptz`,
          [tenantId, id, identity, createdAt],
        ),
      );
    },

    /**
     * Puts a station at a location, from wherever it stood. One that stands there already is left as it is.
     *
     * @throws {NotFound} when there is no such location in this tenant
     */
    assignLocation: (
      visibility: Visibility,
      station: { id: string; locationId: string; now: Date },
    ): Promise<void> =>
      refusing(() =>
        changeLocation(session, visibility, station, {
          to: '$3::uuid',
          where: 's.location_id is distinct from $3::uuid',
        }),
      ),

    /** Takes a station from a location. One that stands elsewhere, or nowhere, is left as it is. */
    removeFromLocation: (
      visibility: Visibility,
      station: { id: string; locationId: string; now: Date },
    ): Promise<void> =>
      changeLocation(session, visibility, station, { to: 'null', where: 's.location_id = $3::uuid' }),

    /** Gives a station another password; from then on it must send one. */
    async updatePassword(tenantId: string, id: string, passwordHash: string, now: Date): Promise<void> {
      await session.queryAs(
        tenantId,
        `update charging_stations s
         set password_hash = $3, offered_password_hash = null, security_profile = greatest(s.security_profile, 1),
             updated_at = ${nextVersion('$4::timestamptz')}
         where s.tenant_id = $1 and s.id = $2`,
        [tenantId, id, passwordHash, now],
      );
    },
  };
}

/** Changes where a station stands, in one statement: of two changes at once each decides on what the other left. */
async function changeLocation(
  session: Session,
  visibility: Visibility,
  { id, locationId, now }: { id: string; locationId: string; now: Date },
  { to, where }: { to: string; where: string },
): Promise<void> {
  const values: unknown[] = [visibility.tenantId, now, locationId, id];
  const condition = isOfVisibleCompany(visibility, (value) => `$${values.push(value)}`);
  await session.queryAs(
    visibility.tenantId,
    `update charging_stations s
     set location_id = ${to}, updated_at = ${nextVersion('$2::timestamptz')}
     where s.id = $4::uuid and ${where} and ${condition}`,
    values,
  );
}

/** The condition that keeps rows of visible stations: `s.charging_station_id` names a row's, $1 is the tenant's id. */
export function isOfVisibleStation(visibility: Visibility, parameter: (value: unknown) => string): string {
  if (visibility.company === undefined) return 's.tenant_id = $1';
  return `s.tenant_id = $1 and exists (
    select 1 from charging_stations v where v.tenant_id = $1 and v.id = s.charging_station_id
      and ${isOfVisibleCompany(visibility, parameter, { row: 'v' })})`;
}
