// Request bodies: the documented flat JSON (`{"label": "…"}`) or a JSON:API document (`{"data": {"attributes": {…}}}`).
// What they may set is checked against the resource's declaration, all faults at once.

import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { jsonApiMediaType } from '@chargeyard/contract/json_api';
import { writtenSchema } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import { refused } from './errors.ts';
import type { Fault } from './errors.ts';
import { instantFrom, isUuid, wholeValue } from './value_forms.ts';

export type Body = {
  /** Those of the right form. Complete: what may be left out of an object is filled in. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** invalid_value for each attribute that is wrong, missing, or another than the path sets. */
  readonly faults: readonly Fault[];
  /** Answers the JSON pointer (RFC 6901) of an attribute in the body as it was sent. */
  readonly pointerTo: (attribute: string) => string;
};

export type BodyReader = (request: {
  body: unknown;
  contentType: string | undefined;
  id?: string;
  /** Attributes that the path sets, such as the station of `/cp/:cpuuid/…`. The body may repeat them. */
  given?: Readonly<Record<string, string>>;
}) => Body;

/**
 * Answers a function that reads the bodies of a resource's creations or updates.
 *
 * The function throws {RequestRefused}: unsupported_media_type, bad_request (no JSON, no object), conflict (another type
 * or id than the URL's, JSON:API 1.1 §9.2). What is wrong with attributes it tells with the body: there can be more that
 * is wrong than their form.
 */
export function bodyReader(declaration: ResourceDeclaration, at: 'creation' | 'update'): BodyReader {
  const schema = writtenSchema(declaration, at);
  const isValid = ajv.compile(schema);
  const known = Object.keys(schema.properties);
  return ({ body, contentType, id, given = {} }) => {
    requireMediaType(contentType);
    const { members, prefix } = attributesIn(objectIn(body), declaration.type, id);
    const { attributes, nameOf, faults: nameFaults } = byAttribute(declaration, known, members, given);
    const pointerTo = (attribute: string) => `${prefix}/${nameOf(attribute)}`;
    const placed = [...nameFaults, ...unstorableFaults(attributes, ''), ...schemaFaults(isValid, attributes)];
    const faults = placed.map(({ place, detail }): Fault => ({
      code: 'invalid_value',
      detail,
      source: { pointer: place.replace(/^\/([^/]+)/, (_, attribute: string) => pointerTo(attribute)) },
    }));
    const isRight = (attribute: string) => !placed.some(({ place }) => place.split('/')[1] === attribute);
    const right = Object.fromEntries(Object.entries(attributes).filter(([attribute]) => isRight(attribute)));
    return { attributes: wholeAttributes(declaration, right), faults, pointerTo };
  };
}

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats.default(ajv);
// RFC 9562's form as a URN is of the format, too, but is no value of ours.
ajv.addFormat('uuid', { type: 'string', validate: isUuid });
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

// JSON:API 1.1 §5.2: parameters other than `ext` and `profile` are 415, and so is an extension that is not supported.
function requireMediaType(contentType: string | undefined): void {
  if (contentType === undefined) return;
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const isPlain = parameters.every((parameter) => parameter === '' || parameter.startsWith('profile='));
  if (type === 'application/json' || (type === jsonApiMediaType && isPlain)) return;
  throw refused('unsupported_media_type', `The body must be application/json or ${jsonApiMediaType}.`, {
    source: { header: 'Content-Type' },
  });
}

function objectIn(body: unknown): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(typeof body === 'string' ? body : '');
  } catch (cause) {
    throw refused('bad_request', 'The body is not valid JSON.', { source: { pointer: '' }, cause });
  }
  if (isObject(value)) return value;
  throw refused('bad_request', 'The body must be a JSON object.', { source: { pointer: '' } });
}

