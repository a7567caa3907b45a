// What is done to the rows of all tenants at once, whoever asks for nothing.

import type { Database, Statement } from './database.ts';

/** Runs statements in one transaction that may touch the rows of every tenant. */
export async function inEveryTenant(database: Database, statements: readonly Statement[]): Promise<void> {
  const tenants = await database.query<{ id: string }>('select id from tenants');
  await database.transaction(
    tenants.map(({ id }) => id),
    statements,
  );
}
