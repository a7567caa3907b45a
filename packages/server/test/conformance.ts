// A specification's rules as a checklist whose rows are tests, and a page of docs/ that lists them.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

/** A rule under its section, and how it is tried. What is not kept, and on purpose, begins with "Deviation:". */
export type ConformanceRow = readonly [section: string, rule: string, test: () => Promise<void>];

/** Tests the rows, and that the chapter of that heading of the page in docs/ lists just these, in this order. */
export function conformsTo(
  heading: string,
  rows: readonly ConformanceRow[],
  page: string = 'conformance.md',
): void {
  describe(`${heading}, rule by rule`, () => {
    it.each(rows)('%s: %s', async (_section, _rule, test) => {
      expect.hasAssertions();
      await test();
    });

    it(`is listed in docs/${page}`, async () => {
      const told = await tableIn(page, heading);
      expect(told.map(([section, rule]) => [section, rule])).toEqual(
        rows.map(([section, rule]) => [section, rule]),
      );
      expect(told.filter(([, , how]) => how === '')).toEqual([]);
    });
  });
}

/** The cells of the table in the chapter of that heading of a page in docs/, row by row, without the table's head. */
export async function tableIn(page: string, heading: string): Promise<string[][]> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
  const chapter = text.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  const [, , ...rows] = [...chapter.matchAll(/^\|(.+)\|$/gm)];
  return rows.map(([, cells = '']) => cells.split('|').map((cell) => cell.trim()));
}
