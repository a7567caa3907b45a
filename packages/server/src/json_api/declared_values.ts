// Values held against a resource's declaration: what is wrong with them, all faults at once, and what is stored of them.
// Who sends them, and in which form, is no matter here.

import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { isCountryCode } from '@chargeyard/contract/countries';
import { writtenSchema } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import { instantFrom, isUuid, wholeValue } from './value_forms.ts';

/** What is wrong at a place: a JSON pointer that begins with the attribute. */
export type PlacedFault = { readonly place: string; readonly detail: string };

type Attributes = Readonly<Record<string, unknown>>;

export type DeclaredValues = {
  /** The attributes that can be written. */
  readonly known: readonly string[];
  /** Answers what is wrong with attributes, each by its own name; [] when they can be stored. */
  readonly faultsIn: (attributes: Attributes) => PlacedFault[];
  /** Answers attributes without faults as they are stored: what may be left out of an object is filled in. */
  readonly whole: (attributes: Attributes) => Attributes;
};

/** Answers what a resource's declaration says of the values that a creation or an update may set. */
export function declaredValues(declaration: ResourceDeclaration, at: 'creation' | 'update'): DeclaredValues {
  const schema = writtenSchema(declaration, at);
  const isValid = ajv.compile(schema);
  return {
    known: Object.keys(schema.properties),
    faultsIn: (attributes) => [...unstorableFaults(attributes, ''), ...schemaFaults(isValid, attributes)],
    whole: (attributes) => wholeAttributes(declaration, attributes),
  };
}

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats.default(ajv);
// RFC 9562's form as a URN is of the format, too, but is no value of ours.
ajv.addFormat('uuid', { type: 'string', validate: isUuid });
ajv.addFormat('country-code', { type: 'string', validate: isCountryCode });
ajv.addFormat('time-zone', { type: 'string', validate: isTimeZone });
// Leap seconds, offsets without minutes, and the years 0 and 10000 are of the format, but no Date that we could store.
const dateTime = addFormats.default.get('date-time') as { validate: (text: string) => boolean };
ajv.addFormat('date-time', {
  type: 'string',
  validate: (text: string) =>
    dateTime.validate(text) && !Number.isNaN(Date.parse(text)) && instantFrom(text) !== undefined,
});
// Instants, or times of one day (HH:MM). Where the other is wrong or missing it has a fault of its own.
ajv.addKeyword({
  keyword: 'laterThan',
  type: 'string',
  schemaType: 'string',
  error: { message: ({ schema }) => `must be later than ${String(schema)}` },
  validate: (
    other: string,
    value: string,
    _schema?: object,
    context?: { parentData: Readonly<Record<string, unknown>> },
  ) => {
    const earlier = context?.parentData[other];
    return typeof earlier !== 'string' || isLater(value, earlier);
  },
});

function wholeAttributes(declaration: ResourceDeclaration, attributes: Attributes): Attributes {
  const whole = Object.entries(attributes).map(([name, value]) => {
    const schema = declaration.attributes[name]?.schema;
    return [name, schema === undefined ? value : wholeValue(schema, value)];
  });
  return Object.fromEntries(whole);
}

function schemaFaults(isValid: ValidateFunction, attributes: unknown): PlacedFault[] {
  if (isValid(attributes)) return [];
  const byPlace = new Map<string, ErrorObject[]>();
  for (const error of (isValid.errors ?? []).slice(0, mostErrors)) {
    const place = error.instancePath + memberOf(error);
    byPlace.set(place, [...(byPlace.get(place) ?? []), error]);
  }
  // An object that is refused for what is in it breaks "or null", too: what is in it tells all.
  const isTold = (place: string, errors: readonly ErrorObject[]) =>
    errors.every(isFrame) && [...byPlace.keys()].some((other) => other.startsWith(`${place}/`));
  return [...byPlace]
    .filter(([place, errors]) => !isTold(place, errors))
    .map(([place, errors]) => ({ place, detail: `The value ${sentenceOf(errors)}.` }));
}

/** Answers the pointer from an object to the member that an error is about. */
function memberOf({ params }: ErrorObject): string {
  const member: unknown = params['missingProperty'] ?? params['additionalProperty'];
  return typeof member === 'string' ? `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}` : '';
}

/** "Or null" and the frames around it and around conditions: no help to a person. */
function isFrame({ keyword, params }: ErrorObject): boolean {
  return keyword === 'anyOf' || keyword === 'if' || params['type'] === 'null';
}

/** Of the errors at one place, what a person can do about it. */
function sentenceOf(errors: readonly ErrorObject[]): string {
  const allowed = errors
    .filter(({ keyword }) => keyword === 'const')
    .map(({ params }) => String(params['allowedValue']));
  if (allowed.length > 0) return `must be one of ${allowed.join(', ')}`;
  const telling = errors.filter((error) => !isFrame(error));
  // An empty text is too short, too.
  const error = telling.find(({ params }) => params['pattern'] === '\\S') ?? telling[0];
  switch (error?.keyword) {
    case undefined:
      return 'is not valid';
    case 'required':
      return 'is missing';
    case 'additionalProperties':
      return 'is of a member that is not known here';
    case 'pattern':
      return error.params['pattern'] === '\\S'
        ? 'must not be blank'
        : `must match ${String(error.params['pattern'])}`;
    case 'format':
      return `must be a ${formats[String(error.params['format'])] ?? String(error.params['format'])}`;
    default:
      return error?.message ?? 'is not valid';
  }
}

const formats: Readonly<Record<string, string>> = {
  uuid: 'UUID',
  'date-time': 'date and time (RFC 3339)',
  'country-code': 'country code of ISO 3166-1 alpha-2, such as AT',
  'time-zone': 'time zone of the IANA database, such as Europe/Berlin',
};

// Of many thousand nobody reads more, and looking through them takes time that others wait for.
const mostErrors = 1_000;

/** Deeper than any value of ours, and shallow enough for what recurs into it. */
const deepest = 64;

const isContainer = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Answers whether a JSON value has objects or lists within each other, deeper than any value of ours. */
export function nestsTooDeeply(value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === deepest) return true;
    level = level.flatMap((each) => Object.values(each)).filter(isContainer);
  }
  return false;
}

/** JSON's texts can hold U+0000 and halves of surrogate pairs; PostgreSQL's cannot. */
function unstorableFaults(value: unknown, place: string): PlacedFault[] {
  if (typeof value === 'string') {
    if (value.includes('\0')) return [{ place, detail: 'The value must not contain the character U+0000.' }];
    if (value.isWellFormed()) return [];
    return [{ place, detail: 'The value must not contain half of a surrogate pair.' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => unstorableFaults(member, `${place}/${name}`));
}

function isLater(value: string, other: string): boolean {
  if (/^\d\d:\d\d$/.test(value)) return value > other;
  // What is no instant has a fault of its own.
  return !(Date.parse(value) <= Date.parse(other));
}

// Asking for a formatter takes a tenth of a millisecond, which an import of many thousand stations feels. Older names of
// zones, and names in other letters, are not among these.
const usualTimeZones: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'));

function isTimeZone(name: string): boolean {
  if (usualTimeZones.has(name)) return true;
  // An offset such as +01:00 would be taken, too, but is no time zone: it knows no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return true;
  } catch {
    return false;
  }
}
