// A tenant with many stations and an API client, written straight into the database.

import { hashedSecret } from '../src/domain/index.ts';
import { newClientId, newId, newSecret } from '../src/ids.ts';
import type { BenchDatabase } from './bench_database.ts';

export async function aTenantWithStations({ superuser }: BenchDatabase, stations: number) {
  const tenantId = newId();
  const clientId = newClientId();
  const clientSecret = newSecret();
  await superuser.query(
    "insert into tenants (id, slug, created_at, updated_at) values ($1, 'bench', now(), now())",
    [tenantId],
  );
  await superuser.query(
    `insert into api_clients (tenant_id, client_id, name, secret_hash, scopes, created_at, updated_at)
     values ($1, $2, 'Bench', $3, '{cpoapi:*}', now(), now())`,
    [tenantId, clientId, hashedSecret(clientSecret)],
  );
  await superuser.query(
    `insert into charging_stations (tenant_id, id, identity, label, vendor, model, serial_number, firmware_version,
                                    iccid, imsi, booted_at, created_at, updated_at)
     select $1, ('018f0000-' || substr(h, 1, 4) || '-7' || substr(h, 5, 3) || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
            'cp_' || n, 'Station ' || n, 'Vendor', 'Model', 'SN' || n, '1.0.' || n % 50,
            '8949' || lpad(n::text, 15, '0'), '26201' || lpad(n::text, 10, '0'), now(), now(), now()
     from generate_series(1, $2::int) n, lpad(to_hex(n), 7, '0') h`,
    [tenantId, stations],
  );
  await superuser.query(
    `insert into station_connections (tenant_id, charging_station_id, connection_id, node, ocpp_version, opened_at, last_seen_at)
     select tenant_id, id, id, 'other', '1.6', now(), now() from charging_stations`,
  );
  await superuser.query('vacuum analyze');
  return { tenantId, clientId, clientSecret };
}

export function tokenUrl(origin: string, client: { clientId: string; clientSecret: string }): string {
  const { clientId, clientSecret } = client;
  return `${origin}/token?grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`;
}