/** A document has `data`; no resource has an attribute of that name, so anything else is flat. */
function attributesIn(
  body: Readonly<Record<string, unknown>>,
  type: string,
  id: string | undefined,
): { members: Readonly<Record<string, unknown>>; prefix: string } {
  if (!('data' in body)) return { members: body, prefix: '' };
  const { data } = body;
  if (!isObject(data))
    throw refused('bad_request', 'The member data must be an object.', { source: { pointer: '/data' } });
  if (data['type'] !== type) {
    throw refused('conflict', `The type of this resource is ${type}.`, { source: { pointer: '/data/type' } });
  }
  // JSON:API 1.1 §9.1.2: an id that the client made up is refused where that is not supported.
  if (id === undefined && data['id'] !== undefined) {
    throw refused('client_generated_id', 'A new resource gets its id from the server: leave it out.', {
      source: { pointer: '/data/id' },
    });
  }
  if (id !== undefined && data['id'] !== undefined && data['id'] !== id) {
    throw refused('conflict', 'The id is not that of the URL.', { source: { pointer: '/data/id' } });
  }
  const attributes = data['attributes'] ?? {};
  if (isObject(attributes)) return { members: attributes, prefix: '/data/attributes' };
  throw refused('bad_request', 'The member attributes must be an object.', {
    source: { pointer: '/data/attributes' },
  });
}

/** What is wrong at a place: a JSON pointer that begins with the attribute, however the body calls it. */
type PlacedFault = { readonly place: string; readonly detail: string };

/** Of the members, the attributes that can be written, each by its own name: a body may use that or its write name. */
function byAttribute(
  declaration: ResourceDeclaration,
  known: readonly string[],
  members: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string>>,
) {
  const sent = known.map((attribute) => {
    const writeName = declaration.attributes[attribute]?.writeName ?? attribute;
    const names = [...new Set([writeName, attribute])].filter((name) => Object.hasOwn(members, name));
    return { attribute, name: names[0] ?? writeName, values: names.map((name) => members[name]) };
  });
  const names = new Map(sent.map(({ attribute, name }) => [attribute, name]));
  const attributes = Object.fromEntries(
    sent.flatMap(({ attribute, values }) => {
      const all = Object.hasOwn(given, attribute) ? [given[attribute]] : values;
      return all.slice(0, 1).map((value) => [attribute, value] as const);
    }),
  );
  const faults = sent.flatMap(({ attribute, name, values: [first, ...others] }): PlacedFault[] => {
    const place = `/${attribute}`;
    if (others.some((other) => !isSame(first, other)))
      return [{ place, detail: `The values of ${name} and ${attribute} must be the same.` }];
    if (first === undefined || !Object.hasOwn(given, attribute) || isSame(first, given[attribute])) return [];
    return [{ place, detail: 'The value must be that of the URL.' }];
  });
  return { attributes, nameOf: (attribute: string) => names.get(attribute) ?? attribute, faults };
}

/** What has two names is a UUID, and those mean the same in either case (RFC 9562 §4). */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one)?.toLowerCase() === JSON.stringify(other)?.toLowerCase();
}

function wholeAttributes(
  declaration: ResourceDeclaration,
  attributes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const whole = Object.entries(attributes).map(([name, value]) => {
    const schema = declaration.attributes[name]?.schema;
    return [name, schema === undefined ? value : wholeValue(schema, value)];
  });
  return Object.fromEntries(whole);
}

function schemaFaults(isValid: ValidateFunction, attributes: unknown): PlacedFault[] {
  if (isValid(attributes)) return [];
  const byPlace = new Map<string, ErrorObject[]>();
  for (const error of isValid.errors ?? []) {
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
  'time-zone': 'time zone of the IANA database, such as Europe/Berlin',
};

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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLater(value: string, other: string): boolean {
  if (/^\d\d:\d\d$/.test(value)) return value > other;
  // What is no instant has a fault of its own.
  return !(Date.parse(value) <= Date.parse(other));
}

function isTimeZone(name: string): boolean {
  // An offset such as +01:00 would be taken, too, but is no time zone: it knows no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return true;
  } catch {
    return false;
  }
}
