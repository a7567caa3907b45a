// The routes of a resource: list and single reads, creation, change, deletion, as JSON:API and the CPO API's
// documentation say, from the resource's declaration and its tables. What is particular to a resource is in its own file.

import { createHash } from 'node:crypto';
import { writtenSchema } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Clock } from '../clock.ts';
import { Conflict, Invalid } from '../domain/index.ts';
import type { Principal, Visibility } from '../domain/index.ts';
import type { IdempotencyKey, ListQuery, Page, Row, Store, Tables } from '../store/index.ts';
import { bodyReader } from './body.ts';
import type { Body, BodyReader } from './body.ts';
import { cursorLinksOf, cursorPaginationOf } from './cursor_pages.ts';
import { changedSince, isKnown, requireVersion, tagOfList, tagOfSingle } from './entity_tags.ts';
import { RequestRefused, refused } from './errors.ts';
import type { Fault } from './errors.ts';
import { listParameters, listQuery, sparseAttributes } from './list_query.ts';
import { linksOf, paginationOf } from './offset_pages.ts';
import { queryParameters } from './parameters.ts';
import type { QueryParameters } from './parameters.ts';
import { resourceWriter } from './resource_writer.ts';
import type { Attribute } from './resource_writer.ts';
import type { Answer, Asked, Method, Route } from './routes.ts';
import { isUuid, isWholeNumber, writtenAs } from './value_forms.ts';

type Values = Readonly<Record<string, unknown>>;

/** A write: by whom, of what, when; `tables` are those of the transaction that it is part of. */
export type Write = {
  readonly tables: Tables;
  readonly principal: Principal;
  /** Wire names are the store's fields here. */
  readonly values: Values;
  readonly now: Date;
};

export type Resource<Field extends string> = {
  readonly declaration: ResourceDeclaration;
  /** Where its list is, `/charging_stations`. Under the same path with an id is the single resource. */
  readonly path: string;
  /** The store's fields, in the order of its rows. */
  readonly fields: readonly Field[];
  /** Wire name → field. */
  readonly fieldOf: Readonly<Record<string, Field>>;
  readonly page: (tables: Tables, visibility: Visibility, query: ListQuery<Field>) => Promise<Page>;
  readonly find: (tables: Tables, visibility: Visibility, id: string, now: Date) => Promise<Row | undefined>;
  /** Answers the new resource's id. */
  readonly create?: (write: Write) => Promise<string>;
  /** Answers false when the resource is not there, or is of another version than `ifUpdatedAt`. */
  readonly update?: (write: Write & { id: string; ifUpdatedAt: string | undefined }) => Promise<boolean>;
  readonly delete?: (
    write: Omit<Write, 'values'> & { id: string; ifUpdatedAt: string | undefined },
  ) => Promise<boolean>;
};

export type ResourceDeps = { readonly store: Store; readonly clock: Clock };

/**
 * The attributes that a path sets, by wire name, such as the station of `/cp/:cpuuid/connectors`: lists hold, and single
 * paths lead to, what has these values, and what is created gets them.
 */
export type Within = {
  readonly attributes: readonly string[];
  /** Answers their values. */
  readonly given: (asked: Asked) => Promise<Readonly<Record<string, string>>>;
};

const withinNothing: Within = { attributes: [], given: async () => ({}) };

/** Answers the routes of a resource at its own path. */
export function resourceRoutes<Field extends string>(
  resource: Resource<Field>,
  deps: ResourceDeps,
  within: Within = withinNothing,
): Route[] {
  const { path } = resource;
  const creation = createMethod(resource, deps, within);
  return [
    {
      path,
      methods: {
        GET: listMethod(resource, deps, within.given),
        ...(creation === undefined ? {} : { POST: creation }),
      },
    },
    { path: `${path}/:id`, methods: singleMethods(resource, deps, within) },
  ];
}

