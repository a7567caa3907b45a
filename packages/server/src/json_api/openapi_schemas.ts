// The schemas of the API's description: the contract's own, worded as people and code generators like them ("one of
// these words", "or null"), and the documents that are made of them.

import {
  CursorPageLinks,
  CursorPagination,
  OffsetPagination,
  PageLinks,
} from '@chargeyard/contract/json_api';
import { attributesSchema, relationshipsOf } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import { singularOf } from './resource.ts';
import type { Purpose } from './routes.ts';

export type Json = { readonly [member: string]: unknown };

/** The schemas that the document names; each is written once. */
export type Schemas = {
  readonly all: Json;
  /** Answers a reference to the schema under the name, or the schema itself where another has the name. */
  named(name: string, schema: object): Json;
};

export function createSchemas(): Schemas {
  const all: Record<string, Json> = {};
  return {
    all,
    named(name, schema) {
      const worded = plainSchema(schema);
      all[name] ??= worded;
      const isThisOne = JSON.stringify(all[name]) === JSON.stringify(worded);
      return isThisOne ? { $ref: `#/components/schemas/${name}` } : worded;
    },
  };
}

/** `charging_stations` → `ChargingStations`. */
export function nameOf(text: string): string {
  return text.replaceAll(/(?:^|[_ -])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export function idSchema(id: ResourceDeclaration['id']): Json {
  return id === 'integer' ? { type: 'integer', minimum: 1 } : resourceIdSchema(id);
}

/** The declaration of a resource type, where the API has it. */
export type DeclarationOf = (type: string) => ResourceDeclaration | undefined;

/** The schema of what a method answers. */
export function documentSchema(does: Purpose, schemas: Schemas, declarationOf: DeclarationOf): Json {
  const { action, resource, parameters } = does;
  const name = nameOf(singularOf(resource.type));
  const resourceNamed = (declaration: ResourceDeclaration) =>
    schemas.named(nameOf(singularOf(declaration.type)), resourceSchema(declaration, declarationOf));
  const data = resourceNamed(resource);
  const related = relatedTypes(resource).flatMap((type) => declarationOf(type) ?? []);
  // Compound documents have it, and they only (JSON:API 1.1 §7.4).
  const included: Json =
    related.length === 0 ? {} : { included: { type: 'array', items: { anyOf: related.map(resourceNamed) } } };
  const object = (properties: Json, optional: Json = {}) =>
    closed({ ...properties, ...optional }, Object.keys(properties));
  if (action !== 'list') {
    const properties = { data, links: object({ self: { type: 'string' } }) };
    if (!does.showsOnce) return schemas.named(`${name}Document`, object(properties, included));
    const once = Object.entries(resource.shownOnce ?? {}).map(([member, { schema }]) => [member, schema]);
    // A request that comes again with its Idempotency-Key is not shown it.
    return schemas.named(
      `New${name}Document`,
      object(properties, { meta: object(Object.fromEntries(once) as Json) }),
    );
  }
  const page = (kind: string, pagination: object, links: object) =>
    schemas.named(
      `${name}${kind}Page`,
      object(
        {
          data: { type: 'array', items: data },
          meta: object({ pagination: schemas.named(`${kind}Pagination`, pagination) }),
          links: schemas.named(`${kind}PageLinks`, links),
        },
        included,
      ),
    );
  const pages = [
    ...(parameters.includes('page[offset]') ? [page('Offset', OffsetPagination, PageLinks)] : []),
    ...(parameters.includes('page[cursor]') ? [page('Cursor', CursorPagination, CursorPageLinks)] : []),
  ];
  return { anyOf: resource.paged === 'cursor' ? pages.toReversed() : pages };
}

/** The types that a resource has relationships with. */
const relatedTypes = (declaration: ResourceDeclaration) => [
  ...new Set(relationshipsOf(declaration).map(({ type }) => type)),
];

/** A resource object. No attribute is required: `fields[…]` may have asked for some only. */
function resourceSchema(declaration: ResourceDeclaration, declarationOf: DeclarationOf): Json {
  const attributes: Json = {
    ...plainSchema(attributesSchema(declaration)),
    required: undefined,
    description: 'All of them, unless fields[…] asks for some. What is not known is null.',
  };
  const properties = {
    type: { type: 'string', const: declaration.type },
    id: resourceIdSchema(declaration.id),
    attributes,
  };
  const relationships = relationshipsSchema(declaration, declarationOf);
  return closed({ ...properties, ...relationships }, Object.keys(properties));
}

/** The member `relationships`: those that `include` or `fields[…]` name. */
function relationshipsSchema(declaration: ResourceDeclaration, declarationOf: DeclarationOf): Json {
  const properties = relationshipsOf(declaration).map(({ name, type, isToMany }) => {
    const id = resourceIdSchema(declarationOf(type)?.id ?? 'uuid');
    const identifier = closed({ type: { type: 'string', const: type }, id }, ['type', 'id']);
    const data = isToMany ? { type: 'array', items: identifier } : { anyOf: [identifier, { type: 'null' }] };
    return [name, closed({ data }, ['data'])] as const;
  });
  if (properties.length === 0) return {};
  return { relationships: closed(Object.fromEntries(properties), []) };
}

/** What a request's body may be: the attributes themselves, or a JSON:API document with them. */
export function bodySchema(
  declaration: ResourceDeclaration,
  about: { readonly takes: object; readonly isNew: boolean; readonly name: string | undefined },
  schemas: Schemas,
): Json {
  const { type, id } = declaration;
  const { takes, isNew, name = singularOf(type) + (isNew ? ' creation' : ' change') } = about;
  const written = writtenByName(declaration, takes);
  const attributes = schemas.named(nameOf(name), written);
  const document = {
    type: 'object',
    required: ['type', ...(written.required === undefined ? [] : ['attributes'])],
    properties: {
      type: { type: 'string', const: type },
      ...(isNew ? {} : { id: resourceIdSchema(id) }),
      attributes,
    },
  };
  const isDocument = 'data' in declaration.attributes ? { properties: { data: { type: 'object' } } } : {};
  const flat = {
    allOf: [attributes, { type: 'object', not: { type: 'object', required: ['data'], ...isDocument } }],
  };
  return schemas.named(`${nameOf(name)}Request`, {
    anyOf: [flat, { type: 'object', required: ['data'], properties: { data: document } }],
  });
}

/** Answers the attributes that a body may set, under the names that the documentation has for writes. */
export function writtenByName(
  { attributes }: ResourceDeclaration,
  takes: object,
): { type: 'object'; properties: Record<string, Json>; required?: string[] } {
  const { properties = {}, required = [] } = plainSchema(takes) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  const writeName = (name: string) => attributes[name]?.writeName ?? name;
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [writeName(name), schema]),
    ),
    ...(required.length === 0 ? {} : { required: required.map(writeName) }),
  };
}

