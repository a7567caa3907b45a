// Turns rows of texts from the store into resource objects (JSON:API 1.1 §7.2), straight into JSON text: building an
// object per row and stringifying it costs more than reading the rows (bench list_stations).

import { hash } from 'node:crypto';
import { instantOf } from '../store/index.ts';

/** How a field's text becomes JSON. `instant`: PostgreSQL's timestamptz, in UTC, becomes RFC 3339 with milliseconds. */
export type Written = 'text' | 'number' | 'boolean' | 'json' | 'instant';

/** An attribute: the store's field and how its text is written. */
export type Attribute<Field extends string> = { readonly field: Field; readonly written: Written };

type Row = readonly (string | null)[];

export type RowWriter = {
  /** Tells what this writer writes from what others do: a hash of the type and its attributes. */
  readonly form: string;
  /** Writes a row as a resource object. */
  readonly write: (row: Row) => string;
  /** Writes a row but for its volatile fields: the texts between them, in order. */
  readonly spell: (row: Row) => readonly string[];
  /**
   * Writes what is between.
   *
   * @param volatile the values of the volatile fields, in their order
   */
  readonly complete: (spelled: readonly string[], volatile: Row) => string;
};

/**
 * Answers what writes rows as resource objects.
 *
 * @param type       the resource type
 * @param fields     the names of a row's texts, in order; one is `id`
 * @param attributes wire name → attribute, in the order of the document
 * @param volatile   the fields that a version does not tell, in the order in which their values come
 */
export function resourceWriter<Field extends string>(
  type: string,
  fields: readonly Field[],
  attributes: Readonly<Record<string, Attribute<Field>>>,
  volatile: readonly Field[] = [],
): RowWriter {
  const idAt = fields.indexOf('id' as Field);
  const members = Object.entries(attributes).map(([name, { field, written }], number) => ({
    opening: `${number === 0 ? '' : ','}${JSON.stringify(name)}:`,
    at: fields.indexOf(field),
    volatileAt: volatile.indexOf(field),
    write: writers[written],
  }));
  const gaps = members.filter(({ volatileAt }) => volatileAt >= 0);
  const head = `{"type":${JSON.stringify(type)},"id":"`;

  function spell(row: Row): string[] {
    const spelled: string[] = [];
    let json = `${head}${row[idAt]}","attributes":{`;
    for (const { opening, at, volatileAt, write } of members) {
      json += opening;
      if (volatileAt < 0) {
        json += valueOf(row[at], write);
      } else {
        spelled.push(json);
        json = '';
      }
    }
    return [...spelled, `${json}}}`];
  }

  function filled(spelled: readonly string[], valueOfGap: (gap: (typeof gaps)[number]) => string): string {
    let json = spelled[0] ?? '';
    for (const [number, gap] of gaps.entries()) json += valueOfGap(gap) + spelled[number + 1];
    return json;
  }

  return {
    form: hash('sha1', head + JSON.stringify(attributes), 'base64url'),
    write: (row) => filled(spell(row), ({ at, write }) => valueOf(row[at], write)),
    spell,
    complete: (spelled, values) =>
      filled(spelled, ({ volatileAt, write }) => valueOf(values[volatileAt], write)),
  };
}

const valueOf = (text: string | null | undefined, write: (text: string) => string) =>
  text === null || text === undefined ? 'null' : write(text);

const writers: Record<Written, (text: string) => string> = {
  text: (text) => JSON.stringify(text),
  number: (text) => text,
  boolean: (text) => (text === 't' ? 'true' : 'false'),
  json: (text) => text,
  instant: (text) => `"${instantOf(text)}"`,
};
