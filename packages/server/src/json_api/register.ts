// An API of resources on an HTTP server: its routes below one path, its errors, its description.

import type { FastifyInstance } from 'fastify';
import type { Principal } from '../domain/index.ts';
import { takeUtf8Bodies } from '../utf8_body.ts';
import { answerError, refused } from './errors.ts';
import { describeRoutes } from './openapi.ts';
import type { Description } from './openapi.ts';
import { addRoute } from './routes.ts';
import type { Door, Route } from './routes.ts';
import { addStreamRoute } from './stream_routes.ts';
import type { StreamRoute } from './stream_routes.ts';

export type Api<Who extends Principal> = Door<Who> & {
  readonly basePath: string;
  readonly routes: readonly Route<Who>[];
  /** Described by `description.others`. */
  readonly streams?: readonly StreamRoute<Who>[];
  readonly description: Description;
};

export async function registerResources<Who extends Principal>(
  app: FastifyInstance,
  api: Api<Who>,
): Promise<void> {
  const { basePath, routes, description } = api;
  await app.register(
    async (scoped) => {
      // Bodies are read by the resources themselves, whatever media type they come with.
      takeUtf8Bodies(scoped, {
        notUtf8: () => refused('bad_request', 'The body is not in UTF-8.', { source: { pointer: '' } }),
      });
      scoped.setErrorHandler(answerError);
      scoped.setNotFoundHandler((request, reply) => {
        answerError(refused('not_found', `There is no such path below ${basePath}.`), request, reply);
      });
      for (const route of routes) addRoute(scoped, route, api);
      for (const stream of api.streams ?? []) addStreamRoute(scoped, stream, api);
      describeRoutes(scoped, routes, { basePath, description });
    },
    { prefix: basePath },
  );
}
