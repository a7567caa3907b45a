// Brings the database's schema to this version: numbered SQL files in packages/server/migrations, each applied once,
// in order, in a transaction of its own, under a lock that makes other processes wait.

import { readFile, readdir } from 'node:fs/promises';
import type { Client, ClientConfig } from 'pg';
import { connectedClient } from './connected_client.ts';
import { StartError } from './embedded/start_error.ts';

const folder = new URL('../../migrations/', import.meta.url);
// Any number of our own; held for the session, so it cannot outlive a process that dies.
const migrationLock = 7_203_114;

/**
 * Applies what is missing.
 *
 * @returns the names of the migrations applied now, in order; [] when the schema was up to date
 * @throws {StartError} in a sentence: the database cannot be reached, its role or version does not fit, or its schema is
 *         newer than this version knows
 */
export async function migrate(connection: ClientConfig): Promise<string[]> {
  const client = await connectedClient(connection, 'chargeyard-migrate');
  try {
    await requireFitRole(client);
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      'create table if not exists migrations (name text primary key, applied_at timestamptz not null)',
    );
    const applied = await client.query<{ name: string }>('select name from migrations');
    const known = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
    const foreign = applied.rows.map((row) => row.name).filter((name) => !known.includes(name));
    if (foreign.length > 0) {
      throw new StartError(
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

const oldestServer = 150_000;

/** Row-level security does not hold a superuser, and a role that may not create tables cannot migrate. */
async function requireFitRole(client: Client): Promise<void> {
  const { rows } = await client.query<{
    name: string;
    isAboveTheWall: boolean;
    mayCreate: boolean;
    version: number;
  }>(
    `select rolname as name, rolsuper or rolbypassrls as "isAboveTheWall",
            has_schema_privilege(current_schema(), 'create') as "mayCreate",
            current_setting('server_version_num')::int as version
     from pg_roles where rolname = current_user`,
  );
  const [role] = rows;
  if (role === undefined) return;
  if (role.version < oldestServer) {
    throw new StartError('The database is older than PostgreSQL 15: upgrade it, or use another one.');
  }
  if (role.isAboveTheWall) {
    throw new StartError(
      `The database user ${role.name} is a superuser or has BYPASSRLS, so nothing in the database would keep tenants apart: give DATABASE_URL an ordinary user that owns the database (docs/operations.md).`,
    );
  }
  if (!role.mayCreate) {
    throw new StartError(
      `The database user ${role.name} may not create tables: make it the owner of the database (docs/operations.md).`,
    );
  }
}
