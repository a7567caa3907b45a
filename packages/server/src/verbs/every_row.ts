// Whole lists of a tenant, page by page.

import { wholeTenant } from '../domain/index.ts';
import type { Visibility } from '../domain/index.ts';
import { plainQuery } from '../store/index.ts';
import type { ListQuery, Page, Row } from '../store/index.ts';

const limit = 500;

/** Answers all rows of a tenant, in the order of creation. */
export async function everyRow(
  { page }: { page: (visibility: Visibility, query: ListQuery<never>) => Promise<Page> },
  tenantId: string,
  now: Date,
): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const query = plainQuery({ limit, offset: all.length, now });
    const { rows } = await page(wholeTenant(tenantId), query);
    all.push(...rows);
    if (rows.length < limit) return all;
  }
}
