// The shapes that every answer of the CPO API shares: documents, pages, links, errors. JSON:API 1.1 with the
// documented members of the be.ENERGISED CPO API (`links.current`, `meta.pagination`).

import { Type } from 'typebox';
import type { Static, TObject } from 'typebox';

export const jsonApiMediaType = 'application/vnd.api+json';
/** RFC 4180: a list as a table. */
export const csvMediaType = 'text/csv';

/** `meta.pagination` of a list that is paged by offset. `limit` is the effective one, after clamping. */
export const OffsetPagination = Type.Object(
  {
    total: Type.Integer({
      minimum: 0,
      description: 'Resources in the whole list, as far as the token may see.',
    }),
    offset: Type.Integer({ minimum: 0 }),
    limit: Type.Integer({ minimum: 1, maximum: 500 }),
    lastPage: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type OffsetPagination = Static<typeof OffsetPagination>;

/** Links of a page. `next` and `prev` are left out where there is no such page. All URLs are absolute. */
export const PageLinks = Type.Object(
  {
    current: Type.String(),
    next: Type.Optional(Type.String()),
    prev: Type.Optional(Type.String()),
    self: Type.String(),
    first: Type.String(),
    last: Type.String(),
  },
  { additionalProperties: false },
);
export type PageLinks = Static<typeof PageLinks>;

/** `meta.pagination` of a list that is paged by cursor. `nextCursor` is null on the last page. */
export const CursorPagination = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 500 }),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
    lastPage: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type CursorPagination = Static<typeof CursorPagination>;

/** Links of a page by cursor. `next` is left out on the last page. */
export const CursorPageLinks = Type.Object(
  {
    current: Type.String(),
    next: Type.Optional(Type.String()),
    self: Type.String(),
    first: Type.String(),
  },
  { additionalProperties: false },
);
export type CursorPageLinks = Static<typeof CursorPageLinks>;

/** Answers the schema of a resource object (JSON:API 1.1 §7.2) with the given type and attributes. */
export function resourceObject<const T extends string, A extends TObject>(type: T, attributes: A) {
  return Type.Object(
    { type: Type.Literal(type), id: Type.String(), attributes },
    { additionalProperties: false },
  );
}

/** Answers the schema of a page of resource objects. */
export function offsetPageDocument<R extends TObject>(resource: R) {
  return Type.Object(
    { data: Type.Array(resource), meta: Type.Object({ pagination: OffsetPagination }), links: PageLinks },
    { additionalProperties: false },
  );
}

/** Answers the schema of a page by cursor of resource objects. */
export function cursorPageDocument<R extends TObject>(resource: R) {
  return Type.Object(
    {
      data: Type.Array(resource),
      meta: Type.Object({ pagination: CursorPagination }),
      links: CursorPageLinks,
    },
    { additionalProperties: false },
  );
}

/** Answers the schema of a document with one resource object. */
export function singleDocument<R extends TObject>(resource: R) {
  return Type.Object(
    { data: resource, links: Type.Object({ self: Type.String() }) },
    { additionalProperties: false },
  );
}

/** One fault of a request (JSON:API 1.1 §11). `id` is the request's id with the fault's number. */
export const ErrorObject = Type.Object(
  {
    id: Type.String(),
    status: Type.String(),
    code: Type.String(),
    title: Type.String(),
    detail: Type.String(),
    links: Type.Optional(
      Type.Object(
        { about: Type.String({ description: 'Where more is told of it.' }) },
        { additionalProperties: false },
      ),
    ),
    meta: Type.Optional(
      Type.Object({}, { additionalProperties: true, description: 'What a charging station answered.' }),
    ),
    source: Type.Optional(
      Type.Union([
        Type.Object({ pointer: Type.String() }, { additionalProperties: false }),
        Type.Object({ parameter: Type.String() }, { additionalProperties: false }),
        Type.Object({ header: Type.String() }, { additionalProperties: false }),
      ]),
    ),
  },
  { additionalProperties: false },
);
export type ErrorObject = Static<typeof ErrorObject>;

export const ErrorDocument = Type.Object(
  { errors: Type.Array(ErrorObject, { minItems: 1 }) },
  { additionalProperties: false },
);
