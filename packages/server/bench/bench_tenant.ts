// A tenant with many stations and an API client, written straight into the database.

import { hashedSecret } from '../src/domain/index.ts';
import { newClientId, newId, newSecret } from '../src/ids.ts';
import type { BenchDatabase } from './bench_database.ts';

/** The first ten stations belong to a company of their own, where there are so many. */
export async function aTenantWithStations({ superuser }: BenchDatabase, stations: number, slug = 'bench') {
  const tenantId = newId();
  const clientId = newClientId();
  const clientSecret = newSecret();
  const companyId = newId();
  await superuser.query(
    'insert into tenants (id, slug, created_at, updated_at) values ($1, $2, now(), now())',
    [tenantId, slug],
  );
  await superuser.query(
    `insert into companies (tenant_id, id, name, created_at, updated_at) values ($1, $2, 'Bench', now(), now())`,
    [tenantId, companyId],
  );
  const client = async (id: string, company: string | null) =>
    superuser.query(
      `insert into api_clients (tenant_id, client_id, name, secret_hash, scopes, company_id, visibility, created_at, updated_at)
       values ($1, $2, 'Bench', $3, '{cpoapi:*}', $4, case when $4::uuid is not null then 'company' end, now(), now())`,
      [tenantId, id, hashedSecret(clientSecret), company],
    );
  const companyClientId = newClientId();
  await client(clientId, null);
  await client(companyClientId, companyId);
  await superuser.query(
    `insert into charging_stations (tenant_id, id, identity, label, vendor, model, serial_number, firmware_version,
                                    iccid, imsi, booted_at, created_at, updated_at,
                                    company_id)
     select $1, ('018f0000-' || substr(h, 1, 4) || '-7' || substr(h, 5, 3) || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
            'cp_' || n, 'Station ' || n, 'Vendor', 'Model', 'SN' || n, '1.0.' || n % 50,
            '8949' || lpad(n::text, 15, '0'), '26201' || lpad(n::text, 10, '0'), now(), now(), now(),
            case when $2::int > 10 and n <= 10 then $3::uuid end
     from generate_series(1, $2::int) n, lpad(to_hex(n), 7, '0') h`,
    [tenantId, stations, companyId],
  );
  await superuser.query(
    `insert into station_connections (tenant_id, charging_station_id, connection_id, node, ocpp_version, opened_at, last_seen_at)
     select tenant_id, id, id, 'other', '1.6', now(), now() from charging_stations where tenant_id = $1`,
    [tenantId],
  );
  await superuser.query('vacuum analyze');
  return { tenantId, clientId, clientSecret, company: { clientId: companyClientId, clientSecret } };
}

export function tokenUrl(origin: string, client: { clientId: string; clientSecret: string }): string {
  const { clientId, clientSecret } = client;
  return `${origin}/token?grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`;
}
