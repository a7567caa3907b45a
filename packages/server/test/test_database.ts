// A database of a test file's own: a copy of the migrated template, dropped at the end.

import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { inject } from 'vitest';
import { templateDatabase } from './database_cluster.ts';

export type TestDatabase = {
  readonly connection: ClientConfig;
  /** Runs SQL as the superuser, past row-level security, to look at what is really there. */
  look<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Waits until a query, as `look` runs it, has rows. */
  until(sql: string, values?: unknown[]): Promise<void>;
  drop(): Promise<void>;
};

export async function testDatabase(): Promise<TestDatabase> {
  const database = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser('postgres', (client) =>
    client.query(`create database ${database} template ${templateDatabase} owner chargeyard`),
  );
  const look = <Row>(sql: string, values: unknown[] = []): Promise<Row[]> =>
    asSuperuser(database, async (client) => (await client.query(sql, values)).rows as never);
  return {
    connection: { ...inject('serverConnection'), database },
    look,
    async until(sql, values) {
      while ((await look(sql, values)).length === 0);
    },
    drop: async () => {
      await asSuperuser('postgres', (client) => client.query(`drop database ${database} with (force)`));
    },
  };
}

async function asSuperuser<T>(database: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ ...inject('superuserConnection'), database });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
