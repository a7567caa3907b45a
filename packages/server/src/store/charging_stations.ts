// charging_stations with what station_connections knows of their connections. Pages come as rows of texts, in the order
// of `chargingStationFields`, since a list spends its time on turning rows into objects and objects into JSON.

import { Conflict, NotFound } from '../domain/index.ts';
import type { Visibility } from '../domain/index.ts';
import { brokenConstraint } from './database.ts';
import type { Database, Statement } from './database.ts';

// One SQL expression per field. `s` is the station, `c` its connection, `t` the tenant; $1 the tenant's id, $2 now.
const columns = {
  id: 's.id',
  label: 's.label',
  identity: 's.identity',
  iccid: 's.iccid',
  imsi: 's.imsi',
  serialNumber: 's.serial_number',
  firmwareVersion: 's.firmware_version',
  publicDisplayName: 's.public_display_name',
  modelId: 's.model_id',
  companyId: 's.company_id',
  locationId: 's.location_id',
  timeZone: 's.time_zone',
  address: 's.address',
  geolocation: 's.geolocation',
  technicianUserId: 's.technician_user_id',
  vendor: 's.vendor',
  model: 's.model',
  ocppVersion: 'c.ocpp_version',
  securityProfile: 's.security_profile',
  connectionStatus: `case
      when c.last_seen_at is null then 'no_communication'
      when c.connection_id is null then 'offline'
      when c.last_seen_at <= $2::timestamptz - make_interval(secs => t.offline_after_seconds) then 'offline'
      when c.last_seen_at <= $2::timestamptz - make_interval(secs => t.pending_after_seconds) then 'pending'
      else 'online'
    end`,
  lastSeenAt: 'c.last_seen_at',
  bootedAt: 's.booted_at',
  createdAt: 's.created_at',
  updatedAt: 's.updated_at',
} as const;

export type ChargingStationField = keyof typeof columns;
export const chargingStationFields = Object.keys(columns) as readonly ChargingStationField[];

/** One station: a text or null per field, in the order of `chargingStationFields`. */
export type ChargingStationRow = readonly (string | null)[];

export type NewChargingStation = {
  readonly id: string;
  readonly identity: string;
  readonly label: string;
  readonly companyId: string | undefined;
  readonly passwordHash: string | undefined;
  readonly createdAt: Date;
};

/** What the OCPP handshake needs to know of a station. */
export type StationAtTheDoor = {
  readonly tenantId: string;
  readonly chargingStationId: string;
  readonly passwordHash: string | undefined;
};

// Stands for the tenant as a whole in charging_station_ranks.
const tenantScope = '00000000-0000-0000-0000-000000000000';

const selected = Object.values(columns).join(', ');

