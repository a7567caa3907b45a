// The door of the room: all that the rest of the house can ask of the database.

import type { Logger } from 'pino';
import { apiClientsIn } from './api_clients.ts';
import { chargingStationsIn } from './charging_stations.ts';
import { companiesIn } from './companies.ts';
import { openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { signingKeysIn } from './signing_keys.ts';
import { closeLeftConnections, stationFactsIn } from './station_facts.ts';
import { tenantsIn } from './tenants.ts';
import type { PoolConfig } from 'pg';

export { chargingStationFields } from './charging_stations.ts';
export type { ChargingStationField, ChargingStationRow, StationAtTheDoor } from './charging_stations.ts';
export type { Company } from './companies.ts';
export { openEmbeddedPostgres } from './embedded/index.ts';
export { StartError } from './embedded/start_error.ts';
export { instantOf } from './instant_text.ts';
export { migrate } from './migrate.ts';
export type { SigningKeyRow } from './signing_keys.ts';
export type { StationFacts } from './station_facts.ts';

export type Store = ReturnType<typeof storeOn>;

/**
 * Opens the store on a database whose schema is brought up to date first.
 *
 * @throws {Error} in a sentence, when the database cannot be reached or its schema is newer
 */
export async function openStore(options: {
  connection: PoolConfig;
  log: Logger;
  newId: () => string;
  maxConnections: number;
}): Promise<Store> {
  await migrate(options.connection);
  return storeOn(options);
}

function storeOn(options: Parameters<typeof openStore>[0]) {
  const { log, newId } = options;
  const database = openDatabase(options);
  const stationFacts = stationFactsIn(database, { newId, log });
  return {
    apiClients: apiClientsIn(database),
    chargingStations: chargingStationsIn(database),
    companies: companiesIn(database),
    signingKeys: signingKeysIn(database),
    stationFacts,
    tenants: tenantsIn(database),
    closeLeftConnections: (node: string, now: Date) => closeLeftConnections(database, node, now),
    isReachable: () => database.isReachable(),
    async close(): Promise<void> {
      await stationFacts.close();
      await database.close();
    },
  };
}
