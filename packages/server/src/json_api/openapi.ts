// The API's description: OpenAPI 3.1, made from the routes and the resources' declarations, so that nothing of them is
// written here again. Schemas are openapi_schemas.ts's business, examples openapi_examples.ts's.

import type { FastifyInstance } from 'fastify';
import { errorCodes } from '@chargeyard/contract/error_codes';
import { ErrorDocument, bytesMediaType, csvMediaType, jsonApiMediaType } from '@chargeyard/contract/json_api';
import type { Principal } from '../domain/index.ts';
import { originOf } from '../hosts.ts';
import { isKnown, tagOfList } from './entity_tags.ts';
import { exampleBody, exampleDocument, exampleId, examplePage } from './openapi_examples.ts';
import { queryParameter } from './openapi_parameters.ts';
import {
  bodySchema,
  createSchemas,
  documentSchema,
  idSchema,
  nameOf,
  plainSchema,
} from './openapi_schemas.ts';
import type { DeclarationOf, Json, Schemas } from './openapi_schemas.ts';
import { refuseOtherMethods } from './routes.ts';
import type { Method, MethodName, OpenMethod, Purpose, Route } from './routes.ts';
import { singularOf } from './resource.ts';

export const descriptionPath = '/openapi.json';

/** What a description says that the routes do not tell. */
export type Description = {
  readonly title: string;
  readonly summary: string;
  readonly description: string;
  /** Answers the Security Scheme Objects by their names; `origin` stands for the origin that is asked. */
  readonly securitySchemes: (origin: string) => Readonly<Record<string, object>>;
  /** Answers the Security Requirement Objects of what needs the scope; any one of them is enough. */
  readonly securityOf: (scope: string) => readonly object[];
  /** Paths that are no resources': the token endpoint, event streams. */
  readonly others?: readonly { readonly tag: string; readonly paths: Readonly<Record<string, object>> }[];
};

// Stands in the document for the origin that is asked; no URL of ours can hold a character like that.
const originMark = '\u{F8FF}';

/** Serves the description of the routes. Whoever can ask may read it: it tells nothing of any tenant. */
export function describeRoutes<Who extends Principal>(
  app: FastifyInstance,
  routes: readonly Route<Who>[],
  about: { basePath: string; description: Description },
): void {
  const text = JSON.stringify(openApiDocument(routes, about));
  app.get(descriptionPath, (request, reply) => {
    const origin = JSON.stringify(originOf(request)).slice(1, -1);
    const json = text.replaceAll(originMark, () => origin);
    const etag = tagOfList(json);
    reply.headers({ etag, 'cache-control': 'no-cache', vary: 'host' });
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(Buffer.from(json));
  });
  refuseOtherMethods(app, descriptionPath, ['GET', 'HEAD']);
}

/** What all operations of a document are made with. */
type Context = {
  readonly basePath: string;
  readonly securityOf: Description['securityOf'];
  readonly schemas: Schemas;
  readonly declarationOf: DeclarationOf;
};

function openApiDocument<Who extends Principal>(
  routes: readonly Route<Who>[],
  { basePath, description: about }: { basePath: string; description: Description },
): Json {
  const { title, summary, description, others = [] } = about;
  const schemas = createSchemas();
  const resources = routes.flatMap(({ methods }) => Object.values(methods).map(({ does }) => does.resource));
  const byType = new Map(resources.map((resource) => [resource.type, resource]));
  const context: Context = {
    basePath,
    securityOf: about.securityOf,
    schemas,
    declarationOf: (type) => byType.get(type),
  };
  const paths = routes.map((route) => [basePath + templateOf(route.path), pathItem(route, context)]);
  return {
    openapi: '3.1.1',
    info: {
      title,
      version: '1',
      summary,
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: originMark }],
    security: [],
    tags: [
      ...[...byType.keys()].map((name) => ({ name })),
      ...others.map(({ tag }) => ({ name: tag })),
      { name: 'description' },
    ],
    paths: {
      ...Object.fromEntries(paths),
      ...Object.fromEntries(others.flatMap((other) => Object.entries(other.paths))),
      [basePath + descriptionPath]: { get: descriptionOperation },
    },
    components: {
      schemas: schemas.all,
      responses: errorResponses(schemas),
      securitySchemes: about.securitySchemes(originMark),
    },
  };
}

function pathItem<Who extends Principal>(route: Route<Who>, context: Context): Json {
  const parameters = pathParameters(route, context);
  const operations = Object.entries(route.methods).map(([name, method]) => [
    name.toLowerCase(),
    operation(route, name as MethodName, method, context),
  ]);
  return { ...(parameters.length === 0 ? {} : { parameters }), ...Object.fromEntries(operations) };
}

