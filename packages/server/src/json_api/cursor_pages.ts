// Cursor pages: `page[cursor]`, absent or `start` for the first, then what `meta.pagination.nextCursor` said. A cursor is
// the id after which to go on, so pages stay right while rows come and go. It is no secret and grants nothing: whatever
// it says, the query stays within what the token may see.

import { createHash } from 'node:crypto';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { CursorPageLinks, CursorPagination } from '@chargeyard/contract/json_api';
import type { Visibility } from '../domain/index.ts';
import type { QueryParameters } from './parameters.ts';
import { isIdOf } from './value_forms.ts';

export const firstCursor = 'start';

/** Answers the id that a cursor names, undefined for the first page; what is no cursor of this list is a fault. */
export function idAfter(
  declaration: ResourceDeclaration,
  visibility: Visibility,
  cursor: string | undefined,
  parameters: QueryParameters,
): string | undefined {
  if (cursor === undefined || cursor === firstCursor) return undefined;
  const id = Buffer.from(cursor.split('.')[0] ?? '', 'base64url').toString('utf8');
  if (isIdOf(declaration.id, id) && cursor === cursorAfter(declaration, visibility, id)) return id;
  parameters.refuse(
    'page[cursor]',
    'The parameter page[cursor] must be start, or a nextCursor of this list.',
  );
  return undefined;
}

/** The id, and a check over it with whose list it is: a cursor that was changed, or is another list's, is none. */
function cursorAfter({ type }: ResourceDeclaration, { tenantId }: Visibility, id: string): string {
  const check = createHash('sha256').update(`${tenantId}/${type}/${id}`).digest('base64url').slice(0, 16);
  return `${Buffer.from(id).toString('base64url')}.${check}`;
}

/** Answers `meta.pagination`. `lastId` is the page's last row's id; undefined when there are no rows after the page. */
export function cursorPaginationOf(
  declaration: ResourceDeclaration,
  visibility: Visibility,
  limit: number,
  lastId: string | undefined,
): CursorPagination {
  return {
    limit,
    nextCursor: lastId === undefined ? null : cursorAfter(declaration, visibility, lastId),
    lastPage: lastId === undefined,
  };
}

/** Answers the links of a page; parameters that do not page are kept in each. */
export function cursorLinksOf(
  url: string,
  parameters: QueryParameters,
  { limit, nextCursor }: CursorPagination,
): CursorPageLinks {
  const kept = parameters.all.filter(([name]) => !name.startsWith('page['));
  const link = (cursor: string) => {
    const paged = [...kept, ['page[limit]', String(limit)], ['page[cursor]', cursor]] as [string, string][];
    return `${url}?${new URLSearchParams(paged).toString()}`;
  };
  const current = link(parameters.get('page[cursor]') ?? firstCursor);
  return {
    current,
    ...(nextCursor === null ? {} : { next: link(nextCursor) }),
    self: current,
    first: link(firstCursor),
  };
}