/** The method that lists a resource. */
export function listMethod<Field extends string>(
  resource: Resource<Field>,
  { store, clock }: ResourceDeps,
  given: Within['given'] = withinNothing.given,
): Method {
  const { declaration, fields, fieldOf } = resource;
  const supported = listParameters(declaration);
  const idAt = fields.indexOf('id' as Field);
  const writers = writersOf(resource);
  return {
    scope: scopeOf(declaration, 'read'),
    does: { action: 'list', resource: declaration, parameters: supported },
    async answer(asked) {
      const parameters = queryParameters(asked.query, supported);
      const { visibility } = asked.principal;
      const asksFor = listQuery(declaration, fieldOf, parameters, { visibility, now: clock.now() });
      const write = writers(sparseAttributes(declaration, parameters));
      parameters.throwFaults();
      const set = Object.entries(await given(asked)).flatMap(([name, value]) => {
        const field = fieldOf[name];
        return field === undefined ? [] : [{ field, values: [value] }];
      });
      const filters = [...set, ...asksFor.filters];
      if ('offset' in asksFor.from) {
        const { total, rows } = await resource.page(store, visibility, { ...asksFor, filters });
        const page = { limit: asksFor.limit, offset: asksFor.from.offset };
        return listAnswer(
          asked,
          rows.map(write),
          paginationOf(page, total),
          linksOf(asked.url, parameters, page, total),
        );
      }
      // One row more than the page holds tells whether there is another page.
      const query = { ...asksFor, filters, limit: asksFor.limit + 1 };
      const { rows } = await resource.page(store, visibility, query);
      const shown = rows.slice(0, asksFor.limit);
      const lastId = rows.length > shown.length ? (shown.at(-1)?.[idAt] ?? undefined) : undefined;
      const pagination = cursorPaginationOf(declaration, visibility, asksFor.limit, lastId);
      return listAnswer(
        asked,
        shown.map(write),
        pagination,
        cursorLinksOf(asked.url, parameters, pagination),
      );
    },
  };
}

/** The methods of a single resource: read, change (PUT is as partial as PATCH), deletion. */
export function singleMethods<Field extends string>(
  resource: Resource<Field>,
  deps: ResourceDeps,
  within: Within = withinNothing,
): Route['methods'] {
  const change = updateMethod(resource, deps, within);
  const deletion = deleteMethod(resource, deps, within);
  return {
    GET: readMethod(resource, deps, within),
    ...(change === undefined ? {} : { PUT: change, PATCH: change }),
    ...(deletion === undefined ? {} : { DELETE: deletion }),
  };
}

function readMethod<Field extends string>(
  resource: Resource<Field>,
  { store, clock }: ResourceDeps,
  within: Within,
): Method {
  const { declaration } = resource;
  const writers = writersOf(resource);
  const supported = [`fields[${declaration.type}]`];
  return {
    scope: scopeOf(declaration, 'read'),
    does: { action: 'read', resource: declaration, parameters: supported },
    async answer(asked) {
      const parameters = queryParameters(asked.query, supported);
      const write = writers(sparseAttributes(declaration, parameters));
      parameters.throwFaults();
      const row = await getRow(resource, store, asked, {
        now: clock.now(),
        given: await within.given(asked),
      });
      return singleAnswer(resource, asked, row, write(row), asked.url + queryOf(parameters));
    },
  };
}

function createMethod<Field extends string>(
  resource: Resource<Field>,
  { store, clock }: ResourceDeps,
  within: Within,
): Method | undefined {
  const { declaration, create } = resource;
  if (create === undefined) return undefined;
  const read = bodyReader(declaration, 'creation');
  const write = writersOf(resource)(Object.keys(declaration.attributes));
  return {
    scope: scopeOf(declaration, 'write'),
    does: {
      action: 'create',
      resource: declaration,
      parameters: [],
      takes: writtenSchema(declaration, 'creation', within.attributes),
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const given = await within.given(asked);
      const now = clock.now();
      const { principal } = asked;
      const key = idempotencyKeyOf(asked);
      return store.inTransaction(async (tables) => {
        const recorded = key && (await recordedAnswer(tables, key, asked, now));
        if (recorded !== undefined) return createdAnswer(recorded);
        const { values, body } = valuesIn(resource, read, asked, given);
        const id = await pointing(resource, body, () => create({ tables, principal, values, now }));
        const row = await resource.find(tables, principal.visibility, id, now);
        if (row === undefined) {
          throw new Error(`the new ${declaration.type} ${id} is not visible to its creator`);
        }
        const location = `${asked.url.replace(/\/$/, '')}/${id}`;
        const json = documentOf(write(row), location);
        const created = { location, body: json, etag: tagOfSingle(versionOf(resource, row), json) };
        if (key) await tables.idempotentRequests.record(key, created);
        return createdAnswer(created);
      });
    },
  };
}

/**
 * Answers what was answered to the same request before; undefined when it is the first with its key.
 *
 * @throws {RequestRefused} idempotency_key_reused when the key came with another request
 */
