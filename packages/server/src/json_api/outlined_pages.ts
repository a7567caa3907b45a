// Pages by their outlines (store/outlines.ts): the database says which rows a page has and in which versions; their texts,
// and whole pages, are kept from one request to the next. What is kept, a row by its version and a page by its state, is what
// the database has just confirmed, so it cannot be out of date, whoever wrote; and who sees which rows is the query's
// business alone.

import type { ListQuery, Outline, OutlinedRow, Store } from '../store/index.ts';
import { askedInCommon } from './asked_in_common.ts';
import type { Compound } from './compound_documents.ts';
import { isKnown, tagOfPage } from './entity_tags.ts';
import { keptWithin } from './kept.ts';
import { includedMember } from './resource.ts';
import type { Resource } from './resource.ts';
import type { RowWriter } from './resource_writer.ts';
import type { Answer, Asked } from './routes.ts';

/** What of a page is not its rows. */
export type Rest = { readonly pagination: object; readonly links: object };

export const pageText = ({ data, included }: Compound, { pagination, links }: Rest) =>
  `{"data":[${data.join()}]${includedMember(included)},` +
  `"meta":${JSON.stringify({ pagination })},"links":${JSON.stringify(links)}}`;

type SpelledRow = { readonly version: string; readonly texts: readonly string[] };

type Page = {
  readonly etag: string;
  /** Answers its bytes; undefined when a row has changed between being named and being read. */
  readonly json: () => Promise<Buffer | undefined>;
};
type KeptPage = Page & { readonly state: string; readonly startsAt: string };

// Bytes of rows and of pages that a process keeps of one resource: some 120 000 stations, and 500 pages of 100.
const largestRows = 128 * 1024 * 1024;
const largestPages = 32 * 1024 * 1024;
/** What keeping a row or a page costs beside its text. */
const overhead = 400;

/** Answers a function that answers pages by their outlines, and undefined where there is none of the query. */
export function outlinedPages<Field extends string>(
  { outlines }: Resource<Field>,
  store: Store,
  { keepsRows = largestRows, keepsPages = largestPages } = {},
) {
  if (outlines === undefined) return async () => undefined;
  const { outline: outlineOf, state: stateOf, rowsByIds } = outlines;
  const keptRows = keptWithin<SpelledRow>(keepsRows);
  const keptPages = keptWithin<KeptPage>(keepsPages);
  const inCommon = askedInCommon<Page | undefined>();

  return async (
    { principal: { visibility }, headers, url, query: search }: Asked,
    query: ListQuery<Field>,
    writer: RowWriter,
    restOf: (total: number) => Rest,
  ): Promise<Answer | undefined> => {
    const { tenantId, company } = visibility;
    const pageKey = `${tenantId}/${company?.companyId}/${company?.withSubordinates} ${url}?${search}`;
    const rowKey = (id: string) => `${writer.form}/${tenantId}/${id}`;
    const textOf = ({ version, volatile }: OutlinedRow, spelled: SpelledRow | undefined) =>
      spelled?.version === version ? writer.complete(spelled.texts, volatile) : undefined;

    /** Reads rows as they are now, and keeps them. */
    async function spelledRows(ids: readonly string[]): Promise<Map<string, SpelledRow>> {
      const rows = ids.length === 0 ? [] : await rowsByIds(store, visibility, ids);
      return new Map(
        rows.map(({ id, version, row }) => {
          // Joined and parted again, they share one run of memory; as they were put together they are trees of scraps.
          const text = writer.spell(row).join('\0');
          const spelled = { version, texts: text.split('\0') };
          keptRows.set(rowKey(id), spelled, text.length + overhead);
          return [id, spelled];
        }),
      );
    }

    /** Makes the page of an outline, and keeps it. */
    async function made({ state, startsAt, rows: outlined }: Outline, etag: string, rest: Rest) {
      const rows = outlined();
      const texts = rows.map((row) => textOf(row, keptRows.get(rowKey(row.id))));
      const missing = rows.flatMap(({ id }, at) => (texts[at] === undefined ? [id] : []));
      const read = await spelledRows(missing);
      const data = rows.flatMap((row, at) => texts[at] ?? textOf(row, read.get(row.id)) ?? []);
      if (data.length < rows.length) return undefined;
      const json = Buffer.from(pageText({ data }, rest));
      if (startsAt !== undefined)
        keptPages.set(pageKey, { state, startsAt, etag, json: async () => json }, json.length + overhead);
      return json;
    }

    async function presentPage(): Promise<Page | undefined> {
      const kept = keptPages.get(pageKey);
      if (kept !== undefined && kept.state === (await stateOf(store, visibility, query, kept.startsAt)))
        return kept;
      const outline = await outlineOf(store, visibility, query);
      if (outline === undefined) return undefined;
      const rest = restOf(outline.total);
      const etag = tagOfPage(writer.form, visibility, pageText({ data: [] }, rest), outline.state);
      let json: Promise<Buffer | undefined> | undefined;
      return { etag, json: () => (json ??= made(outline, etag, rest)) };
    }

    // A row that changes between being named and being read makes the page be asked for anew; what was read stays kept.
    for (;;) {
      const page = await inCommon(pageKey, presentPage);
      if (page === undefined) return undefined;
      const { etag } = page;
      if (isKnown(headers['if-none-match'], etag)) return { status: 304, headers: { etag } };
      const json = await page.json();
      if (json !== undefined) return { status: 200, json, headers: { etag } };
    }
  };
}
