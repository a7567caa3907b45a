// What a route of an API is, and what each passes on its way to its handler: who asks, how often, scope, media type. A
// route cannot be without a scope.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import type { Principal } from '../domain/index.ts';
import { originOf } from '../hosts.ts';
import { refused } from './errors.ts';
import type { CountRequest } from './rate_limit.ts';
import { acceptsJsonApi, acceptsNothingOfOurs, isUnknownJsonApi, sendCsv, sendJson } from './media_type.ts';
import { requireScope } from './scope.ts';

export type Asked = {
  readonly principal: Principal;
  /** The query string without `?`. */
  readonly query: string;
  /** The absolute URL that was asked, without the query. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: FastifyRequest['headers'];
  /** The body's text; undefined when there is none. */
  readonly body: unknown;
};

export type Answer = {
  readonly status: 200 | 201 | 204 | 304;
  /** The document as JSON text, or its bytes; undefined for 204 and 304. */
  readonly json?: string | Buffer;
  /** Instead of a document: CSV, made as it is read. */
  readonly csv?: AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What a method is for, as the API's description (openapi.ts) tells it. */
export type Purpose = {
  /** `assign` and `remove` change what belongs to the resource, and answer nothing. */
  readonly action: 'list' | 'read' | 'create' | 'update' | 'delete' | 'assign' | 'remove';
  readonly resource: ResourceDeclaration;
  /** One sentence, where the action's own does not fit. */
  readonly summary?: string;
  /** The names of the query parameters that it knows. */
  readonly parameters: readonly string[];
  /** The attributes that its body may set; without this it takes no body. */
  readonly takes?: TObject;
  /** What it answers, where that is no JSON:API document of the resource. */
  readonly answers?: { readonly schema: TSchema; readonly example: unknown };
};

export type Method = {
  readonly scope: string;
  readonly does: Purpose;
  answer(asked: Asked): Promise<Answer>;
};

export type MethodName = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type Route = {
  /** Below the API's path, without a trailing slash; with one it is the same route. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<MethodName, Method>>>;
};

/** What every route asks before its method answers. */
export type Door = {
  /** Answers who asks; throws {RequestRefused} or {InvalidToken} where nobody may. */
  readonly authenticate: (request: FastifyRequest) => Promise<Principal>;
  /** Without it a caller may send as many requests as it likes. */
  readonly countRequest: CountRequest | undefined;
};

export function addRoute(app: FastifyInstance, route: Route, door: Door): void {
  for (const [name, method] of Object.entries(route.methods)) {
    app.route({
      method: name,
      url: route.path,
      handler: (request, reply) => answer(request, reply, method, door),
    });
  }
  const supported = Object.keys(route.methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
  refuseOtherMethods(app, route.path, supported);
}

/** A path answers 405 to the methods that it does not support, and says which it does (RFC 9110 §15.5.6). */
export function refuseOtherMethods(app: FastifyInstance, url: string, supported: readonly string[]): void {
  app.route({
    method: app.supportedMethods.filter((name) => !supported.includes(name)),
    url,
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
  { authenticate, countRequest }: Door,
): Promise<void> {
  const principal = await authenticate(request);
  if (countRequest !== undefined) reply.headers(await countRequest(principal));
  requireScope(principal, method.scope);
  const { accept, 'content-type': contentType } = request.headers;
  if (isUnknownJsonApi(contentType)) {
    throw refused(
      'unsupported_media_type',
      'The media type application/vnd.api+json is taken without parameters only.',
      {
        source: { header: 'Content-Type' },
      },
    );
  }
  if (acceptsNothingOfOurs(accept)) {
    throw refused(
      'not_acceptable',
      'The media type application/vnd.api+json is sent without parameters only.',
      {
        source: { header: 'Accept' },
      },
    );
  }
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  const { status, json, csv, headers } = await method.answer({
    principal,
    query,
    url: originOf(request) + path,
    params: request.params as Record<string, string>,
    headers: request.headers,
    body: request.body,
  });
  // With 304, too (RFC 9110 §15.4.5).
  reply.code(status).headers({ vary: 'accept', ...headers });
  if (csv !== undefined) {
    sendCsv(reply, csv);
    // It is under way only; without this Fastify would take the handler's end for the answer's.
    await reply;
  } else if (json === undefined) void reply.send();
  else sendJson(reply, acceptsJsonApi(accept), json);
}
