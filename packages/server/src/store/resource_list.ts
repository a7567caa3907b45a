// Lists of any resource: filters, search, order, pages by offset or from a row on. A resource describes its table once;
// what a request asks for is put together from fixed fragments, its values always parameters.

import type { Visibility } from '../domain/index.ts';
import { caseless, caselessText } from './caseless.ts';
import type { Statement } from './database.ts';
import { firstIdAt } from './timed_ids.ts';

export type FieldType = 'uuid' | 'text' | 'integer' | 'boolean' | 'timestamptz' | 'json';

export type ListedField = {
  readonly sql: string;
  /** A boolean is never null. */
  readonly type: FieldType;
  /** Of a text: filters compare it without regard to case, or by the column that holds it in lower case. */
  readonly isCaseless?: true | { readonly column: string };
  /** Its value changes without a new `updatedAt`, being another table's or a matter of time; all others are of `s` alone. */
  readonly isVolatile?: true;
};

/** A table as lists see it. In all fragments `s` is the row, $1 the tenant's id and $2 the present instant. */
export type ListedTable<Field extends string> = {
  readonly name: string;
  /** What else its fields are read from, as the FROM clause goes on after the table. */
  readonly joins?: string;
  readonly id: { readonly sql: string; readonly type: FieldType };
  /** The field of an instant with whose milliseconds the ids begin, so that they are in its order (timed_ids.ts). */
  readonly idsTell?: NoInfer<Field>;
  readonly fields: Readonly<Record<Field, ListedField>>;
  /**
   * Answers a condition that leaves, by an index, few rows beside those in which a search finds a text of three characters
   * or more; `text` is its placeholder. Without this, searches read the table.
   */
  readonly mayHold?: (text: string) => string;
  /** Answers the condition that keeps rows within a visibility; `parameter` adds a value and answers its placeholder. */
  readonly visible: (visibility: Visibility, parameter: (value: unknown) => string) => string;
};

/** Which rows there are, in which order. */
export type Selection<Field extends string> = {
  readonly now: Date;
  /** Each field has one of the values. */
  readonly filters: readonly { readonly field: Field; readonly values: readonly string[] }[];
  /** What lasts from `start` to `end`, or on while `end` is null, overlaps the interval; one that is open on a side has undefined there. */
  readonly overlap?: Overlap<Field> | undefined;
  /** The field's instant is at or after `from`, and before `until`. */
  readonly happened?: Happened<Field> | undefined;
  readonly updatedSince: string | undefined;
  readonly search: { readonly text: string; readonly fields: readonly Field[] } | undefined;
  /** Beside the order of creation, which decides between equals. */
  readonly sort: readonly SortKey<Field>[];
  /** The order of creation is turned round. */
  readonly isNewestFirst?: boolean;
};

export type SortKey<Field extends string> = { readonly field: Field; readonly descending: boolean };

/** Rows of a selection: so many, after passing over some or after a row. */
export type ListQuery<Field extends string> = Selection<Field> & {
  readonly limit: number;
  readonly from: { readonly offset: number } | { readonly after: RowPlace | undefined };
};

/** Where a row stands in a selection: its id, and what it has in the fields of `sort`. */
export type RowPlace = { readonly id: string; readonly sorted: readonly (string | null)[] };

export type Happened<Field extends string> = {
  readonly field: Field;
  readonly from: Date | undefined;
  readonly until: Date | undefined;
};

export type Overlap<Field extends string> = {
  readonly start: Field;
  readonly end: Field;
  /** Where it equals `until`, they are an instant: what lasts at it overlaps it. */
  readonly from: Date | undefined;
  readonly until: Date | undefined;
};

/** The query for a page of all that is visible, in the order of creation. */
export function plainQuery(page: { limit: number; offset: number; now: Date }): ListQuery<never> {
  const { limit, offset, now } = page;
  return { limit, now, from: { offset }, filters: [], updatedSince: undefined, search: undefined, sort: [] };
}

/** Answers whether a query asks for all that is visible, in the order of creation. */
export function isPlain<Field extends string>(query: ListQuery<Field>): boolean {
  return (
    query.filters.length === 0 &&
    query.sort.length === 0 &&
    query.overlap === undefined &&
    query.happened === undefined &&
    !query.isNewestFirst &&
    query.updatedSince === undefined &&
    query.search === undefined
  );
}

const fromOf = ({ name, joins = '' }: Pick<ListedTable<never>, 'name' | 'joins'>) => `${name} s ${joins}`;

/** How many rows a query has in all. */
export function countStatement<Field extends string>(
  table: ListedTable<Field>,
  visibility: Visibility,
  query: ListQuery<Field>,
): Statement {
  const { condition, values } = conditionOf(table, visibility, query);
  return {
    text: `select count(*) from ${fromOf(table)} where $2::timestamptz is not null and ${condition}`,
    values,
    isOneOff: true,
  };
}

/** The rows of a page, all fields in the order of `table.fields`. */
export function rowsStatement<Field extends string>(
  table: ListedTable<Field>,
  visibility: Visibility,
  query: ListQuery<Field>,
): Statement {
  const { condition, values, parameter } = conditionOf(table, visibility, query);
  const selected = Object.values<{ sql: string }>(table.fields).map(({ sql }) => sql);
  const after =
    'after' in query.from && query.from.after !== undefined
      ? ` and ${isAfter(table, query, query.from.after, parameter)}`
      : '';
  const order = query.sort.map(
    ({ field, descending }) =>
      `${table.fields[field].sql} ${descending ? 'desc nulls last' : 'asc nulls last'}`,
  );
  // Numbers of our own stand in the text: a plan made without knowing the limit would sort the whole table.
  const offset = 'offset' in query.from ? ` offset ${query.from.offset}` : '';
  return {
    text: `select ${selected.join(', ')} from ${fromOf(table)} where $2::timestamptz is not null and ${condition}${after}
           order by ${[...order, `${table.id.sql}${query.isNewestFirst ? ' desc' : ''}`].join(', ')} limit ${query.limit}${offset}`,
    values,
    isOneOff: true,
  };
}

