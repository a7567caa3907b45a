// Charging stations without passwords in an installation that is not running yet.

import { pino } from 'pino';
import { newId } from '../../src/ids.ts';
import { openEmbeddedPostgres, openStore } from '../../src/store/index.ts';
import { aChargingStation } from '../builders.ts';

/** Makes a tenant of the slug with stations of these identities. */
export async function installStations(
  dataFolder: string,
  slug: string,
  identities: readonly string[],
): Promise<void> {
  const postgres = await openEmbeddedPostgres({ dataFolder, purpose: 'verb', progress: () => undefined });
  const log = pino({ level: 'silent' });
  const store = await openStore({ connection: postgres.connection, log, newId, maxConnections: 2 });
  const tenant = { id: newId(), slug, createdAt: new Date() };
  await store.tenants.insert(tenant);
  for (const identity of identities) await aChargingStation(store, tenant.id, { identity });
  await store.close();
  await postgres.close();
}