function operation<Who extends Principal>(
  route: Pick<Route, 'path'>,
  name: MethodName,
  method: Method<Who> | OpenMethod,
  context: Context,
): Json {
  const { does } = method;
  const parameters = [
    ...does.parameters.map((parameter) => queryParameter(parameter, does.resource, context.declarationOf)),
    ...headerParameters(does),
  ];
  return {
    operationId: does.name ?? operationId(route, name, does),
    summary: does.summary ?? summaryOf(does),
    tags: [does.resource.type],
    security: 'isOpen' in method ? [] : context.securityOf(method.scope),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(does.takes === undefined ? {} : { requestBody: requestBody(does, does.takes, context.schemas) }),
    responses: {
      ...success(route, does, context),
      ...Object.fromEntries(
        errorStatuses(route, does).map((status) => [
          status,
          { $ref: `#/components/responses/Error${status}` },
        ]),
      ),
    },
  };
}

function requestBody(does: Purpose, takes: NonNullable<Purpose['takes']>, schemas: Schemas): Json {
  const { resource, body = resource, action, name } = does;
  const about = { takes, isNew: action !== 'update', name: body === resource ? undefined : name };
  const schema = bodySchema(body, about, schemas);
  const { flat, document } = exampleBody(body, takes);
  const content = { schema, examples: { flat: { value: flat }, jsonApi: { value: document } } };
  const required = action !== 'send' && action !== 'order' ? true : takes.required !== undefined;
  return { required, content: { 'application/json': content, [jsonApiMediaType]: content } };
}

function success(route: Pick<Route, 'path'>, does: Purpose, context: Context): Json {
  const notModified = {
    304: { description: 'The representation is the one that If-None-Match names.', headers: { ETag: etag } },
  };
  const single = singularOf(does.resource.type);
  const schema =
    does.answers === undefined
      ? documentSchema(does, context.schemas, context.declarationOf)
      : plainSchema(does.answers.schema);
  const self = originMark + context.basePath + examplePath(route, context);
  if (does.action === 'delete' || does.action === 'assign' || does.action === 'remove') {
    return { 204: { description: 'It is done; there is nothing to say.' } };
  }
  if (does.action === 'download') {
    const content = { [bytesMediaType]: { schema: { type: 'string', format: 'binary' } } };
    const headers = {
      'Content-Disposition': { description: 'The name of the file.', schema: { type: 'string' } },
    };
    return { 200: { description: 'The content.', headers, content } };
  }
  if (does.action === 'order') {
    const example = exampleDocument(
      does,
      self.replace(/(remote_commands)\/.*$/, `$1/${exampleId(does.resource.type, 'uuid')}`),
      { isNew: true },
    );
    const headers = { Location: { description: 'Where its end can be read.', schema: { type: 'string' } } };
    return { 202: answer(`The new ${single}.`, schema, example, headers) };
  }
  if (does.action === 'create') {
    const id = exampleId(does.resource.type, does.resource.id);
    const example = exampleDocument(does, `${self}/${id}`, { isNew: true });
    const headers = {
      ETag: etag,
      Location: { description: 'The URL of the new resource.', schema: { type: 'string' } },
    };
    return { 201: answer(`The new ${single}.`, schema, does.answers?.example(self) ?? example, headers) };
  }
  const example =
    does.action === 'list' ? examplePage(does, self) : exampleDocument(does, self, { isNew: false });
  const description = does.action === 'list' ? 'A page of the list.' : `The ${single}.`;
  const headers = does.action === 'perform' || does.action === 'send' ? {} : { ETag: etag };
  const isRead = does.action === 'list' || does.action === 'read';
  const ok = answer(description, schema, does.answers?.example(self) ?? example, headers);
  return {
    200: does.parameters.includes('format') ? orCsv(ok) : ok,
    ...(isRead ? notModified : {}),
  };
}

const etag = {
  description: 'The entity tag, for If-None-Match and If-Match.',
  schema: { type: 'string' },
};

function answer(description: string, schema: Json, example: unknown, headers: Json) {
  const content = { schema, example };
  return { description, headers, content: { 'application/json': content, [jsonApiMediaType]: content } };
}

function orCsv({ description, headers, content }: ReturnType<typeof answer>): Json {
  const csv = {
    schema: {
      type: 'string',
      description:
        'RFC 4180 in UTF-8, with a header: id, then the attributes in their order; members of an object as name.member, ' +
        'lists as JSON. Null is empty. A text that a spreadsheet would take for a formula begins with an apostrophe.',
    },
  };
  return {
    description: `${description} Or all of it as CSV, without an ETag.`,
    headers: {
      ...headers,
      'Content-Disposition': { description: 'Of CSV: the name of a file.', schema: { type: 'string' } },
    },
    content: { ...content, [csvMediaType]: csv },
  };
}

const alwaysPossible = [400, 401, 403, 406, 415, 429, 500, 503];

/** Which error statuses a method can answer, of those that there are codes for. */
function errorStatuses({ path }: Pick<Route, 'path'>, { action, takes, isForVersions }: Purpose): number[] {
  const isChange = action === 'update' || action === 'delete';
  const possible = [
    ...alwaysPossible,
    ...(path.includes(':') ? [404] : []),
    ...(isChange || action === 'create' || action === 'perform' ? [409] : []),
    ...(action === 'send' ? [502, 504] : []),
    ...(isChange || isForVersions ? [412] : []),
    ...(action === 'list' || action === 'read' || action === 'download' ? [] : [413]),
    ...(takes === undefined ? [] : [422]),
  ];
  return [...codesByStatus().keys()].filter((status) => possible.includes(status)).toSorted((a, b) => a - b);
}

