// Brings the database's schema to this version: numbered SQL files in packages/server/migrations, each applied once,
// in order, in a transaction of its own, under a lock that makes other processes wait.

import { readFile, readdir } from 'node:fs/promises';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';

const folder = new URL('../../migrations/', import.meta.url);
// Any number of our own; held for the session, so it cannot outlive a process that dies.
const migrationLock = 7_203_114;

/**
 * Applies what is missing.
 *
 * @returns the names of the migrations applied now, in order; [] when the schema was up to date
 * @throws {Error} in a sentence, when the database's schema is newer than this version knows
 */
export async function migrate(connection: ClientConfig): Promise<string[]> {
  const client = new Client({ ...connection, application_name: 'chargeyard-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      'create table if not exists migrations (name text primary key, applied_at timestamptz not null)',
    );
    const applied = await client.query<{ name: string }>('select name from migrations');
    const known = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
    const foreign = applied.rows.map((row) => row.name).filter((name) => !known.includes(name));
    if (foreign.length > 0) {
      throw new Error(
        `The database was migrated by a newer Chargeyard (${foreign.join(', ')}): start that version, or restore a backup made before the upgrade.`,
      );
    }
    const missing = known.filter((name) => !applied.rows.some((row) => row.name === name));
    for (const name of missing) await apply(client, name);
    return missing;
  } finally {
    await client.end();
  }
}

async function apply(client: Client, name: string): Promise<void> {
  const sql = await readFile(new URL(name, folder), 'utf8');
  try {
    await client.query('begin');
    await client.query('insert into migrations (name, applied_at) values ($1, now())', [name]);
    await client.query(sql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`Migration ${name} failed and was rolled back.`, { cause: error });
  }
}
