// What the API's description says of parameters: in the query, from their names and the resource's declaration, and in
// headers, from the action.

import { relationshipsOf, shownAttributes } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import { listFormats, mostFilterValues, mostSortKeys } from './list_query.ts';
import { defaultLimit, largestLimit } from './offset_pages.ts';
import { plainSchema, withoutNull } from './openapi_schemas.ts';
import type { DeclarationOf, Json } from './openapi_schemas.ts';
import type { Purpose } from './routes.ts';

/** Answers the Parameter Object of a query parameter that a method on the resource knows. */
export function queryParameter(
  name: string,
  declaration: ResourceDeclaration,
  declarationOf: DeclarationOf,
): Json {
  const [, family = name, member = ''] = /^(\w+)\[(\w+)\]$/.exec(name) ?? [];
  const meant = family === 'fields' ? (declarationOf(member) ?? declaration) : declaration;
  const { description, schema } = factsOf(family, member, meant);
  // Lists are separated by commas (JSON:API 1.1 §6.3, §6.4).
  const form = schema['type'] === 'array' ? { style: 'form', explode: false } : {};
  return { name, in: 'query', description, ...form, schema };
}

function factsOf(
  family: string,
  member: string,
  declaration: ResourceDeclaration,
): { description: string; schema: Json } {
  switch (family) {
    case 'page':
    case 'limit':
    case 'offset':
      return pageParameter(member === '' ? family : member);
    case 'sort':
      return {
        description: 'The order, most important first; - for descending. Not with page[cursor].',
        schema: listOf(sortKeys(declaration), { maxItems: mostSortKeys }),
      };
    case 'fields':
      return {
        description: `Which attributes of ${declaration.type.replaceAll('_', ' ')} to show; all without it.`,
        schema: listOf([
          ...shownAttributes(declaration).map(([name]) => name),
          ...relationshipNames(declaration),
        ]),
      };
    case 'include':
      return {
        description: 'Which related resources to send along.',
        schema: listOf(relationshipNames(declaration)),
      };
    case 'from':
      return {
        description: 'The id of an event, or an instant; the day before now without it.',
        schema: { type: 'string', format: 'date-time' },
      };
    case 'keys':
      return {
        description: 'Which configuration keys; all without it.',
        schema: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 50, pattern: '^[^,]+$' } },
      };
    case 'format':
      return {
        description:
          'csv: the whole list as a table, without pages and related resources. Accept: text/csv asks for the same.',
        schema: { type: 'string', enum: listFormats },
      };
    default:
      return filterParameter(member, declaration);
  }
}

function pageParameter(member: string): { description: string; schema: Json } {
  switch (member) {
    case 'limit':
      return {
        description: `Resources per page, ${defaultLimit} without it; above ${largestLimit} it becomes ${largestLimit}.`,
        schema: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      };
    case 'offset':
      return {
        description: 'Resources to pass over.',
        schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      };
    default:
      return {
        description:
          'Pages by cursor: start, then what meta.pagination.nextCursor said. Not with page[offset].',
        schema: { type: 'string' },
      };
  }
}

function filterParameter(
  member: string,
  { attributes, searched, lasts, happensAt }: ResourceDeclaration,
): { description: string; schema: Json } {
  const attribute = attributes[member];
  if (attribute?.filters) {
    const items = filtered(withoutNull(plainSchema(attribute.schema)));
    const { filterDefault } = attribute;
    return {
      description: `${member} is one of these.${hasCommas(items) ? commasInTexts : ''}`,
      schema: {
        type: 'array',
        items,
        minItems: 1,
        maxItems: mostFilterValues,
        ...(filterDefault === undefined ? {} : { default: filterDefault }),
      },
    };
  }
  if (member === 'search') {
    return {
      description: `Text that is in ${(searched ?? []).join(', ')}.`,
      schema: { type: 'string' },
    };
  }
  if (member === lasts?.start || member === lasts?.end) {
    const [side, other] = member === lasts.start ? ['begins', lasts.end] : ['ends', lasts.start];
    return {
      description: `What overlaps the interval that ${side} then, with or without filter[${other}].`,
      schema: { type: 'string', ...instant },
    };
  }
  if (happensAt !== undefined && (member === 'from' || member === 'until')) {
    return {
      description: `What happened ${member === 'from' ? 'then or later' : 'before'}, by ${happensAt}.`,
      schema: { type: 'string', ...instant },
    };
  }
  return { description: 'Created or changed then or later.', schema: { type: 'string', ...instant } };
}

const commasInTexts = ' In a text \\, is a comma, and \\\\ a backslash.';
const hasCommas = ({ type, format, enum: words }: Json) =>
  type === 'string' && format === undefined && words === undefined;

const instant = { format: 'date-time' };

/** A filter compares with texts as they are: any text can be asked for, whatever may be written. */
function filtered(schema: Json): Json {
  const { type, format } = schema;
  if (schema['enum'] !== undefined) return { type: 'string', enum: schema['enum'] };
  if (type === 'integer') return { type, minimum: 0, maximum: 2_147_483_647 };
  if (type === 'boolean') return { type };
  if (format === 'uuid' || format === 'date-time') return { type: 'string', format };
  return { type: 'string' };
}

const relationshipNames = (declaration: ResourceDeclaration) =>
  relationshipsOf(declaration).map(({ name }) => name);

function sortKeys({ attributes }: ResourceDeclaration): string[] {
  const names = Object.entries(attributes).flatMap(([name, { sorts }]) => (sorts ? [name] : []));
  return names.flatMap((name) => [name, `-${name}`]);
}

function listOf(words: readonly string[], limits: Json = {}): Json {
  return { type: 'array', items: { type: 'string', enum: words }, minItems: 1, ...limits };
}

/** Answers the Parameter Objects of the headers that a method heeds. */
export function headerParameters({ action, isForVersions }: Purpose): Json[] {
  const headers: readonly HeaderParameter[] = isForVersions ? [ifMatch] : (headersOf[action] ?? []);
  return headers.map(({ name, description, pattern }) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) },
  }));
}

type HeaderParameter = { readonly name: string; readonly description: string; readonly pattern?: string };

const ifNoneMatch = {
  name: 'If-None-Match',
  description: 'Entity tags that are known: the answer is 304 when one still holds.',
};
const ifMatch = {
  name: 'If-Match',
  description: 'Entity tags for which the change is meant: 412 when the version is another.',
};
const idempotencyKey = {
  name: 'Idempotency-Key',
  description:
    'Within 24 hours the same key with the same body gets the first answer again; with another body it is 422.',
  pattern: '^[\\x21-\\x7e]{1,255}$',
};
const headersOf: Partial<Record<Purpose['action'], readonly HeaderParameter[]>> = {
  list: [ifNoneMatch],
  read: [ifNoneMatch],
  create: [idempotencyKey],
  send: [idempotencyKey],
  order: [idempotencyKey],
  update: [ifMatch],
  delete: [ifMatch],
};
