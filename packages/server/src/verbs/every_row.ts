// Whole lists, page by page.

import type { Row } from '../store/index.ts';

const limit = 500;

export async function everyRow(
  page: (page: { limit: number; offset: number }) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const rows = await page({ limit, offset: all.length });
    all.push(...rows);
    if (rows.length < limit) return all;
  }
}
