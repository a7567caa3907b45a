// Opens the store for a verb: on the database of DATABASE_URL, or on the embedded one, which is started if no other
// process has it running.

import type { ClientConfig } from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { newId } from '../ids.ts';
import { openEmbeddedPostgres, openStore, takeServerLock } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import type { Console } from './console.ts';

type Purpose = 'server' | 'verb';
type Deps = { config: Config; log: Logger; console: Console };

export type OpenedStore = {
  readonly store: Store;
  readonly connection: ClientConfig;
  close(): Promise<void>;
};

/** @throws {StartError} in a sentence, when there is no database to be had */
export async function openStoreFor(purpose: Purpose, deps: Deps): Promise<OpenedStore> {
  const { config, log } = deps;
  const { connection, letGo } = await heldDatabase(purpose, deps);
  try {
    const store = await openStore({ connection, log, newId, maxConnections: config.databaseConnections });
    return {
      store,
      connection,
      async close() {
        try {
          await store.close();
        } finally {
          await letGo();
        }
      },
    };
  } catch (error) {
    await letGo();
    throw error;
  }
}

/** The database, which no other server of the name uses while this one holds it. */
async function heldDatabase(
  purpose: Purpose,
  { config, log, console }: Deps,
): Promise<{ connection: ClientConfig; letGo: () => Promise<void> }> {
  if (config.databaseUrl === undefined) {
    const postgres = await openEmbeddedPostgres({
      dataFolder: config.dataFolder,
      purpose,
      settings: purpose === 'server' ? settingsFor(config) : {},
      progress: (line) => console.progress(line),
    });
    return { connection: postgres.connection, letGo: () => postgres.close() };
  }
  const connection = { connectionString: config.databaseUrl };
  if (purpose === 'verb') return { connection, letGo: async () => undefined };
  const lock = await takeServerLock(connection, config.node, log);
  return { connection, letGo: () => lock.release() };
}

// Beside its pool each process has a connection for the bus, one for housekeeping, and one that brings the schema up to date.
const connectionsBesidePool = 3;
const connectionsOfVerbs = 20;

/** So that no worker is turned away. What postgresql.conf says is enough for one process. */
function settingsFor({ workers, databaseConnections }: Config): Record<string, string> {
  if (workers === 1) return {};
  const connections = (workers + 1) * (databaseConnections + connectionsBesidePool) + connectionsOfVerbs;
  return { max_connections: String(Math.max(connections, 100)) };
}
