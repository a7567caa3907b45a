// Lists (JSON:API 1.1 §6.1, §6.5, §6.6): filters, order, sparse fieldsets, pages by offset or by cursor.

import { cursorLinksOf, cursorPaginationOf } from './cursor_pages.ts';
import { isKnown, tagOfList } from './entity_tags.ts';
import { listParameters, listQuery, sparseAttributes } from './list_query.ts';
import { linksOf, paginationOf } from './offset_pages.ts';
import { outlinedPages, pageText } from './outlined_pages.ts';
import type { Rest } from './outlined_pages.ts';
import { queryParameters } from './parameters.ts';
import { scopeOf, withinNothing, writersOf } from './resource.ts';
import type { Resource, ResourceDeps, Within } from './resource.ts';
import type { Answer, Asked, Method } from './routes.ts';

/** The method that lists a resource. */
export function listMethod<Field extends string>(
  resource: Resource<Field>,
  { store, clock }: ResourceDeps,
  given: Within['given'] = withinNothing.given,
): Method {
  const { declaration, fields, fieldOf } = resource;
  const supported = listParameters(declaration);
  const idAt = fields.indexOf('id' as Field);
  const writers = writersOf(resource);
  const outlined = outlinedPages(resource, store);
  return {
    scope: scopeOf(declaration, 'read'),
    does: { action: 'list', resource: declaration, parameters: supported },
    async answer(asked) {
      const parameters = queryParameters(asked.query, supported);
      const { visibility } = asked.principal;
      const asksFor = listQuery(declaration, fieldOf, parameters, { visibility, now: clock.now() });
      const writer = writers(sparseAttributes(declaration, parameters));
      parameters.throwFaults();
      const set = Object.entries(await given(asked)).flatMap(([name, value]) => {
        const field = fieldOf[name];
        return field === undefined ? [] : [{ field, values: [value] }];
      });
      const filters = [...set, ...asksFor.filters];
      if ('offset' in asksFor.from) {
        const page = { limit: asksFor.limit, offset: asksFor.from.offset };
        const restOf = (total: number): Rest => ({
          pagination: paginationOf(page, total),
          links: linksOf(asked.url, parameters, page, total),
        });
        const query = { ...asksFor, filters };
        const answer = await outlined(asked, query, writer, restOf);
        if (answer !== undefined) return answer;
        const { total, rows } = await resource.page(store, visibility, query);
        return listAnswer(asked, rows.map(writer.write), restOf(total));
      }
      // One row more than the page holds tells whether there is another page.
      const query = { ...asksFor, filters, limit: asksFor.limit + 1 };
      const { rows } = await resource.page(store, visibility, query);
      const shown = rows.slice(0, asksFor.limit);
      const lastId = rows.length > shown.length ? (shown.at(-1)?.[idAt] ?? undefined) : undefined;
      const pagination = cursorPaginationOf(declaration, visibility, asksFor.limit, lastId);
      return listAnswer(asked, shown.map(writer.write), {
        pagination,
        links: cursorLinksOf(asked.url, parameters, pagination),
      });
    },
  };
}

function listAnswer(asked: Asked, data: readonly string[], rest: Rest): Answer {
  const json = pageText(data, rest);
  const etag = tagOfList(json);
  if (isKnown(asked.headers['if-none-match'], etag)) return { status: 304, headers: { etag } };
  return { status: 200, json, headers: { etag } };
}