async function recordedAnswer(tables: Tables, key: IdempotencyKey, asked: Asked, now: Date) {
  // The same request may be repeated on another of our hosts, or with a trailing slash.
  const path = asked.url.replace(/^https?:\/\/[^/]*/, '').replace(/\/$/, '');
  const requestHash = createHash('sha256')
    .update(`${path}\n${String(asked.body)}`)
    .digest('hex');
  const recorded = await tables.idempotentRequests.claim(key, { requestHash, now });
  if (recorded === undefined || recorded.requestHash === requestHash) return recorded;
  throw refused('idempotency_key_reused', 'This Idempotency-Key was sent with another request before.', {
    source: { header: 'Idempotency-Key' },
  });
}

function updateMethod<Field extends string>(
  resource: Resource<Field>,
  { store, clock }: ResourceDeps,
  within: Within,
): Method | undefined {
  const { declaration, update } = resource;
  if (update === undefined) return undefined;
  const read = bodyReader(declaration, 'update');
  const write = writersOf(resource)(Object.keys(declaration.attributes));
  return {
    scope: scopeOf(declaration, 'write'),
    does: {
      action: 'update',
      resource: declaration,
      parameters: [],
      takes: writtenSchema(declaration, 'update'),
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const { principal } = asked;
      const now = clock.now();
      const given = await within.given(asked);
      const known = await getRow(resource, store, asked, { now, given });
      const { values, body } = valuesIn(resource, read, asked, given);
      const ifUpdatedAt = versionToChange(resource, asked, known);
      const id = idOf(asked);
      const row = await pointing(resource, body, () =>
        store.inTransaction(async (tables) => {
          if (!(await update({ tables, principal, values, now, id, ifUpdatedAt })))
            throw goneOrChanged(declaration, ifUpdatedAt);
          return getRow(resource, tables, asked, { now, given });
        }),
      );
      return singleAnswer(resource, { ...asked, headers: {} }, row, write(row), asked.url);
    },
  };
}

function deleteMethod<Field extends string>(
  resource: Resource<Field>,
  { store, clock }: ResourceDeps,
  within: Within,
): Method | undefined {
  const { declaration } = resource;
  const remove = resource.delete;
  if (remove === undefined) return undefined;
  return {
    scope: scopeOf(declaration, 'write'),
    does: { action: 'delete', resource: declaration, parameters: [] },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const now = clock.now();
      const known = await getRow(resource, store, asked, { now, given: await within.given(asked) });
      const ifUpdatedAt = versionToChange(resource, asked, known);
      const { principal } = asked;
      await pointing(resource, undefined, () =>
        store.inTransaction(async (tables) => {
          if (!(await remove({ tables, principal, now, id: idOf(asked), ifUpdatedAt }))) {
            throw goneOrChanged(declaration, ifUpdatedAt);
          }
        }),
      );
      return { status: 204 };
    },
  };
}

const scopeOf = ({ type }: ResourceDeclaration, right: 'read' | 'write') => `cpoapi:${type}:${right}`;
const idOf = ({ params }: Asked) => params['id'] ?? '';
const documentOf = (data: string, self: string) => `{"data":${data},"links":${JSON.stringify({ self })}}`;

function listAnswer(asked: Asked, data: readonly string[], pagination: object, links: object): Answer {
  const json = `{"data":[${data.join()}],"meta":${JSON.stringify({ pagination })},"links":${JSON.stringify(links)}}`;
  const etag = tagOfList(json);
  if (isKnown(asked.headers['if-none-match'], etag)) return { status: 304, headers: { etag } };
  return { status: 200, json, headers: { etag } };
}

function singleAnswer<Field extends string>(
  resource: Resource<Field>,
  asked: Asked,
  row: Row,
  data: string,
  self: string,
): Answer {
  const json = documentOf(data, self);
  const etag = tagOfSingle(versionOf(resource, row), json);
  if (isKnown(asked.headers['if-none-match'], etag)) return { status: 304, headers: { etag } };
  return { status: 200, json, headers: { etag } };
}

function createdAnswer({ location, body, etag }: { location: string; body: string; etag: string }): Answer {
  return { status: 201, json: body, headers: { location, etag } };
}

