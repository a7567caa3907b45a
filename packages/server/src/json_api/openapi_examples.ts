// The examples of the API's description, from the declarations: one resource of each type, always the same, referring to
// one another. A test sends each of them to a server.

import { createHash } from 'node:crypto';
import { shownAttributes } from '@chargeyard/contract/resource';
import type { AttributeDeclaration, ResourceDeclaration } from '@chargeyard/contract/resource';
import { defaultLimit } from './offset_pages.ts';
import { plainSchema, withoutNull, writtenByName } from './openapi_schemas.ts';
import type { Json } from './openapi_schemas.ts';
import type { Purpose } from './routes.ts';

/** The id that the example of a type has everywhere. */
export function exampleId(type: string, id: ResourceDeclaration['id']): string | number {
  if (id === 'integer') return 1;
  const hash = createHash('sha256').update(type).digest('hex');
  if (id === 'text') return hash.slice(0, 26);
  return `01a21033-a00e-775b-9${hash.slice(0, 3)}-${hash.slice(3, 15)}`;
}

/** What a request sends that makes or changes the example: the attributes it may set, flat and as a document. */
export function exampleBody(declaration: ResourceDeclaration, takes: object): { flat: Json; document: Json } {
  const { type, attributes } = declaration;
  const { properties } = writtenByName(declaration, takes);
  const flat = Object.fromEntries(
    Object.entries(attributes)
      .map(([name, attribute]) => [attribute.writeName ?? name, exampleValue(attribute)] as const)
      .filter(([name]) => name in properties),
  );
  return { flat, document: { data: { type, attributes: flat } } };
}

/** @param isNew nothing is known then of what only a station or a later change tells */
export function exampleDocument(
  { resource, showsOnce }: Purpose,
  self: string,
  { isNew }: { isNew: boolean },
): Json {
  const shownOnce = Object.entries(resource.shownOnce ?? {}).map(([name, { example }]) => [name, example]);
  return {
    data: exampleResource(resource, isNew),
    ...(showsOnce ? { meta: Object.fromEntries(shownOnce) as Json } : {}),
    links: { self },
  };
}

/** A page that holds the example alone, paged as the list is by default. */
export function examplePage({ resource }: Purpose, url: string): Json {
  const link = (page: Record<string, string>) => `${url}?${new URLSearchParams(page).toString()}`;
  const limit = defaultLimit;
  const only =
    resource.paged === 'offset'
      ? link({ 'page[limit]': String(limit), 'page[offset]': '0' })
      : link({ 'page[limit]': String(limit), 'page[cursor]': 'start' });
  return {
    data: [exampleResource(resource, false)],
    meta: {
      pagination:
        resource.paged === 'offset'
          ? { total: 1, offset: 0, limit, lastPage: true }
          : { limit, nextCursor: null, lastPage: true },
    },
    links: {
      current: only,
      self: only,
      first: only,
      ...(resource.paged === 'offset' ? { last: only } : {}),
    },
  };
}

function exampleResource(declaration: ResourceDeclaration, isNew: boolean): Json {
  const { type, id } = declaration;
  return {
    type,
    id: String(exampleId(type, id)),
    attributes: Object.fromEntries(
      shownAttributes(declaration).map(([name, attribute]) => {
        return [name, isNew ? firstValue(attribute) : exampleValue(attribute)];
      }),
    ),
  };
}

/** What a station or a later change tells is not known of a new resource. */
function firstValue(attribute: AttributeDeclaration): unknown {
  if (attribute.exampleAtFirst !== undefined) return attribute.exampleAtFirst;
  const isUnknown = attribute.written === undefined && allowsNull(plainSchema(attribute.schema));
  return isUnknown ? null : exampleValue(attribute);
}

function exampleValue({ schema, refersTo, example }: AttributeDeclaration): unknown {
  if (example !== undefined) return example;
  const plain = plainSchema(schema);
  if (refersTo !== undefined)
    return exampleId(refersTo, withoutNull(plain)['type'] === 'integer' ? 'integer' : 'uuid');
  return exampleOf(plain);
}

const allowsNull = ({ type, anyOf }: Json): boolean =>
  type === 'null' ||
  (Array.isArray(type) && type.includes('null')) ||
  (Array.isArray(anyOf) && anyOf.some((each) => allowsNull(each as Json)));

/** Some value that a plain schema describes. One with a pattern needs an example of its own. */
function exampleOf(schema: Json): unknown {
  const { type, format, enum: words, const: word, anyOf, minimum, items, properties } = withoutNull(schema);
  if (word !== undefined) return word;
  if (Array.isArray(words)) return words[0];
  if (Array.isArray(anyOf)) return exampleOf(anyOf[0] as Json);
  switch (type) {
    case 'integer':
    case 'number':
      return minimum ?? 1;
    case 'boolean':
      return false;
    case 'array':
      return [exampleOf(items as Json)];
    case 'object':
      return Object.fromEntries(
        Object.entries((properties ?? {}) as Record<string, Json>).map(([name, each]) => [
          name,
          exampleOf(each),
        ]),
      );
    default:
      return format === 'date-time'
        ? '2026-11-25T12:00:00.000Z'
        : format === 'uuid'
          ? exampleId('', 'uuid')
          : 'Text';
  }
}
