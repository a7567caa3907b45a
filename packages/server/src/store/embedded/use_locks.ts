// Who uses a running PostgreSQL: advisory locks of a session (PostgreSQL manual, 13.3.5). They end with the
// connection, so a process that dies leaves nothing behind.
//
// in use  shared by every process; whoever gets it alone is the last one and may stop PostgreSQL
// server  of the one server

import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { isSomeProcess } from './postmaster_file.ts';
import { StartError } from './start_error.ts';

// Any two numbers of ours; the first one says "Chargeyard" among the locks of database `postgres`.
const lockSpace = 0x43_59_41_52;
const inUseLock = 1;
const serverLock = 2;

// PostgreSQL needs a moment to notice that a killed server's connection is gone.
const deadServerPatienceMs = 5_000;

export type Purpose = 'server' | 'verb';

/** The name under which the locks' connection is known to PostgreSQL; the pid in it is for the refused one's message. */
export function lockApplicationName(purpose: Purpose): string {
  return `chargeyard ${purpose} ${process.pid}`;
}

/**
 * Takes the locks of a purpose for the connection.
 *
 * @throws {StartError} when another server has the server lock; the connection then has no lock
 */
export async function takeUseLocks(client: Client, purpose: Purpose, dataFolder: string): Promise<void> {
  await client.query('select pg_advisory_lock_shared($1, $2)', [lockSpace, inUseLock]);
  if (purpose === 'verb') return;
  const askedAt = performance.now();
  while (!(await tryLock(client, serverLock))) {
    const pid = await pidOfServer(client);
    const isDead = pid === undefined || !isSomeProcess(pid);
    if (isDead && performance.now() - askedAt < deadServerPatienceMs) {
      await delay(20);
      continue;
    }
    await client.query('select pg_advisory_unlock_all()');
    throw new StartError(
      `Another Chargeyard server (process ${pid ?? 'unknown'}) uses the data folder ${dataFolder}: ` +
        `stop that one first, or give this one another data folder.`,
    );
  }
}

/** Gives the connection's locks back. Answers whether it was the last user, which then nobody can become meanwhile. */
export async function wasLastUser(client: Client): Promise<boolean> {
  await client.query('select pg_advisory_unlock_all()');
  return tryLock(client, inUseLock);
}

async function tryLock(client: Client, lock: number): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [
    lockSpace,
    lock,
  ]);
  return rows[0]?.got === true;
}

async function pidOfServer(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ application_name: string }>(
    `select application_name
       from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and classid = $1 and objid = $2 and granted`,
    [lockSpace, serverLock],
  );
  const pid = Number(rows[0]?.application_name.split(' ').at(-1));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}
