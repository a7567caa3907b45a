// Rows of texts from the store as CSV (RFC 4180): a header, then `id` and the attributes in the order of the document.
// Objects are a column for each member, whatever lies deeper is JSON text.

import type { TSchema } from 'typebox';
import { instantOf } from '../store/index.ts';
import type { Row } from '../store/index.ts';
import type { Resource } from './resource.ts';
import type { Written } from './resource_writer.ts';
import { membersOf, writtenAs } from './value_forms.ts';

/** Lines end in CRLF, the last one, too. */
export type CsvTable = { readonly header: string; readonly lineOf: (row: Row) => string };

/** The columns of an attribute. */
type Columns = {
  readonly names: readonly string[];
  /** Answers their cells; undefined is null. */
  readonly cellsOf: (text: string | undefined) => readonly string[];
};

export function csvTable<Field extends string>(
  { declaration, fields, fieldOf }: Resource<Field>,
  attributes: readonly string[],
): CsvTable {
  const known = attributes.flatMap((name) => {
    const [field, attribute] = [fieldOf[name], declaration.attributes[name]];
    if (field === undefined || attribute === undefined) return [];
    return [{ at: fields.indexOf(field), ...columnsOf(name, attribute.schema) }];
  });
  const columns = [{ at: fields.indexOf('id' as Field), ...plainColumn('id', (id) => id) }, ...known];
  return {
    header: lineWith(columns.flatMap(({ names }) => names)),
    lineOf: (row) => lineWith(columns.flatMap(({ at, cellsOf }) => cellsOf(row[at] ?? undefined))),
  };
}

function columnsOf(name: string, schema: TSchema): Columns {
  const written = writtenAs(schema);
  return written === 'json' ? jsonColumns(name, membersOf(schema)) : plainColumn(name, cells[written]);
}

function plainColumn(name: string, cellOf: (text: string) => string): Columns {
  return { names: [name], cellsOf: (text) => [text === undefined ? '' : cellOf(text)] };
}

function jsonColumns(name: string, members: readonly string[] | undefined): Columns {
  if (members === undefined) return plainColumn(name, quoted);
  return {
    names: members.map((member) => `${name}.${member}`),
    cellsOf(text) {
      const value = (text === undefined ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
      return members.map((member) => valueCell(value[member] ?? null));
    },
  };
}

function valueCell(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' ? textCell(value) : quoted(JSON.stringify(value));
}

const lineWith = (texts: readonly string[]) => `${texts.join()}\r\n`;

/** An empty text is quoted: without quotes it is null. */
function textCell(text: string): string {
  return text === '' ? '""' : quoted(isFormula(text) ? `'${text}` : text);
}

const cells: Record<Exclude<Written, 'json'>, (text: string) => string> = {
  text: textCell,
  number: (text) => text,
  boolean: (text) => (text === 't' ? 'true' : 'false'),
  instant: instantOf,
};

// Stations and their makers write texts, too, and people open this in a spreadsheet (OWASP, CSV Injection).
const isFormula = (text: string) => /^[=+\-@\t\r]/.test(text);

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
