// One server of a name per external database: a second one would take the first one's stations for its own that it left, and
// hear what is meant for it. The lock is a session's, so a server that dies gives it back. (With the embedded database there
// is one server at all: embedded/use_locks.ts.)

import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { connectedClient } from './connected_client.ts';
import { StartError } from './embedded/start_error.ts';

// Any number of our own.
const serverLock = 7_203_115;
const triedAgainAfterMs = 1_000;

export type ServerLock = { release(): Promise<void> };

/** @throws {StartError} when another server has the lock of that name */
export async function takeServerLock(
  connection: ClientConfig,
  server: string,
  log: Logger,
): Promise<ServerLock> {
  const stopped = new AbortController();
  let client = await lockedClient(connection, server);
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
        client = await lockedClient(connection, server);
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

async function lockedClient(connection: ClientConfig, server: string): Promise<Client> {
  const client = await connectedClient(connection, 'chargeyard-server');
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [
    serverLock,
    hash('sha1', server, 'buffer').readInt32BE(),
  ]);
  if (rows[0]?.got) return client;
  await client.end();
  throw new StartError(
    `Another Chargeyard server named "${server}" uses this database: stop that one first, or give this one another name ` +
      `with CHARGEYARD_NODE.`,
  );
}