function codesByStatus(): Map<number, string[]> {
  const byStatus = new Map<number, string[]>();
  for (const [code, { status, title }] of Object.entries(errorCodes)) {
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title}.`]);
  }
  return byStatus;
}

function errorResponses(schemas: Schemas): Json {
  const schema = schemas.named('ErrorAnswer', ErrorDocument);
  const content = { 'application/json': { schema }, [jsonApiMediaType]: { schema } };
  return Object.fromEntries(
    [...codesByStatus()].map(([status, codes]) => [
      `Error${status}`,
      { description: codes.join(' '), content },
    ]),
  );
}

function headerParameters({ action, isForVersions }: Purpose): Json[] {
  const headers: readonly HeaderParameter[] = isForVersions ? [ifMatch] : (headersOf[action] ?? []);
  return headers.map(({ name, description, pattern }) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) },
  }));
}

type HeaderParameter = { readonly name: string; readonly description: string; readonly pattern?: string };

const ifNoneMatch = {
  name: 'If-None-Match',
  description: 'Entity tags that are known: the answer is 304 when one still holds.',
};
const ifMatch = {
  name: 'If-Match',
  description: 'Entity tags for which the change is meant: 412 when the version is another.',
};
const idempotencyKey = {
  name: 'Idempotency-Key',
  description:
    'Within 24 hours the same key with the same body gets the first answer again; with another body it is 422.',
  pattern: '^[\\x21-\\x7e]{1,255}$',
};
const headersOf: Partial<Record<Purpose['action'], readonly HeaderParameter[]>> = {
  list: [ifNoneMatch],
  read: [ifNoneMatch],
  create: [idempotencyKey],
  send: [idempotencyKey],
  order: [idempotencyKey],
  update: [ifMatch],
  delete: [ifMatch],
};

const segmentsOf = (path: string) => path.split('/').filter((segment) => segment !== '');
const templateOf = (path: string) => path.replaceAll(/:(\w+)/g, '{$1}');

// What the documentation has before a station's id in some paths.
const namesOfStations = ['cp', 'synchronous', 'asynchronous'];

/** The path's parameters, with the type of the resource that each identifies. */
function identifiersIn({ path }: Pick<Route, 'path'>): { name: string; type: string }[] {
  const segments = segmentsOf(path);
  return segments.flatMap((segment, at) => {
    if (!segment.startsWith(':')) return [];
    const before = segments[at - 1] ?? '';
    return [
      { name: segment.slice(1), type: namesOfStations.includes(before) ? 'charging_stations' : before },
    ];
  });
}

const idKindOf = (type: string, { declarationOf }: Context) => declarationOf(type)?.id ?? 'uuid';

function pathParameters(route: Pick<Route, 'path'>, context: Context): Json[] {
  return identifiersIn(route).map(({ name, type }) => ({
    name,
    in: 'path',
    required: true,
    description: `The id of the ${singularOf(type)}.`,
    schema: idSchema(idKindOf(type, context)),
    example: exampleId(type, idKindOf(type, context)),
  }));
}

function examplePath(route: Pick<Route, 'path'>, context: Context): string {
  let path = route.path;
  for (const { name, type } of identifiersIn(route)) {
    path = path.replace(`:${name}`, String(exampleId(type, idKindOf(type, context))));
  }
  return path;
}

/** `GET /cp/:cpuuid/connectors/:id` → `getCpConnector`. */
function operationId({ path }: Pick<Route, 'path'>, method: MethodName, { action }: Purpose): string {
  const verb = action === 'read' || action === 'update' ? method.toLowerCase() : action;
  const segments = segmentsOf(path);
  const names = segments.flatMap((segment, at) => {
    if (segment.startsWith(':')) return [];
    const isPlural = at === segments.length - 1 && action === 'list';
    return [isPlural ? nameOf(segment) : nameOf(singularOf(segment))];
  });
  return verb + names.join('');
}

function summaryOf({ action, resource }: Purpose): string {
  const name = singularOf(resource.type);
  const single = `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
  const summaries: Record<Purpose['action'], string> = {
    list: `List ${resource.type.replaceAll('_', ' ')}`,
    read: `Read ${single}`,
    create: `Create ${single}`,
    update: `Change ${single}: attributes that are not sent stay as they are`,
    delete: `Delete ${single}`,
    assign: `Assign to ${single}`,
    remove: `Remove from ${single}`,
    perform: `Do something to ${single}`,
    send: 'Send something to a charging station, and wait for the answer',
    download: `Download ${single}`,
    order: 'Have something sent to a charging station',
  };
  return summaries[action];
}

const descriptionOperation: Json = {
  operationId: 'getDescription',
  summary: 'This document',
  tags: ['description'],
  security: [],
  responses: {
    200: {
      description: 'OpenAPI 3.1.',
      content: {
        'application/json': { schema: { type: 'object', required: ['openapi', 'info', 'paths'] } },
      },
    },
    304: { description: 'The document is the one that If-None-Match names.' },
  },
};