/** The one row of an id, if it is visible. */
export function rowStatement<Field extends string>(
  table: ListedTable<Field>,
  visibility: Visibility,
  { id, now }: { id: string; now: Date },
): Statement {
  const values: unknown[] = [visibility.tenantId, now];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const selected = Object.values<{ sql: string }>(table.fields).map(({ sql }) => sql);
  const condition = `${table.id.sql} = ${parameter(id)}::${table.id.type} and ${table.visible(visibility, parameter)}`;
  return {
    text: `select ${selected.join(', ')} from ${fromOf(table)} where $2::timestamptz is not null and ${condition}`,
    values,
  };
}

/**
 * The condition that a row stands after a place. Unknown values stand last in either direction, so it is put together from
 * the least key on: after in this key, or equal in it and after in what follows.
 */
function isAfter<Field extends string>(
  table: ListedTable<Field>,
  { sort, isNewestFirst }: Selection<Field>,
  { id, sorted }: RowPlace,
  parameter: (value: unknown) => string,
): string {
  const byId = `${table.id.sql} ${isNewestFirst ? '<' : '>'} ${parameter(id)}::${table.id.type}`;
  return sort
    .map(({ field, descending }, at) => ({ ...table.fields[field], descending, value: sorted[at] ?? null }))
    .reduceRight((rest, { sql, type, descending, value }) => {
      if (value === null) return `(${sql} is null and ${rest})`;
      const known = `${parameter(value)}::${type}`;
      return `(${sql} ${descending ? '<' : '>'} ${known} or ${sql} is null or (${sql} = ${known} and ${rest}))`;
    }, byId);
}

/** As with the limit: a plan made without knowing the instant would read the whole table. */
const literal = (instant: Date) => `'${instant.toISOString()}'::timestamptz`;

/** Of a partitioned table, the instant tells the partitions, and the ids where in these. */
function happenedConditions<Field extends string>(
  table: ListedTable<Field>,
  { field, from, until }: Happened<Field>,
): string[] {
  const { sql } = table.fields[field];
  const idsTell = table.idsTell === field;
  return [
    ...(from === undefined ? [] : [`${sql} >= ${literal(from)}`]),
    ...(until === undefined ? [] : [`${sql} < ${literal(until)}`]),
    ...(idsTell && from !== undefined ? [`${table.id.sql} >= '${firstIdAt(from)}'`] : []),
    ...(idsTell && until !== undefined ? [`${table.id.sql} < '${firstIdAt(until)}'`] : []),
  ];
}

// A plan that does not know the values compares each row with them one after the other, which of texts takes long: a hundred
// of them and 35 000 rows 190 ms, by a hash table 15 ms. As few as that make no table worth its while (PostgreSQL's own rule).
const mostComparedInTurn = 8;

function hasOneOf(
  { sql, type, isCaseless }: ListedField,
  values: readonly string[],
  parameter: (value: unknown) => string,
): string {
  if (type === 'boolean') {
    const [wantsTrue, wantsFalse] = [values.includes('true'), values.includes('false')];
    if (wantsTrue && wantsFalse) return 'true';
    // Written out, so that an index of the rows of which it is true can be used, or a join.
    return wantsTrue ? sql : `not ${sql}`;
  }
  const compared = isCaseless === true ? caseless(sql) : (isCaseless?.column ?? sql);
  const wanted = isCaseless === undefined ? values : values.map(caselessText);
  const [only] = wanted;
  // With one value, an index that begins with the field gives its rows in the order of what follows in it.
  if (wanted.length === 1) return `${compared} = ${parameter(only)}::${type}`;
  const all = `${parameter(wanted)}::${type}[]`;
  if (type === 'text' && wanted.length > mostComparedInTurn)
    return `${compared} in (select v from unnest(${all}) v)`;
  return `${compared} = any(${all})`;
}

function conditionOf<Field extends string>(
  table: ListedTable<Field>,
  visibility: Visibility,
  query: ListQuery<Field>,
) {
  const values: unknown[] = [visibility.tenantId, query.now];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = [table.visible(visibility, parameter)];
  for (const { field, values: wanted } of query.filters) {
    conditions.push(hasOneOf(table.fields[field], wanted, parameter));
  }
  if (query.overlap !== undefined) {
    const { start, end, from, until } = query.overlap;
    // What ends at an instant has ended by then, so intervals that only touch do not overlap.
    if (from !== undefined) {
      const { sql } = table.fields[end];
      conditions.push(`(${sql} > ${literal(from)} or ${sql} is null)`);
    }
    if (until !== undefined) {
      const before = from?.getTime() === until.getTime() ? '<=' : '<';
      conditions.push(`${table.fields[start].sql} ${before} ${literal(until)}`);
    }
  }
  if (query.happened !== undefined) {
    conditions.push(...happenedConditions(table, query.happened));
  }
  if (query.updatedSince !== undefined) {
    conditions.push(`s.updated_at >= ${parameter(query.updatedSince)}::timestamptz`);
  }
  if (query.search !== undefined) {
    const pattern = parameter(`%${query.search.text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`);
    const found = query.search.fields.map((field) => `${table.fields[field].sql} ilike ${pattern}`);
    conditions.push(`(${found.join(' or ')})`);
    if (table.mayHold !== undefined && Array.from(query.search.text).length >= 3) {
      conditions.push(table.mayHold(parameter(query.search.text)));
    }
  }
  return { condition: conditions.join(' and '), values, parameter };
}
