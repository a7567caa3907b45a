// The API's description: OpenAPI 3.1, made from the routes and the resources' declarations, so that nothing of them is
// written here again. Here is the document; what it says of each route is in openapi_operations.ts.

import type { FastifyInstance } from 'fastify';
import type { Principal } from '../domain/index.ts';
import { originOf } from '../hosts.ts';
import { isKnown, tagOfList } from './entity_tags.ts';
import { errorResponses } from './openapi_answers.ts';
import { pathItem } from './openapi_operations.ts';
import type { Context } from './openapi_operations.ts';
import { templateOf } from './openapi_paths.ts';
import { createSchemas } from './openapi_schemas.ts';
import type { Json } from './openapi_schemas.ts';
import { refuseOtherMethods } from './routes.ts';
import type { Route } from './routes.ts';

export const descriptionPath = '/openapi.json';

/** What a description says that the routes do not tell. */
export type Description = {
  readonly title: string;
  readonly summary: string;
  readonly description: string;
  /** Answers the Security Scheme Objects by their names; `origin` stands for the origin that is asked. */
  readonly securitySchemes: (origin: string) => Readonly<Record<string, object>>;
  readonly securityOf: Context['securityOf'];
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

function openApiDocument<Who extends Principal>(
  routes: readonly Route<Who>[],
  { basePath, description: about }: { basePath: string; description: Description },
): Json {
  const { title, summary, description, others = [] } = about;
  const schemas = createSchemas();
  const resources = routes.flatMap(({ methods }) => Object.values(methods).map(({ does }) => does.resource));
  const byType = new Map(resources.map((resource) => [resource.type, resource]));
  const context: Context = {
    url: originMark + basePath,
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
