// The look-up at the door: tenant, station and passwords by slug and identity.

import type { SecurityProfile, StationAccess } from '../domain/index.ts';
import { askedTogether } from './asked_together.ts';
import type { Database } from './database.ts';

type Asked = { readonly slug: string; readonly identity: string };

const mostTogether = 500;

/** Answers the look-up: undefined where there is no such tenant. It throws {Unavailable}. */
export function stationAccessIn(
  database: Database,
): (slug: string, identity: string) => Promise<StationAccess | undefined> {
  const ask = askedTogether((all: readonly Asked[]) => lookUp(database, all), mostTogether);
  return (slug, identity) => ask({ slug, identity });
}

type Row = {
  tenantId: string;
  unknownChargingStations: 'wait' | 'accept';
  id: string | null;
  securityProfile: SecurityProfile | null;
  passwordHash: string | null;
  offeredPasswordHash: string | null;
  offeredSecurityProfile: SecurityProfile | null;
  assumedSubprotocol: string | null;
  isStrict: boolean;
  vendor: string | null;
  model: string | null;
  timeZone: string | null;
  tenantPasswordHashes: string[] | null;
  place: number;
};

/** Answers what is known of each, in their order. */
async function lookUp(database: Database, group: readonly Asked[]): Promise<(StationAccess | undefined)[]> {
  const slugs = group.map(({ slug }) => slug);
  const rows = await database.queryAsTenantsOf<Row>(
    slugs,
    `select d.place::integer, t.id as "tenantId", t.unknown_charging_stations as "unknownChargingStations",
            s.id, s.security_profile as "securityProfile", s.password_hash as "passwordHash",
            s.offered_password_hash as "offeredPasswordHash", s.offered_security_profile as "offeredSecurityProfile",
            s.assumed_subprotocol as "assumedSubprotocol", coalesce(m.leniency = 'strict', false) as "isStrict",
            coalesce(s.vendor, m.vendor) as vendor, coalesce(s.model, m.name) as model, s.time_zone as "timeZone",
            case when s.password_hash is null then
              array(select p.password_hash from ocpp_passwords p where p.tenant_id = t.id order by p.id desc)
            end as "tenantPasswordHashes"
     from unnest($1::text[], $2::text[]) with ordinality as d (slug, identity, place)
     join tenants t on t.slug = d.slug
     left join charging_stations s on s.tenant_id = t.id and s.identity = d.identity
     left join charging_station_models m on m.tenant_id = s.tenant_id and m.id = s.model_id`,
    [slugs, group.map(({ identity }) => identity)],
  );
  const found = Array<StationAccess | undefined>(group.length).fill(undefined);
  for (const row of rows) found[row.place - 1] = accessFrom(row);
  return found;
}

function accessFrom(row: Row): StationAccess {
  const { tenantId, unknownChargingStations, id, securityProfile } = row;
  return {
    tenantId,
    unknownChargingStations,
    station:
      id === null || securityProfile === null
        ? undefined
        : {
            id,
            securityProfile,
            passwordHash: row.passwordHash ?? undefined,
            offered: offeredIn(row, securityProfile),
            assumedSubprotocol: row.assumedSubprotocol ?? undefined,
            habits: {
              isStrict: row.isStrict,
              vendor: row.vendor ?? undefined,
              model: row.model ?? undefined,
              timeZone: row.timeZone ?? undefined,
            },
          },
    tenantPasswordHashes: row.tenantPasswordHashes ?? [],
  };
}

function offeredIn(
  { passwordHash, offeredPasswordHash, offeredSecurityProfile }: Row,
  securityProfile: SecurityProfile,
): NonNullable<StationAccess['station']>['offered'] {
  if (offeredPasswordHash === null && offeredSecurityProfile === null) return undefined;
  const withPassword = offeredPasswordHash !== null && securityProfile === 0 ? 1 : securityProfile;
  return {
    securityProfile: offeredSecurityProfile ?? withPassword,
    passwordHash: offeredPasswordHash ?? passwordHash ?? undefined,
  };
}
