// technicians: flat rows as documented, no resource objects, paged by plain `limit` and `offset`
// (docs/decisions/technicians_links.md). Technicians are made as users, at the settings API.

import {
  TechnicianPage,
  exampleTechnician,
  technicians as declaration,
} from '@chargeyard/contract/resources/technicians';
import { defaultLimit, offsetPage, pageAnswer, paginationOf, queryParameters } from '../json_api/index.ts';
import type { Method, Referable, ResourceDeps, Route } from '../json_api/index.ts';
import type { Row } from '../store/index.ts';

const path = '/technicians';
const parametersTaken = ['limit', 'offset', 'page[limit]', 'page[offset]'];

export function technicianRoutes({ store }: ResourceDeps): Route[] {
  const list: Method = {
    scope: `cpoapi:${declaration.type}:read`,
    does: {
      action: 'list',
      resource: declaration,
      parameters: parametersTaken,
      answers: {
        schema: TechnicianPage,
        example: (url) => ({
          data: [exampleTechnician],
          meta: { pagination: { total: 1, limit: defaultLimit, offset: 0, lastPage: true } },
          links: { current: url },
        }),
      },
    },
    async answer(asked) {
      const parameters = queryParameters(asked.query, parametersTaken);
      const named = (name: string) => {
        const synonym = `page[${name}]`;
        if (parameters.get(synonym) === undefined) return name;
        if (parameters.get(name) !== undefined)
          parameters.refuse(
            synonym,
            `The parameters ${name} and ${synonym} mean the same: send one of them.`,
          );
        return synonym;
      };
      const page = offsetPage(parameters, { limit: named('limit'), offset: named('offset') });
      parameters.throwFaults();
      const { total, rows } = await store.users.technicians(asked.principal.visibility, page);
      const { limit, offset, lastPage } = paginationOf(page, total);
      const pagination = { total, limit, offset, lastPage };
      const links = linksOf(asked.url.replace(/\/$/, ''), pagination);
      return pageAnswer(asked, { data: rows.map(flatRow) }, { pagination, links });
    },
  };
  return [{ path, methods: { GET: list } }];
}

/** What the technicianUserId of a charging station may name. */
export const techniciansSeenByOthers: Referable = {
  declaration,
  find: async (tables, visibility, id) =>
    (await tables.users.isTechnician(visibility, Number(id))) || undefined,
};

function flatRow([id, uuid, name, email]: Row): string {
  return JSON.stringify({ id: Number(id), uuid, name, email });
}

/** As documented there is nothing but these three, and the page that is there without parameters is named without them. */
function linksOf(
  url: string,
  { total, limit, offset }: { total: number; limit: number; offset: number },
): Record<string, string> {
  const link = (to: number) => `${url}?limit=${limit}&offset=${to}`;
  return {
    current: limit === defaultLimit && offset === 0 ? url : link(offset),
    ...(offset + limit < total ? { next: link(offset + limit) } : {}),
    ...(offset > 0 ? { prev: link(Math.max(0, offset - limit)) } : {}),
  };
}
