// A specification's rules as a checklist whose rows are tests, and docs/conformance.md as the page that lists them.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

/** A rule under its section, and how it is tried. What is not kept, and on purpose, begins with "Deviation:". */
export type ConformanceRow = readonly [section: string, rule: string, test: () => Promise<void>];

const page = new URL('../../../docs/conformance.md', import.meta.url);

/** Tests the rows, and that the page's chapter of that heading lists just these, in this order. */
export function conformsTo(heading: string, rows: readonly ConformanceRow[]): void {
  describe(`${heading}, rule by rule`, () => {
    it.each(rows)('%s: %s', async (_section, _rule, test) => {
      expect.hasAssertions();
      await test();
    });

    it('is listed in docs/conformance.md', async () => {
      const chapter = (await readFile(page, 'utf8')).split(/^## /m).find((each) => each.startsWith(heading));
      const [, , ...listed] = [...(chapter ?? '').matchAll(/^\|(.+?)\|(.+?)\|(.+)\|$/gm)];
      const told = listed.map((cells) => cells.slice(1).map((cell) => cell.trim()));
      expect(told.map(([section, rule]) => [section, rule])).toEqual(
        rows.map(([section, rule]) => [section, rule]),
      );
      expect(told.filter(([, , how]) => how === '')).toEqual([]);
    });
  });
}
