// Opens the store for a verb: on the database of DATABASE_URL, or on the embedded one, which is started if no other
// process has it running.

import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { newId } from '../ids.ts';
import { openEmbeddedPostgres, openStore, takeServerLock } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import type { Console } from './console.ts';

export type OpenedStore = { readonly store: Store; close(): Promise<void> };

/** @throws {StartError} in a sentence, when there is no database to be had */
export async function openStoreFor(
  purpose: 'server' | 'verb',
  deps: { config: Config; log: Logger; console: Console },
): Promise<OpenedStore> {
  const { config, log, console } = deps;
  const settings = { log, newId, maxConnections: config.databaseConnections };
  if (config.databaseUrl !== undefined) {
    const connection = { connectionString: config.databaseUrl };
    const store = await openStore({ connection, ...settings });
    if (purpose === 'verb') return { store, close: () => store.close() };
    try {
      const lock = await takeServerLock(connection, log);
      return {
        store,
        async close() {
          try {
            await store.close();
          } finally {
            await lock.release();
          }
        },
      };
    } catch (error) {
      await store.close();
      throw error;
    }
  }
  const postgres = await openEmbeddedPostgres({
    dataFolder: config.dataFolder,
    purpose,
    progress: (line) => console.progress(line),
  });
  try {
    const store = await openStore({ connection: postgres.connection, ...settings });
    return {
      store,
      async close() {
        try {
          await store.close();
        } finally {
          await postgres.close();
        }
      },
    };
  } catch (error) {
    await postgres.close();
    throw error;
  }
}
