// What a list's query parameters ask for: filters, search, order, a page by offset or by cursor, the answer's form.
// Names are the wire's; what comes out are the store's fields.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Visibility } from '../domain/index.ts';
import type { Selection } from '../store/index.ts';
import type { Cursors } from './cursor_pages.ts';
import { prefersCsv } from './media_type.ts';
import { offsetPage, offsetPageParameters, pageLimit } from './offset_pages.ts';
import type { OffsetPage } from './offset_pages.ts';
import type { QueryParameters } from './parameters.ts';
import { filterForm, instantFrom } from './value_forms.ts';

export const mostSortKeys = 3;
export const mostFilterValues = 100;

/** A page that begins after the id, at the beginning where that is undefined. */
export type CursorPage = { readonly limit: number; readonly after: string | undefined };

export const pageParameters = [...offsetPageParameters, 'page[cursor]'];

export const listFormats = ['json', 'csv'] as const;
export type ListFormat = (typeof listFormats)[number];

/** Answers the form that a list is asked for in: by `format`, else by the Accept header. */
export function formatIn(parameters: QueryParameters, accept: string | undefined): ListFormat {
  const asked = parameters.get('format');
  if (asked === undefined) return prefersCsv(accept) ? 'csv' : 'json';
  const format = listFormats.find((each) => each === asked);
  if (format === undefined)
    parameters.refuse('format', `The parameter format must be ${listFormats.join(' or ')}.`);
  return format ?? 'json';
}

/** The names of the query parameters that a list of the resource knows. */
export function listParameters(declaration: ResourceDeclaration): string[] {
  const { type, attributes, searched, hasUpdatedSince, lasts, happensAt, paged } = declaration;
  const filtered = Object.entries(attributes).filter(([, { filters }]) => filters);
  const isSortable = Object.values(attributes).some(({ sorts }) => sorts);
  return [
    ...pageParameters.filter((name) => paged !== 'cursor_only' || name !== 'page[offset]'),
    'format',
    ...(isSortable ? ['sort'] : []),
    `fields[${type}]`,
    ...filtered.map(([name]) => `filter[${name}]`),
    ...(lasts === undefined ? [] : [`filter[${lasts.start}]`, `filter[${lasts.end}]`]),
    ...(happensAt === undefined ? [] : ['filter[from]', 'filter[until]']),
    ...(searched === undefined ? [] : ['filter[search]']),
    ...(hasUpdatedSince ? ['filter[updatedSince]'] : []),
  ];
}

/** Answers which resources are asked for, in which order. Values that are wrong are noted as faults of `parameters`. */
export function selectionIn<Field extends string>(
  declaration: ResourceDeclaration,
  fieldOf: Readonly<Record<string, Field>>,
  parameters: QueryParameters,
  now: Date,
): Selection<Field> {
  const fields = (names: readonly string[]) =>
    names.map((name) => fieldOf[name]).filter((field) => field !== undefined);
  const search = parameters.get('filter[search]');
  return {
    now,
    filters: filtersIn(declaration, fieldOf, parameters),
    overlap: overlapIn(declaration, fieldOf, parameters),
    happened: happenedIn(declaration, fieldOf, parameters),
    isNewestFirst: declaration.isNewestFirst === true,
    updatedSince: instantIn(parameters, 'filter[updatedSince]')?.toISOString(),
    search:
      search === undefined
        ? undefined
        : { text: search.replaceAll('\0', ''), fields: fields(declaration.searched ?? []) },
    sort: sortKeys(declaration, fieldOf, parameters),
  };
}

/** Answers which page of a list is asked for. Values that are wrong are noted as faults of `parameters`. */
export function pageIn(
  { paged }: ResourceDeclaration,
  cursors: Cursors,
  visibility: Visibility,
  parameters: QueryParameters,
  isSorted: boolean,
): OffsetPage | CursorPage {
  const cursor = parameters.get('page[cursor]');
  const isByOffset =
    cursor === undefined && (paged === 'offset' || parameters.get('page[offset]') !== undefined);
  if (isByOffset) return offsetPage(parameters);
  if (parameters.get('page[offset]') !== undefined) {
    parameters.refuse('page[cursor]', 'A page begins at a cursor or at an offset, not at both.');
  }
  if (isSorted)
    parameters.refuse('sort', 'Pages by cursor are in the order of creation; sort goes with page[offset].');
  return {
    limit: pageLimit(parameters),
    after: cursors.idAfter(visibility, cursor, parameters),
  };
}

function filtersIn<Field extends string>(
  declaration: ResourceDeclaration,
  fieldOf: Readonly<Record<string, Field>>,
  parameters: QueryParameters,
) {
  const filters: { field: Field; values: string[] }[] = [];
  for (const [name, { schema, filters: isFiltered, filterDefault }] of Object.entries(
    declaration.attributes,
  )) {
    const text = isFiltered ? (parameters.get(`filter[${name}]`) ?? filterDefault?.join()) : undefined;
    const field = fieldOf[name];
    if (text === undefined || field === undefined) continue;
    const { isValid, form } = filterForm(schema);
    const values = [...new Set(textsIn(text))];
    if (values.length > mostFilterValues)
      parameters.refuse(
        `filter[${name}]`,
        `The parameter filter[${name}] takes up to ${mostFilterValues} values.`,
      );
    else if (values.every(isValid)) filters.push({ field, values });
    else parameters.refuse(`filter[${name}]`, `Each value of filter[${name}] must be ${form}.`);
  }
  return filters;
}

/** The texts of a list that commas separate; `\\,` is a comma of a text and `\\\\` a backslash. */
function textsIn(list: string): string[] {
  return Array.from(`,${list}`.matchAll(/,((?:\\[\\,]|[^,])*)/g), ([, text = '']) =>
    text.replaceAll(/\\([\\,])/g, '$1'),
  );
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

function happenedIn<Field extends string>(
  { happensAt }: ResourceDeclaration,
  fieldOf: Readonly<Record<string, Field>>,
  parameters: QueryParameters,
) {
  const field = happensAt === undefined ? undefined : fieldOf[happensAt];
  if (field === undefined) return undefined;
  const from = instantIn(parameters, 'filter[from]');
  const until = instantIn(parameters, 'filter[until]');
  return from === undefined && until === undefined ? undefined : { field, from, until };
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
