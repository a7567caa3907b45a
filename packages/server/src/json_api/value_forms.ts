// What kind of value a schema describes: how the store's text becomes JSON, what is stored of a value that was written,
// and which texts a filter takes.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { TSchema } from 'typebox';
import type { Written } from './resource_writer.ts';

type Described = {
  readonly type?: string;
  readonly format?: string;
  readonly anyOf?: readonly Described[];
  readonly const?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
};

/** The schema without "or null". */
function described(schema: TSchema): Described {
  const { anyOf, ...plain } = schema as Described;
  const others = anyOf?.filter(({ type }) => type !== 'null') ?? [];
  const [only] = others;
  if (anyOf === undefined) return plain;
  return others.length === 1 && only !== undefined ? described(only) : { anyOf: others };
}

/** Answers how a field's text is written as the value of the schema. */
export function writtenAs(schema: TSchema): Written {
  const { type, format } = described(schema);
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'object' || type === 'array') return 'json';
  if (type === 'boolean') return 'boolean';
  return format === 'date-time' ? 'instant' : 'text';
}

/** Answers the names of an object's members, in order; undefined where the schema is of something else. */
export function membersOf(schema: TSchema): string[] | undefined {
  const members = Object.keys(described(schema).properties ?? {});
  return members.length === 0 ? undefined : members;
}

/**
 * Answers a value that was written, as it is stored and read: the members of an object complete and in the schema's order
 * (what was left out is null, of lists empty), instants in UTC with milliseconds.
 *
 * @param schema what is read; the value keeps to what may be written
 */
export function wholeValue(schema: TSchema, value: unknown): unknown {
  const { type, format, properties = {}, items = {} } = described(schema);
  if (value === undefined) return type === 'array' ? [] : null;
  if (value === null) return null;
  if (type === 'object') {
    const members = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, wholeValue(member, members[name])]),
    );
  }
  if (type === 'array') return (value as unknown[]).map((item) => wholeValue(items, item));
  if (format === 'date-time' && typeof value === 'string') return new Date(value).toISOString();
  return value;
}

/** Answers which texts a filter takes, and how to say so. */
export function filterForm(schema: TSchema): { isValid: (text: string) => boolean; form: string } {
  const { type, format, anyOf } = described(schema);
  if (type === 'integer') return { isValid: isWholeNumber, form: 'a whole number' };
  if (type === 'boolean') return { isValid: (text) => /^(true|false)$/.test(text), form: 'true or false' };
  if (format === 'uuid') return { isValid: isUuid, form: 'a UUID' };
  const words = anyOf?.flatMap((word) => (word.const === undefined ? [] : [word.const]));
  if (words !== undefined && words.length > 0) {
    return { isValid: (text) => words.includes(text), form: `one of ${words.join(', ')}` };
  }
  return { isValid: (text) => !text.includes('\0'), form: 'a text without the character U+0000' };
}

/** Answers whether a text has the form of a resource's ids. */
export function isIdOf(kind: ResourceDeclaration['id'], text: string): boolean {
  const isOfKind = {
    uuid: isUuid,
    integer: isWholeNumber,
    text: (id: string) => /^[a-z0-9]{1,100}$/.test(id),
  };
  return isOfKind[kind](text);
}

/** Answers whether a text is a UUID (RFC 9562 §4), of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** Answers whether a text is a whole number that PostgreSQL's integer holds. */
function isWholeNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= 2_147_483_647;
}

const isoForm =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)(Z|[+ -]\d{2}(?::?\d{2})?)?)?$/;

/**
 * Answers the instant that a text names: a date, or date and time (ISO 8601, extended form), without an offset in UTC;
 * undefined when it names none of the years 0001 to 9999.
 */
export function instantFrom(text: string): Date | undefined {
  const [, date, time = '00:00', zone = 'Z'] = isoForm.exec(text.toUpperCase()) ?? [];
  if (date === undefined) return undefined;
  // JavaScript takes 30 February for 2 March.
  const day = new Date(`${date}T00:00Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) return undefined;
  // A plus sign that was not encoded arrives as a space.
  const offset = zone
    .replace(' ', '+')
    .replace(/^(.\d\d):?(\d\d)?$/, (_, hours, minutes = '00') => `${hours}:${minutes}`);
  const instant = new Date(`${date}T${time.replace(',', '.')}${offset}`);
  return instant.getUTCFullYear() >= 1 && instant.getUTCFullYear() <= 9999 ? instant : undefined;
}
