// What a list's query parameters ask for: filters, search, order, sparse fieldsets, and a page by offset or by cursor.
// Names are the wire's; what comes out are the store's fields.

import { shownAttributes } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Visibility } from '../domain/index.ts';
import type { ListQuery } from '../store/index.ts';
import { idAfter } from './cursor_pages.ts';
import { offsetPage, offsetPageParameters, pageLimit } from './offset_pages.ts';
import type { QueryParameters } from './parameters.ts';
import { filterForm, instantFrom } from './value_forms.ts';

export const mostSortKeys = 3;

/** The names of the query parameters that a list of the resource knows. */
export function listParameters(declaration: ResourceDeclaration): string[] {
  const { type, attributes, searched, hasUpdatedSince, lasts } = declaration;
  const filtered = Object.entries(attributes).filter(([, { filters }]) => filters);
  return [
    ...offsetPageParameters,
    'page[cursor]',
    'sort',
    `fields[${type}]`,
    ...filtered.map(([name]) => `filter[${name}]`),
    ...(lasts === undefined ? [] : [`filter[${lasts.start}]`, `filter[${lasts.end}]`]),
    ...(searched === undefined ? [] : ['filter[search]']),
    ...(hasUpdatedSince ? ['filter[updatedSince]'] : []),
  ];
}

/** Answers the query. Values that are wrong are noted as faults of `parameters`. */
export function listQuery<Field extends string>(
  declaration: ResourceDeclaration,
  fieldOf: Readonly<Record<string, Field>>,
  parameters: QueryParameters,
  { visibility, now }: { visibility: Visibility; now: Date },
): ListQuery<Field> {
  const fields = (names: readonly string[]) =>
    names.map((name) => fieldOf[name]).filter((field) => field !== undefined);
  const search = parameters.get('filter[search]');
  const sort = sortKeys(declaration, fieldOf, parameters);
  return {
    now,
    ...pageOf(declaration, visibility, parameters, sort.length > 0),
    filters: filtersIn(declaration, fieldOf, parameters),
    overlap: overlapIn(declaration, fieldOf, parameters),
    updatedSince: instantIn(parameters, 'filter[updatedSince]')?.toISOString(),
    search:
      search === undefined
        ? undefined
        : { text: search.replaceAll('\0', ''), fields: fields(declaration.searched ?? []) },
    sort,
  };
}

/** Answers the attributes that `fields[type]` asks for, all of them where it is not given. */
export function sparseAttributes(
  declaration: ResourceDeclaration,
  parameters: QueryParameters,
): readonly string[] {
  const parameter = `fields[${declaration.type}]`;
  const all = shownAttributes(declaration).map(([name]) => name);
  const asked = parameters
    .get(parameter)
    ?.split(',')
    .filter((name) => name !== '');
  if (asked === undefined) return all;
  const unknown = asked.filter((name) => !all.includes(name));
  if (unknown.length > 0) parameters.refuse(parameter, `There are no attributes ${unknown.join(', ')}.`);
  return all.filter((name) => asked.includes(name));
}

function pageOf(
  declaration: ResourceDeclaration,
  visibility: Visibility,
  parameters: QueryParameters,
  isSorted: boolean,
) {
  const cursor = parameters.get('page[cursor]');
  const isByOffset =
    cursor === undefined && (declaration.paged === 'offset' || parameters.get('page[offset]') !== undefined);
  if (isByOffset) {
    const { limit, offset } = offsetPage(parameters);
    return { limit, from: { offset } };
  }
  if (parameters.get('page[offset]') !== undefined) {
    parameters.refuse('page[cursor]', 'A page begins at a cursor or at an offset, not at both.');
  }
  if (isSorted)
    parameters.refuse('sort', 'Pages by cursor are in the order of creation; sort goes with page[offset].');
  return {
    limit: pageLimit(parameters),
    from: { after: idAfter(declaration, visibility, cursor, parameters) },
  };
}

function filtersIn<Field extends string>(
  declaration: ResourceDeclaration,
  fieldOf: Readonly<Record<string, Field>>,
  parameters: QueryParameters,
) {
  const filters: { field: Field; values: string[] }[] = [];
  for (const [name, { schema, filters: isFiltered }] of Object.entries(declaration.attributes)) {
    const text = isFiltered ? parameters.get(`filter[${name}]`) : undefined;
    const field = fieldOf[name];
    if (text === undefined || field === undefined) continue;
    const { isValid, form } = filterForm(schema);
    const values = text.split(',');
    if (values.every(isValid)) filters.push({ field, values });
    else parameters.refuse(`filter[${name}]`, `Each value of filter[${name}] must be ${form}.`);
  }
  return filters;
}

function overlapIn<Field extends string>(
  { lasts }: ResourceDeclaration,
  fieldOf: Readonly<Record<string, Field>>,
  parameters: QueryParameters,
) {
  const [start, end] = lasts === undefined ? [] : [fieldOf[lasts.start], fieldOf[lasts.end]];
  if (lasts === undefined || start === undefined || end === undefined) return undefined;
  const from = instantIn(parameters, `filter[${lasts.start}]`);
  const until = instantIn(parameters, `filter[${lasts.end}]`);
  if (from !== undefined && until !== undefined && until < from) {
    parameters.refuse(
      `filter[${lasts.end}]`,
      `The parameter filter[${lasts.end}] must not be before filter[${lasts.start}].`,
    );
  }
  return from === undefined && until === undefined ? undefined : { start, end, from, until };
}

function instantIn(parameters: QueryParameters, name: string): Date | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const instant = instantFrom(text);
  if (instant !== undefined) return instant;
  parameters.refuse(name, `The parameter ${name} must be a date and time (ISO 8601).`);
  return undefined;
}

function sortKeys<Field extends string>(
  { attributes }: ResourceDeclaration,
  fieldOf: Readonly<Record<string, Field>>,
  parameters: QueryParameters,
) {
  const text = parameters.get('sort');
  if (text === undefined) return [];
  const keys = text.split(',').map((key) => {
    const name = key.replace(/^-/, '');
    return { name, field: fieldOf[name], descending: key.startsWith('-') };
  });
  const known = keys.flatMap(({ name, field, descending }) =>
    field !== undefined && attributes[name]?.sorts ? [{ field, descending }] : [],
  );
  if (known.length < keys.length || keys.length > mostSortKeys) {
    const sortable = Object.entries(attributes).flatMap(([name, { sorts }]) => (sorts ? [name] : []));
    parameters.refuse('sort', `Up to ${mostSortKeys} of these can be sorted by: ${sortable.join(', ')}.`);
  }
  return known;
}
