// The role and the database that Chargeyard itself uses. The role is no superuser: row-level security must bind it.

import { setTimeout as delay } from 'node:timers/promises';
import { escapeLiteral, type Client } from 'pg';
import { roleName } from './connection.ts';

// Left by a creator who was killed: its statement may still be at work. SQLSTATE unique_violation,
// duplicate_database, duplicate_object, object_in_use.
const collisionCodes: readonly unknown[] = ['23505', '42P04', '42710', '55006'];
const attempts = 50;

/**
 * Creates the role and the database where they are missing; cheap where they are not.
 *
 * @param isPasswordSet true: an existing role gets the password again (its file may have been lost)
 */
export async function ensureRoleAndDatabase(
  client: Client,
  password: string,
  isPasswordSet: boolean,
): Promise<void> {
  const login = `login password ${escapeLiteral(password)}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { rows } = await client.query<{ hasRole: boolean; hasDatabase: boolean }>(
        `select exists (select from pg_roles where rolname = $1) as "hasRole",
                exists (select from pg_database where datname = $1) as "hasDatabase"`,
        [roleName],
      );
      if (rows[0]?.hasRole !== true) await client.query(`create role ${roleName} ${login}`);
      else if (isPasswordSet) await client.query(`alter role ${roleName} ${login}`);
      if (rows[0]?.hasDatabase !== true) await client.query(`create database ${roleName} owner ${roleName}`);
      return;
    } catch (error) {
      if (attempt === attempts || !collisionCodes.includes((error as { code?: unknown }).code)) throw error;
      await delay(100);
    }
  }
}
