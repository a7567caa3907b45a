// Turns rows of texts from the store into resource objects (JSON:API 1.1 §7.2), straight into JSON text: building an
// object per row and stringifying it costs more than reading the rows (bench list_stations).

import { instantOf } from '../store/index.ts';

/** How a field's text becomes JSON. `instant`: PostgreSQL's timestamptz, in UTC, becomes RFC 3339 with milliseconds. */
export type Written = 'text' | 'number' | 'boolean' | 'json' | 'instant';

/** An attribute: the store's field and how its text is written. */
export type Attribute<Field extends string> = { readonly field: Field; readonly written: Written };

type Row = readonly (string | null)[];

/**
 * Answers a function that writes a row as a resource object.
 *
 * @param type       the resource type
 * @param fields     the names of a row's texts, in order; one is `id`
 * @param attributes wire name → attribute, in the order of the document
 */
export function resourceWriter<Field extends string>(
  type: string,
  fields: readonly Field[],
  attributes: Readonly<Record<string, Attribute<Field>>>,
): (row: Row) => string {
  const idAt = fields.indexOf('id' as Field);
  const members = Object.entries(attributes).map(([name, { field, written }], number) => ({
    opening: `${number === 0 ? '' : ','}${JSON.stringify(name)}:`,
    at: fields.indexOf(field),
    write: writers[written],
  }));
  const head = `{"type":${JSON.stringify(type)},"id":"`;
  return (row) => {
    let json = `${head}${row[idAt]}","attributes":{`;
    for (const { opening, at, write } of members) {
      const text = row[at];
      json += opening + (text === null || text === undefined ? 'null' : write(text));
    }
    return `${json}}}`;
  };
}

const writers: Record<Written, (text: string) => string> = {
  text: (text) => JSON.stringify(text),
  number: (text) => text,
  boolean: (text) => (text === 't' ? 'true' : 'false'),
  json: (text) => text,
  instant: (text) => `"${instantOf(text)}"`,
};