export function chargingStationsIn(database: Database) {
  return {
    /**
     * Answers one page in the order of creation, and how many stations are visible in all.
     *
     * @param limit  stations per page, ≥ 1
     * @param offset stations to pass over, ≥ 0
     * @param now    the instant against which a connection's silence is measured
     */
    async page(
      visibility: Visibility,
      { limit, offset, now }: { limit: number; offset: number; now: Date },
    ): Promise<{ total: number; rows: ChargingStationRow[] }> {
      const [count, rows] = await database.textRowsAs(visibility.tenantId, [
        totalStatement(visibility),
        pageStatement(visibility, { limit, offset, now }),
      ]);
      return { total: Number(count?.[0]?.[0]), rows: rows ?? [] };
    },

    /** @throws {NotFound} when there is none with that id that may be seen */
    async get(visibility: Visibility, id: string, now: Date): Promise<ChargingStationRow> {
      const seen = visible(visibility, 3);
      const [rows] = await database.textRowsAs(visibility.tenantId, [
        {
          text: `with page as (select * from charging_stations s where s.id = $3 and ${seen.condition})
                 ${withConnections(eachConnection)}`,
          values: [visibility.tenantId, now, id, ...seen.values],
        },
      ]);
      const row = rows?.[0];
      if (row === undefined) throw new NotFound('There is no such charging station.');
      return row;
    },

    /**
     * @throws {Conflict} when the identity is taken in this tenant
     * @throws {NotFound} when the company is none of this tenant
     */
    async insert(tenantId: string, station: NewChargingStation): Promise<void> {
      try {
        await database.queryAs(
          tenantId,
          `insert into charging_stations
             (tenant_id, id, company_id, identity, label, security_profile, password_hash, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
          [
            tenantId,
            station.id,
            station.companyId ?? null,
            station.identity,
            station.label,
            station.passwordHash === undefined ? 0 : 1,
            station.passwordHash ?? null,
            station.createdAt,
          ],
        );
      } catch (error) {
        switch (brokenConstraint(error)) {
          case 'charging_stations_tenant_id_identity_key':
            throw new Conflict(`There is a charging station "${station.identity}" already.`, {
              cause: error,
            });
          case 'charging_stations_tenant_id_company_id_fkey':
            throw new NotFound('There is no such company in this tenant.', { cause: error });
          default:
            throw error;
        }
      }
    },

    /** Answers the station of that identity in the tenant of that slug. */
    async findAtTheDoor(slug: string, identity: string): Promise<StationAtTheDoor | undefined> {
      const [tenant] = await database.query<{ id: string }>('select id from tenants where slug = $1', [slug]);
      if (tenant === undefined) return undefined;
      const [row] = await database.queryAs<{ id: string; password_hash: string | null }>(
        tenant.id,
        'select id, password_hash from charging_stations where tenant_id = $1 and identity = $2',
        [tenant.id, identity],
      );
      if (row === undefined) return undefined;
      return {
        tenantId: tenant.id,
        chargingStationId: row.id,
        passwordHash: row.password_hash ?? undefined,
      };
    },

    /** Gives a station another password; from then on it must send one. */
    async updatePassword(tenantId: string, id: string, passwordHash: string, now: Date): Promise<void> {
      await database.queryAs(
        tenantId,
        `update charging_stations set password_hash = $3, security_profile = greatest(security_profile, 1), updated_at = $4
         where tenant_id = $1 and id = $2`,
        [tenantId, id, passwordHash, now],
      );
    },
  };
}

/** How many stations are visible: a sum of the blocks in charging_station_ranks, kept by the writes. */
function totalStatement({ tenantId, company }: Visibility): Statement {
  const scopes =
    company === undefined
      ? `'${tenantScope}'`
      : company.withSubordinates
        ? 'select a.company_id from company_ancestors a where a.tenant_id = $1 and a.ancestor_id = $2'
        : '$2';
  return {
    text: `select coalesce(sum(r.stations), 0) from charging_station_ranks r
           where r.tenant_id = $1 and r.scope_id in (${scopes})`,
    values: company === undefined ? [tenantId] : [tenantId, company.companyId],
  };
}

/**
 * The rows of a page. The statement finds the id at which the page starts, from indexes alone, and reads on from there.
 * Where one scope is asked for, its blocks tell from where on to walk, and over how many (migration 000002); a subtree's
 * blocks lie across each other, so there the offset is walked.
 */
function pageStatement(
  visibility: Visibility,
  { limit, offset, now }: { limit: number; offset: number; now: Date },
): Statement {
  const { tenantId, company } = visibility;
  const { condition, values } = visible(visibility, 4);
  const scope = company === undefined ? `'${tenantScope}'` : '$5';
  const block = `block as (
      select first_id, before from (
        select r.first_id, sum(r.stations) over (order by r.first_id) - r.stations as before
        from charging_station_ranks r where r.tenant_id = $1 and r.scope_id = ${scope}
      ) b where before <= $4::bigint order by first_id desc limit 1
    ), start as (
      select s.id from charging_stations s where ${condition} and s.id >= (select first_id from block)
      order by s.id limit 1 offset $4::bigint - (select before from block)
    )`;
  const walk = `start as (
      select s.id from charging_stations s where ${condition} order by s.id limit 1 offset $4::bigint
    )`;
  return {
    text: `with ${company?.withSubordinates ? walk : block}, page as materialized (
        select * from charging_stations s where ${condition} and s.id >= (select id from start)
        order by s.id limit $3::bigint
      )
      ${withConnections(company === undefined ? connectionsInRange : eachConnection)} order by s.id`,
    values: [tenantId, now, limit, offset, ...values],
  };
}

/** The rows of `page`, each with its connection and its tenant's intervals. */
function withConnections(connections: string): string {
  return `select ${selected} from page s cross join (select * from tenants where id = $1) t ${connections}`;
}

// A tenant's page is a run of ids without gaps: their connections are one run of the other table, too, and reading both
// takes half the time of a hundred look-ups. A company's page may lie scattered over the tenant's ids, so there each is
// looked up. "offset 0" keeps the planner from joining whole tables.
const connectionsInRange = `left join (
    select * from station_connections c where c.tenant_id = $1
      and c.charging_station_id between (select id from start) and (select id from page order by id desc limit 1)
    offset 0
  ) c on c.charging_station_id = s.id`;
const eachConnection = `left join lateral (
    select * from station_connections c where c.tenant_id = $1 and c.charging_station_id = s.id offset 0
  ) c on true`;

/** The condition that keeps a query of `charging_stations s` within a visibility; $1 is the tenant's id. */
function visible(visibility: Visibility, valuesBefore: number): { condition: string; values: string[] } {
  const { company } = visibility;
  if (company === undefined) return { condition: 's.tenant_id = $1', values: [] };
  const parameter = `$${valuesBefore + 1}`;
  return {
    condition: company.withSubordinates
      ? `s.tenant_id = $1 and s.company_id in (select a.company_id from company_ancestors a
           where a.tenant_id = $1 and a.ancestor_id = ${parameter})`
      : `s.tenant_id = $1 and s.company_id = ${parameter}`,
    values: [company.companyId],
  };
}
