// Outlines of pages: which rows a page has, each in which version, and the few values that change without a new version.
// Whoever keeps rows by their versions reads a page by its outline, and of its rows only those that he lacks. It is one
// row of arrays in PostgreSQL's binary form: turning instants into text took longer than finding them. Whoever keeps whole
// pages reads their state alone: a sum of one hash per row.

import type { Visibility } from '../domain/index.ts';
import type { Session, Statement } from './database.ts';
import type { FieldType, ListedField, ListedTable } from './resource_list.ts';
import type { Row } from './resource_rows.ts';

export type OutlinedRow = {
  /** Only to be compared, and to be read by (`rowsByIds`). */
  readonly id: string;
  /** Only to be compared: another one is another row text, but for its volatile fields. */
  readonly version: string;
  /** The volatile fields in the order of the table's fields. */
  readonly volatile: Row;
};

export type Outline = {
  readonly total: number;
  /** Equal only as long as the total, the rows, their versions and their volatile values are. */
  readonly state: string;
  /** The id of the first row, by which the state is read again; undefined where there is none. */
  readonly startsAt: string | undefined;
  readonly rows: () => OutlinedRow[];
};

/** A row as it is kept: its volatile fields are null. */
export type KeptRow = { readonly id: string; readonly version: string; readonly row: Row };

export function volatileFieldsOf<Field extends string>(table: ListedTable<Field>): Field[] {
  const fields = Object.entries<ListedField>(table.fields) as [Field, ListedField][];
  return fields.flatMap(([name, { isVolatile }]) => (isVolatile ? [name] : []));
}

/** What to select of each row of a page for its outline, and what to make of it in the statement around. */
export function outlineColumns<Field extends string>(table: ListedTable<Field>) {
  const volatile = volatileFieldsOf(table).map((field) => table.fields[field]);
  const outlined = [table.id.sql, 's.updated_at', ...volatile.map(({ sql }) => sql)];
  const comparable = [
    'o0',
    'o1',
    ...volatile.map(({ type }, at) => `o${at + 2}${type === 'json' ? '::text' : ''}`),
  ];
  return {
    columns: outlined.map((sql, at) => `${sql} as o${at}`).join(', '),
    state: `sum(hash_record_extended(row(${comparable.join(', ')}), 0))`,
    arrays: outlined.map((_, at) => `array_send(array_agg(o${at}))`),
  };
}

/** Answers what the arrays of `outlineColumns` say. */
export function outlineOf<Field extends string>(
  table: ListedTable<Field>,
  { total, state, columns }: { total: number; state: string; columns: Row },
): Outline {
  const [firstId] = elementsOf(columns[0] ?? '', 1);
  return {
    total,
    state,
    startsAt: firstId ? textOf[table.id.type](firstId) : undefined,
    rows() {
      const [ids = [], versions = [], ...volatile] = columns.map((column) => elementsOf(column ?? ''));
      const types = volatileFieldsOf(table).map((field) => table.fields[field].type);
      const texts = types.map((type, at) => (volatile[at] ?? []).map((hex) => hex && textOf[type](hex)));
      return ids.map((id, at) => ({
        id: id ?? '',
        version: versions[at] ?? '',
        volatile: texts.map((values) => values[at] ?? null),
      }));
    },
  };
}

/** Reads rows by the ids of an outline, as they are now; those that are gone since are left out. */
export async function rowsByIds<Field extends string>(
  session: Session,
  table: ListedTable<Field>,
  visibility: Visibility,
  ids: readonly string[],
): Promise<KeptRow[]> {
  const values: unknown[] = [visibility.tenantId, ids.map((id) => textOf[table.id.type](id))];
  const condition = table.visible(visibility, (value) => `$${values.push(value)}`);
  const fields = Object.values<ListedField>(table.fields);
  const columns = [
    ...[table.id.sql, 's.updated_at'].map((sql) => `array_send(array[${sql}])`),
    ...fields.map(({ sql, isVolatile }) => (isVolatile ? 'null' : sql)),
  ];
  const statement: Statement = {
    text: `select ${columns.join(', ')} from ${table.name} s
           where ${table.id.sql} = any ($2::${table.id.type}[]) and ${condition}`,
    values,
  };
  const [rows = []] = await session.textRowsAs(visibility.tenantId, [statement]);
  return rows.map(([id, version, ...row]) => ({
    id: elementsOf(id ?? '')[0] ?? '',
    version: elementsOf(version ?? '')[0] ?? '',
    row,
  }));
}

// PostgreSQL's array_send in bytea's hexadecimal text: `\x`, five numbers of four bytes (dimensions, nulls, type, length,
// lower bound), then each element's length and bytes. An array without elements has no such thing and is null.
const headerDigits = 2 + 5 * 8;
const nullLength = 'ffffffff';

/** Answers the elements of an array, or the first of them, each in hexadecimal digits. */
function elementsOf(array: string, most = Number.POSITIVE_INFINITY): (string | null)[] {
  const elements: (string | null)[] = [];
  for (let at = headerDigits; at < array.length && elements.length < most;) {
    const length = array.slice(at, at + 8);
    const start = at + 8;
    at = length === nullLength ? start : start + 2 * Number.parseInt(length, 16);
    elements.push(length === nullLength ? null : array.slice(start, at));
  }
  return elements;
}

/** What makes PostgreSQL's text of a value of its binary form, given in hexadecimal digits. */
const textOf: Readonly<Record<FieldType, (hex: string) => string>> = {
  uuid: (hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  integer: (hex) => String(Number.parseInt(hex, 16) | 0),
  boolean: (hex) => (hex === '01' ? 't' : 'f'),
  timestamptz: instantText,
  text: utf8Text,
  json: utf8Text,
};

function utf8Text(hex: string): string {
  return Buffer.from(hex, 'hex').toString();
}

const year2000 = Date.UTC(2000, 0, 1);

/** Microseconds since 2000 in 64 bits, as PostgreSQL's text of an instant in UTC, cut to milliseconds. */
function instantText(hex: string): string {
  const high = Number.parseInt(hex.slice(0, 8), 16) | 0;
  const microseconds = high * 2 ** 32 + Number.parseInt(hex.slice(8), 16);
  const iso = new Date(year2000 + Math.floor(microseconds / 1000)).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}+00`;
}
