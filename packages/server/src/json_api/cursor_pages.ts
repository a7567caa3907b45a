// Cursor pages: `page[cursor]`, absent or `start` for the first, then what `meta.pagination.nextCursor` said. A cursor is
// the id after which to go on, so pages stay right while rows come and go. It is no secret and grants nothing: whatever
// it says, the query stays within what the token may see. But only those that the server gave are taken: nobody comes to
// rely on making them.

import { createHmac } from 'node:crypto';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { CursorPageLinks, CursorPagination } from '@chargeyard/contract/json_api';
import type { Visibility } from '../domain/index.ts';
import type { QueryParameters } from './parameters.ts';
import { isIdOf } from './value_forms.ts';

const firstCursor = 'start';

export type Cursors = ReturnType<typeof cursorsOf>;

/** @param key what all processes of the installation sign cursors with */
export function cursorsOf({ type, id: kind }: ResourceDeclaration, key: Buffer) {
  /** The id, and a check over it with whose list it is: a cursor that was changed, or is another list's, is none. */
  const cursorAfter = ({ tenantId }: Visibility, id: string): string => {
    const check = createHmac('sha256', key).update(`${tenantId}/${type}/${id}`).digest('base64url');
    return `${Buffer.from(id).toString('base64url')}.${check.slice(0, 16)}`;
  };
  return {
    /** Answers the id that a cursor names, undefined for the first page; what is no cursor of this list is a fault. */
    idAfter(
      visibility: Visibility,
      cursor: string | undefined,
      parameters: QueryParameters,
    ): string | undefined {
      if (cursor === undefined || cursor === firstCursor) return undefined;
      const id = Buffer.from(cursor.split('.')[0] ?? '', 'base64url').toString('utf8');
      if (isIdOf(kind, id) && cursor === cursorAfter(visibility, id)) return id;
      parameters.refuse(
        'page[cursor]',
        'The parameter page[cursor] must be start, or a nextCursor of this list.',
      );
      return undefined;
    },

    /** Answers `meta.pagination`. `lastId` is the page's last row's id; undefined when there are no rows after the page. */
    paginationOf: (visibility: Visibility, limit: number, lastId: string | undefined): CursorPagination => ({
      limit,
      nextCursor: lastId === undefined ? null : cursorAfter(visibility, lastId),
      lastPage: lastId === undefined,
    }),
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