/** Ids in resource objects are strings (JSON:API 1.1 §7.2). */
function resourceIdSchema(id: ResourceDeclaration['id']): Json {
  if (id === 'uuid') return { type: 'string', format: 'uuid' };
  return { type: 'string', pattern: id === 'integer' ? '^\\d+$' : '^[a-z0-9]+$' };
}

function closed(properties: Json, required: readonly string[]): Json {
  return { type: 'object', required, properties, additionalProperties: false };
}

/** Answers a schema without TypeBox's marks, alternatives worded shortly: `enum`, and `null` among the types. */
export function plainSchema(schema: object): Json {
  return plain(JSON.parse(JSON.stringify(schema))) as Json;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const members: Json = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, plain(member)]),
  );
  const { anyOf, ...others } = members as { anyOf?: Json[] } & Json;
  if (!Array.isArray(anyOf)) return members;
  const words = anyOf.flatMap((each) =>
    'const' in each ? [each['const']] : ((each['enum'] as unknown[]) ?? []),
  );
  const notNull = anyOf.filter(({ type }) => type !== 'null');
  const [only] = notNull;
  const isNullable = notNull.length < anyOf.length;
  if (words.length >= notNull.length && notNull.every((each) => 'const' in each || 'enum' in each)) {
    return isNullable
      ? { ...others, type: ['string', 'null'], enum: [...words, null] }
      : { ...others, type: 'string', enum: words };
  }
  if (isNullable && notNull.length === 1 && only !== undefined && typeof only['type'] === 'string') {
    return { ...only, ...others, type: [only['type'], 'null'] };
  }
  return members;
}

/** Answers a plain schema of a value that is known. */
export function withoutNull(schema: Json): Json {
  const { type, enum: words } = schema;
  return {
    ...schema,
    ...(Array.isArray(type) ? { type: type.filter((each) => each !== 'null')[0] as unknown } : {}),
    ...(Array.isArray(words) ? { enum: words.filter((word) => word !== null) } : {}),
  };
}
