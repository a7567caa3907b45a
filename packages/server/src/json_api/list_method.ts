// Lists (JSON:API 1.1 §6.1, §6.5, §6.6): filters, order, sparse fieldsets, pages by offset or by cursor.

import { cursorLinksOf, cursorPaginationOf } from './cursor_pages.ts';
import { isKnown, tagOfList } from './entity_tags.ts';
import { listParameters, listQuery, sparseAttributes } from './list_query.ts';
import { linksOf, paginationOf } from './offset_pages.ts';
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
  return {
    scope: scopeOf(declaration, 'read'),
    does: { action: 'list', resource: declaration, parameters: supported },
    async answer(asked) {
      const parameters = queryParameters(asked.query, supported);
      const { visibility } = asked.principal;
      const asksFor = listQuery(declaration, fieldOf, parameters, { visibility, now: clock.now() });
      const write = writers(sparseAttributes(declaration, parameters));
      parameters.throwFaults();
      const set = Object.entries(await given(asked)).flatMap(([name, value]) => {
        const field = fieldOf[name];
        return field === undefined ? [] : [{ field, values: [value] }];
      });
      const filters = [...set, ...asksFor.filters];
      if ('offset' in asksFor.from) {
        const { total, rows } = await resource.page(store, visibility, { ...asksFor, filters });
        const page = { limit: asksFor.limit, offset: asksFor.from.offset };
        return listAnswer(
          asked,
          rows.map(write),
          paginationOf(page, total),
          linksOf(asked.url, parameters, page, total),
        );
      }
      // One row more than the page holds tells whether there is another page.
      const query = { ...asksFor, filters, limit: asksFor.limit + 1 };
      const { rows } = await resource.page(store, visibility, query);
      const shown = rows.slice(0, asksFor.limit);
      const lastId = rows.length > shown.length ? (shown.at(-1)?.[idAt] ?? undefined) : undefined;
      const pagination = cursorPaginationOf(declaration, visibility, asksFor.limit, lastId);
      return listAnswer(
        asked,
        shown.map(write),
        pagination,
        cursorLinksOf(asked.url, parameters, pagination),
      );
    },
  };
}

/** Answers a page: its rows as JSON texts, or 304 where the request knows it. */
export function listAnswer(asked: Asked, data: readonly string[], pagination: object, links: object): Answer {
  const json = `{"data":[${data.join()}],"meta":${JSON.stringify({ pagination })},"links":${JSON.stringify(links)}}`;
  const etag = tagOfList(json);
  if (isKnown(asked.headers['if-none-match'], etag)) return { status: 304, headers: { etag } };
  return { status: 200, json, headers: { etag } };
}
