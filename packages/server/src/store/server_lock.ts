// One server per external database for now: a second one would take the first one's stations for gone. The lock is a
// session's, so a server that dies gives it back. (With the embedded database, embedded/use_locks.ts does this.)

import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { connectedClient } from './connected_client.ts';
import { StartError } from './embedded/start_error.ts';

// Any number of our own.
const serverLock = 7_203_115;
const triedAgainAfterMs = 1_000;

export type ServerLock = { release(): Promise<void> };

/** @throws {StartError} when another server has the lock */
export async function takeServerLock(connection: ClientConfig, log: Logger): Promise<ServerLock> {
  const stopped = new AbortController();
  let client = await lockedClient(connection);
  let taking: Promise<void> = Promise.resolve();

  function watch(): void {
    client.once('end', () => {
      if (stopped.signal.aborted) return;
      log.warn('the connection that holds the server lock was cut; taking it again');
      taking = takeAgain();
    });
  }

  async function takeAgain(): Promise<void> {
    while (!stopped.signal.aborted) {
      await delay(triedAgainAfterMs, undefined, { ref: false });
      try {
        client = await lockedClient(connection);
        watch();
        return;
      } catch (error) {
        log.warn({ err: error }, 'the server lock could not be taken again yet');
      }
    }
  }

  watch();
  return {
    async release() {
      stopped.abort();
      await taking;
      await client.end().catch(() => undefined);
    },
  };
}

async function lockedClient(connection: ClientConfig): Promise<Client> {
  const client = await connectedClient(connection, 'chargeyard-server');
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
    serverLock,
  ]);
  if (rows[0]?.got) return client;
  await client.end();
  throw new StartError(
    'Another Chargeyard server uses this database: stop that one first, or give this one a database of its own.',
  );
}
