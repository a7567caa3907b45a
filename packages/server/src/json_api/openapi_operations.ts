// What the API's description says of routes: an operation for each of a route's methods, made from what the method is for.

import { jsonApiMediaType } from '@chargeyard/contract/json_api';
import type { Principal } from '../domain/index.ts';
import { errors, successes } from './openapi_answers.ts';
import { exampleBody } from './openapi_examples.ts';
import { headerParameters, queryParameter } from './openapi_parameters.ts';
import { examplePath, pathParameters, segmentsOf } from './openapi_paths.ts';
import { bodySchema, documentSchema, nameOf, plainSchema } from './openapi_schemas.ts';
import type { DeclarationOf, Json, Schemas } from './openapi_schemas.ts';
import { singularOf } from './resource.ts';
import type { Method, MethodName, OpenMethod, Purpose, Route } from './routes.ts';

/** What all operations of a document are made with. */
export type Context = {
  /** The API's own, which paths are below. */
  readonly url: string;
  /** Answers the Security Requirement Objects of what needs the scope; any one of them is enough. */
  readonly securityOf: (scope: string) => readonly object[];
  readonly schemas: Schemas;
  readonly declarationOf: DeclarationOf;
};

/** Answers the Path Item Object of a route. */
export function pathItem<Who extends Principal>(route: Route<Who>, context: Context): Json {
  const parameters = pathParameters(route.path, context.declarationOf);
  const operations = Object.entries(route.methods).map(([name, method]) => [
    name.toLowerCase(),
    operation(route.path, name as MethodName, method, context),
  ]);
  return { ...(parameters.length === 0 ? {} : { parameters }), ...Object.fromEntries(operations) };
}

function operation<Who extends Principal>(
  path: string,
  name: MethodName,
  method: Method<Who> | OpenMethod,
  context: Context,
): Json {
  const { does } = method;
  const parameters = [
    ...does.parameters.map((parameter) => queryParameter(parameter, does.resource, context.declarationOf)),
    ...headerParameters(does),
  ];
  const self = context.url + examplePath(path, context.declarationOf);
  return {
    operationId: does.name ?? operationId(path, name, does),
    summary: does.summary ?? summaryOf(does),
    tags: [does.resource.type],
    security: 'isOpen' in method ? [] : context.securityOf(method.scope),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(does.takes === undefined ? {} : { requestBody: requestBody(does, does.takes, context.schemas) }),
    responses: {
      ...successes(does, { self, schema: answeredSchema(does, context) }),
      ...errors(path, does),
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

function answeredSchema(does: Purpose, { schemas, declarationOf }: Context): Json {
  return does.answers === undefined
    ? documentSchema(does, schemas, declarationOf)
    : plainSchema(does.answers.schema);
}

/** `GET /cp/:cpuuid/connectors/:id` → `getCpConnector`. */
function operationId(path: string, method: MethodName, { action }: Purpose): string {
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
