// What a route of the CPO API is, and what each passes on its way to its handler: access token, host, licence, scope,
// media type. A route cannot be without a scope.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../domain/index.ts';
import { originOf } from '../hosts.ts';
import { accessTokenOf, requireHost, requireLicence, requireScope } from './authentication.ts';
import type { Authenticate } from './authentication.ts';
import { refused } from './errors.ts';
import { acceptsJsonApi, acceptsNothingOfOurs, sendJson } from './media_type.ts';

export type Asked = {
  readonly principal: Principal;
  /** The query string without `?`. */
  readonly query: string;
  /** The absolute URL that was asked, without the query. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
};

export type Method = {
  readonly scope: string;
  /** Answers the document as JSON text. */
  answer(asked: Asked): Promise<string>;
};

export type Route = {
  /** Below `/api/cpoapi/v1`, without a trailing slash; with one it is the same route. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<'GET', Method>>>;
};

export type RouteDeps = {
  readonly authenticate: Authenticate;
  readonly tenantSlugOfHost: (host: string | undefined) => string | undefined;
};

export function addRoute(app: FastifyInstance, route: Route, deps: RouteDeps): void {
  for (const [name, method] of Object.entries(route.methods)) {
    app.route({
      method: name,
      url: route.path,
      handler: (request, reply) => answer(request, reply, method, deps),
    });
  }
  const supported = Object.keys(route.methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
  app.route({
    method: app.supportedMethods.filter((name) => !supported.includes(name)),
    url: route.path,
    handler: () => {
      throw refused('method_not_allowed', `Supported here: ${supported.join(', ')}.`, {
        headers: { allow: supported.join(', ') },
      });
    },
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  method: Method,
  deps: RouteDeps,
): Promise<void> {
  const principal = await deps.authenticate(accessTokenOf(request));
  requireHost(principal, deps.tenantSlugOfHost(request.host));
  requireLicence(principal);
  requireScope(principal, method.scope);
  const { accept } = request.headers;
  if (acceptsNothingOfOurs(accept)) {
    throw refused('not_acceptable', 'application/vnd.api+json is sent without media type parameters only.', {
      source: { header: 'Accept' },
    });
  }
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  const url = originOf(request) + path;
  const params = request.params as Record<string, string>;
  sendJson(reply, acceptsJsonApi(accept), await method.answer({ principal, query, url, params }));
}
