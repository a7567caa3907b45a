// Request bodies: the documented flat JSON (`{"label": "…"}`) or a JSON:API document (`{"data": {"attributes": {…}}}`).
// What they may set is checked against the resource's declaration, all faults at once.

import { jsonApiMediaType } from '@chargeyard/contract/json_api';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import { declaredValues, nestsTooDeeply } from './declared_values.ts';
import type { PlacedFault } from './declared_values.ts';
import { refused } from './errors.ts';
import type { Fault } from './errors.ts';

export type Body = {
  /** Those of the right form. Complete: what may be left out of an object is filled in. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The same as they were sent. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** The names of members that no request may set. */
  readonly others: readonly string[];
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
  const { known, faultsIn, whole } = declaredValues(declaration, at);
  return ({ body, contentType, id, given = {} }) => {
    requireMediaType(contentType);
    const { members, prefix } = attributesIn(objectIn(body), declaration, id);
    const {
      attributes,
      nameOf,
      others,
      faults: nameFaults,
    } = byAttribute(declaration, known, members, given);
    const pointerTo = (attribute: string) => `${prefix}/${nameOf(attribute)}`;
    const placed = [...nameFaults, ...faultsIn(attributes)];
    const faults = placed.map(({ place, detail }): Fault => ({
      code: 'invalid_value',
      detail,
      source: { pointer: place.replace(/^\/([^/]+)/, (_, attribute: string) => pointerTo(attribute)) },
    }));
    const isRight = (attribute: string) => !placed.some(({ place }) => place.split('/')[1] === attribute);
    const right = Object.fromEntries(Object.entries(attributes).filter(([attribute]) => isRight(attribute)));
    return { attributes: whole(right), sent: right, others, faults, pointerTo };
  };
}

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
  if (nestsTooDeeply(value)) {
    throw refused('bad_request', 'The body has objects or lists nested too deeply.', {
      source: { pointer: '' },
    });
  }
  if (isObject(value)) return value;
  throw refused('bad_request', 'The body must be a JSON object.', { source: { pointer: '' } });
}

/** A document has `data`; where that can be an attribute as well, a document has an object there. Anything else is flat. */
function attributesIn(
  body: Readonly<Record<string, unknown>>,
  { type, attributes: declared }: ResourceDeclaration,
  id: string | undefined,
): { members: Readonly<Record<string, unknown>>; prefix: string } {
  const { data } = body;
  if (!('data' in body) || ('data' in declared && !isObject(data))) return { members: body, prefix: '' };
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
  const taken = new Set(sent.flatMap(({ attribute, name }) => [attribute, name]));
  const others = Object.keys(members).filter((name) => !taken.has(name));
  return { attributes, nameOf: (attribute: string) => names.get(attribute) ?? attribute, others, faults };
}

/** What has two names is a UUID, and those mean the same in either case (RFC 9562 §4). */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one)?.toLowerCase() === JSON.stringify(other)?.toLowerCase();
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
