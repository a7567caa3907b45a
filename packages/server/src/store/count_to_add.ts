// How many rows of a table a tenant has, where it may have so many and no more.

import type { Session } from './database.ts';

/** Answers how many there are, and lets nobody else add one before the transaction ends. */
export async function countToAdd(session: Session, tableName: string, tenantId: string): Promise<number> {
  await session.query('select 1 from tenants where id = $1 for no key update', [tenantId]);
  const [row] = await session.queryAs<{ count: number }>(
    tenantId,
    `select count(*)::integer as count from ${tableName} where tenant_id = $1`,
    [tenantId],
  );
  return row?.count ?? 0;
}
