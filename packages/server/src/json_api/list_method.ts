// Lists (JSON:API 1.1 §6.1, §6.5, §6.6): filters, order, sparse fieldsets, related resources, pages by offset or by
// cursor; or, where the request asks for that, all of it as CSV.

import type { Principal } from '../domain/index.ts';
import type { Row, RowPlace, Selection, Tables } from '../store/index.ts';
import { compoundParameters, compoundWriters } from './compound_documents.ts';
import type { Compound } from './compound_documents.ts';
import { csvListOf } from './csv_list.ts';
import { cursorLinksOf, cursorsOf } from './cursor_pages.ts';
import type { Cursors } from './cursor_pages.ts';
import { isKnown, tagOfList } from './entity_tags.ts';
import { formatIn, listParameters, pageIn, selectionIn } from './list_query.ts';
import type { CursorPage } from './list_query.ts';
import { linksOf, paginationOf } from './offset_pages.ts';
import { outlinedPages, pageText } from './outlined_pages.ts';
import type { Rest } from './outlined_pages.ts';
import { queryParameters } from './parameters.ts';
import type { QueryParameters } from './parameters.ts';
import { scopeOf, withinNothing } from './resource.ts';
import type { Resource, ResourceDeps, Within } from './resource.ts';
import type { Answer, Asked, Method } from './routes.ts';

/** The method that lists a resource. */
export function listMethod<Field extends string>(
  resource: Resource<Field>,
  deps: ResourceDeps,
  given: Within['given'] = withinNothing.given,
): Method {
  const { declaration, fieldOf } = resource;
  const supported = [...listParameters(declaration), ...compoundParameters(declaration)];
  const forms = { json: documentListOf(resource, deps), csv: csvListOf(resource, deps) };
  return {
    scope: scopeOf(declaration, 'read'),
    does: { action: 'list', resource: declaration, parameters: supported },
    async answer(asked) {
      const parameters = queryParameters(asked.query, supported);
      const selection = selectionIn(declaration, fieldOf, parameters, deps.clock.now());
      const answer = forms[formatIn(parameters, asked.headers.accept)](asked, parameters, selection);
      parameters.throwFaults();
      const set = Object.entries(await given(asked)).flatMap(([name, value]) => {
        const field = fieldOf[name];
        return field === undefined ? [] : [{ field, values: [value] }];
      });
      return answer({ ...selection, filters: [...set, ...selection.filters] });
    },
  };
}

/**
 * The form that a list is answered in: notes what is wrong with the parameters that matter to it, and answers a function
 * that makes the answer of a selection.
 */
export type ListForm<Field extends string> = (
  asked: Asked,
  parameters: QueryParameters,
  selection: Selection<Field>,
) => (selection: Selection<Field>) => Promise<Answer>;

function documentListOf<Field extends string>(
  resource: Resource<Field>,
  { store, registry, cursorKey }: ResourceDeps,
): ListForm<Field> {
  const cursors = cursorsOf(resource.declaration, cursorKey);
  const writers = compoundWriters(resource, registry);
  const outlined = outlinedPages(resource, store);
  return (asked, parameters, { sort }) => {
    const { principal, url } = asked;
    const page = pageIn(resource.declaration, cursors, principal.visibility, parameters, sort.length > 0);
    const writer = writers(parameters);
    return async (selection) => {
      writer.requireScopes(principal);
      const about = { tables: store, principal, url, parameters, cursors };
      if (!('offset' in page)) {
        const { rows, rest } = await cursorPageOf(resource, selection, page, about);
        return pageAnswer(asked, await writer.write(rows, { ...about, now: selection.now }), rest);
      }
      const { limit, offset } = page;
      const query = { ...selection, limit, from: { offset } };
      const restOf = (total: number): Rest => ({
        pagination: paginationOf(page, total),
        links: linksOf(url, parameters, page, total),
      });
      const known = writer.plain && (await outlined(asked, query, writer.plain, restOf));
      if (known !== undefined) return known;
      const { total, rows } = await resource.page(store, principal.visibility, query);
      const compound = await writer.write(rows, { ...about, now: selection.now });
      return pageAnswer(asked, compound, restOf(total));
    };
  };
}

/** What a page is made of, beside what is selected. */
type About = {
  readonly tables: Tables;
  readonly principal: Principal;
  readonly url: string;
  readonly parameters: QueryParameters;
  readonly cursors: Cursors;
};

async function cursorPageOf<Field extends string>(
  { fields, page }: Resource<Field>,
  selection: Selection<Field>,
  { limit, after }: CursorPage,
  { tables, principal: { visibility }, url, parameters, cursors }: About,
): Promise<{ rows: readonly Row[]; rest: Rest }> {
  const place: RowPlace | undefined = after === undefined ? undefined : { id: after, sorted: [] };
  // One row more than the page holds tells whether there is another page.
  const query = { ...selection, limit: limit + 1, from: { after: place } };
  const { rows } = await page(tables, visibility, query);
  const shown = rows.slice(0, limit);
  const idAt = fields.indexOf('id' as Field);
  const lastId = rows.length > shown.length ? (shown.at(-1)?.[idAt] ?? undefined) : undefined;
  const pagination = cursors.paginationOf(visibility, limit, lastId);
  return { rows: shown, rest: { pagination, links: cursorLinksOf(url, parameters, pagination) } };
}

/** Answers a page, or 304 where the request knows it. */
export function pageAnswer({ headers }: Asked, compound: Compound, rest: Rest): Answer {
  const json = pageText(compound, rest);
  const etag = tagOfList(json);
  if (isKnown(headers['if-none-match'], etag)) return { status: 304, headers: { etag } };
  return { status: 200, json, headers: { etag } };
}
