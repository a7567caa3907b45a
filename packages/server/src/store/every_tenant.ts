// What is done to the rows of all tenants at once, whoever asks for nothing.

import type { Database, Statement } from './database.ts';

/** Runs statements in one transaction that may touch the rows of every tenant. */
export async function inEveryTenant(database: Database, statements: readonly Statement[]): Promise<void> {
  await database.transaction(await everyTenant(database), statements);
}

/** Answers the ids of all tenants. */
export async function everyTenant(database: Database): Promise<string[]> {
  const tenants = await database.query<{ id: string }>('select id from tenants');
  return tenants.map(({ id }) => id);
}
