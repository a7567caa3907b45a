// The one HTTP server: what every answer has in common. Which paths there are is the rooms' business.

import Fastify, { LogController } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { answerError, refused } from './cpoapi/index.ts';

const largestBodyBytes = 1_048_576;

export function createHttpServer(deps: {
  log: Logger;
  newId: () => string;
  trustedProxies: readonly string[];
}): FastifyInstance {
  const app = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: deps.newId,
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
    bodyLimit: largestBodyBytes,
    routerOptions: { ignoreTrailingSlash: true },
    // A malformed percent-encoding in the path, for instance.
    frameworkErrors: (_error, request, reply) => {
      answerError(refused('bad_request', 'The URL cannot be read.'), request, reply);
    },
  }) as unknown as FastifyInstance;

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  // The path alone: a token request carries its secret in the query string.
  app.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?', 1)[0];
    const ms = Math.round(reply.elapsedTime);
    request.log.debug({ method: request.method, path, status: reply.statusCode, ms }, 'request');
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    answerError(refused('not_found', 'There is nothing at this path.'), request, reply);
  });
  return app;
}
