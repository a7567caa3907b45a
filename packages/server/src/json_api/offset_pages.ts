// Offset pages as the CPO API documents them: `page[limit]`, `page[offset]`, `meta.pagination`, and links to the pages
// around. A limit above the largest is set back to it and shown so, never refused.

import type { OffsetPagination, PageLinks } from '@chargeyard/contract/json_api';
import type { QueryParameters } from './parameters.ts';

export const offsetPageParameters = ['page[limit]', 'page[offset]'] as const;
export const defaultLimit = 50;
export const largestLimit = 500;

export type OffsetPage = { readonly limit: number; readonly offset: number };

/** Answers the page that is asked for. A value that is no whole number from 1 (limit) or 0 (offset) on is a fault. */
export function offsetPage(
  parameters: QueryParameters,
  names = { limit: 'page[limit]', offset: 'page[offset]' },
): OffsetPage {
  return {
    limit: pageLimit(parameters, names.limit),
    offset: wholeNumber(parameters, names.offset, 0, 0),
  };
}

/** Answers the effective `page[limit]`. */
export function pageLimit(parameters: QueryParameters, name = 'page[limit]'): number {
  return Math.min(wholeNumber(parameters, name, 1, defaultLimit), largestLimit);
}

function wholeNumber(parameters: QueryParameters, name: string, least: number, otherwise: number): number {
  const text = parameters.get(name);
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && Number.isSafeInteger(value)) return value;
  parameters.refuse(
    name,
    `The parameter ${name} must be a whole number from ${least} to ${Number.MAX_SAFE_INTEGER}.`,
  );
  return otherwise;
}

/** Answers `meta.pagination`. */
export function paginationOf({ limit, offset }: OffsetPage, total: number): OffsetPagination {
  return { total, offset, limit, lastPage: offset + limit >= total };
}

/**
 * Answers the links of a page.
 *
 * @param url        the list's absolute URL without a query
 * @param parameters the request's parameters; those that do not page are kept in every link
 */
export function linksOf(
  url: string,
  parameters: QueryParameters,
  page: OffsetPage,
  total: number,
): PageLinks {
  const { limit, offset } = page;
  const kept = parameters.all.filter(([name]) => !(offsetPageParameters as readonly string[]).includes(name));
  const paged = [...kept, ['page[limit]', String(limit)], ['page[offset]', '']] as [string, string][];
  const beforeOffset = `${url}?${new URLSearchParams(paged).toString()}`;
  const link = (to: number) => `${beforeOffset}${to}`;
  // Pages are counted from the offset that was asked, so that first, prev, next and last fit together.
  const start = offset % limit;
  const last = total > start ? start + Math.floor((total - 1 - start) / limit) * limit : 0;
  const current = link(offset);
  return {
    current,
    ...(offset + limit < total ? { next: link(offset + limit) } : {}),
    ...(offset > 0 ? { prev: link(Math.max(0, Math.min(offset - limit, last))) } : {}),
    self: current,
    first: link(0),
    last: link(last),
  };
}