/** Answers a function that makes writers of some of a resource's attributes; each set of them is compiled once. */
function writersOf<Field extends string>({ declaration, fields, fieldOf }: Resource<Field>) {
  const known = new Map<string, (row: Row) => string>();
  return (names: readonly string[]): ((row: Row) => string) => {
    const key = names.join();
    let writer = known.get(key);
    if (writer === undefined) {
      const attributes = names.flatMap((name) => {
        const [field, attribute] = [fieldOf[name], declaration.attributes[name]];
        if (field === undefined || attribute === undefined) return [];
        return [[name, { field, written: writtenAs(attribute.schema) }] as [string, Attribute<Field>]];
      });
      writer = resourceWriter(declaration.type, fields, Object.fromEntries(attributes));
      // Sets are in the declaration's order, and few clients ask for many; but they could.
      if (known.size < 200) known.set(key, writer);
    }
    return writer;
  };
}

async function getRow<Field extends string>(
  resource: Resource<Field>,
  tables: Tables,
  asked: Asked,
  { now, given }: { now: Date; given: Readonly<Record<string, string>> },
): Promise<Row> {
  const id = idOf(asked);
  const isId = resource.declaration.id === 'uuid' ? isUuid(id) : isWholeNumber(id);
  const row = isId ? await resource.find(tables, asked.principal.visibility, id, now) : undefined;
  const isWithin = Object.entries(given).every(
    ([name, value]) => row?.[resource.fields.indexOf(resource.fieldOf[name] as Field)] === value,
  );
  if (row === undefined || !isWithin) throw missing(resource.declaration);
  return row;
}

function missing({ type }: ResourceDeclaration) {
  return refused('not_found', `There is no such ${singularOf(type)}.`);
}

/** `charging_stations` → `charging station`, `companies` → `company`. */
export function singularOf(type: string): string {
  return type.replaceAll('_', ' ').replace(/ies$/, 'y').replace(/s$/, '');
}

function goneOrChanged(declaration: ResourceDeclaration, ifUpdatedAt: string | undefined) {
  return ifUpdatedAt === undefined ? missing(declaration) : changedSince();
}

function versionOf<Field extends string>({ fields }: Resource<Field>, row: Row): string {
  return row[fields.indexOf('updatedAt' as Field)] ?? '';
}

/** Without If-Match, or with `*`, a change is meant for whatever is there; else for the version that was read just now. */
function versionToChange<Field extends string>(
  resource: Resource<Field>,
  asked: Asked,
  row: Row,
): string | undefined {
  const ifMatch = asked.headers['if-match'];
  const version = versionOf(resource, row);
  requireVersion(ifMatch, version);
  return ifMatch === undefined || ifMatch.trim() === '*' ? undefined : version;
}

function valuesIn<Field extends string>(
  { fieldOf }: Resource<Field>,
  read: BodyReader,
  asked: Asked,
  given: Readonly<Record<string, string>>,
): { values: Values; body: Body } {
  const id = asked.params['id'];
  const body = read({
    body: asked.body,
    contentType: asked.headers['content-type'],
    given,
    ...(id === undefined ? {} : { id }),
  });
  const values = Object.entries(body.attributes).map(
    ([name, value]) => [fieldOf[name] ?? name, value] as const,
  );
  return { values: Object.fromEntries(values), body };
}

/**
 * A rule of the domain that a value breaks becomes a fault that points to the value in the request; so do several at once,
 * all {Conflict} or all {Invalid}, in an AggregateError.
 */
async function pointing<Field extends string, T>(
  { fieldOf }: Resource<Field>,
  body: Body | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const broken: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    const faults = broken.map((rule): Fault => {
      if (!(rule instanceof Conflict || rule instanceof Invalid)) throw cause;
      const [attribute] = Object.entries(fieldOf).find(([, field]) => field === rule.field) ?? [];
      const pointer = attribute === undefined ? undefined : body?.pointerTo(attribute);
      return {
        code: rule instanceof Conflict ? 'conflict' : 'invalid_value',
        detail: rule.message,
        ...(pointer === undefined ? {} : { source: { pointer } }),
      };
    });
    const [first, ...others] = faults;
    throw first === undefined ? cause : new RequestRefused([first, ...others], { cause });
  }
}

function idempotencyKeyOf({ headers, principal }: Asked) {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw refused(
      'bad_request',
      'An Idempotency-Key has 1 to 255 printable ASCII characters without spaces.',
      {
        source: { header: 'Idempotency-Key' },
      },
    );
  }
  return { tenantId: principal.visibility.tenantId, clientId: principal.clientId, key };
}

function queryOf(parameters: QueryParameters): string {
  const kept = new URLSearchParams(parameters.all.map(([name, value]) => [name, value])).toString();
  return kept === '' ? '' : `?${kept}`;
}
