// What a route of an API is, and what each passes on its way to its handler: who asks, scope, media type. A method has a
// scope, or says that it is open.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import { includesScope } from '@chargeyard/contract/scopes';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import type { Principal } from '../domain/index.ts';
import { originOf } from '../hosts.ts';
import { refused } from './errors.ts';
import { acceptsJsonApi, acceptsNothingOfOurs, isUnknownJsonApi, sendJson } from './media_type.ts';

export type Asked<Who extends Principal = Principal> = OpenlyAsked & { readonly principal: Who };

/** What a request asks of whom everybody may ask. */
export type OpenlyAsked = {
  /** The address that the request came from; behind a trusted proxy the forwarded one. */
  readonly address: string;
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
  /** The document as JSON text; undefined for 204 and 304. */
  readonly json?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What a method is for, as the API's description (openapi.ts) tells it. */
export type Purpose = {
  /** `assign` and `remove` change what belongs to the resource, and answer nothing; `perform` answers the resource. */
  readonly action: 'list' | 'read' | 'create' | 'update' | 'delete' | 'assign' | 'remove' | 'perform';
  readonly resource: ResourceDeclaration;
  /** One sentence, where the action's own does not fit. */
  readonly summary?: string;
  /** The operationId, where that of action and path does not fit. */
  readonly name?: string;
  /** The names of the query parameters that it knows. */
  readonly parameters: readonly string[];
  /** The attributes that its body may set; without this it takes no body. */
  readonly takes?: TObject;
  /** What it answers, where that is no JSON:API document of the resource. */
  readonly answers?: {
    readonly schema: TSchema;
    /** @param url the absolute URL that is asked */
    readonly example: (url: string) => unknown;
  };
  /** What it answers has what the resource shows only once. */
  readonly showsOnce?: true;
};

/** A method for those who have the scope. */
export type Method<Who extends Principal = Principal> = {
  readonly scope: string;
  readonly does: Purpose;
  answer(asked: Asked<Who>): Promise<Answer>;
};

/** A method for everybody. */
export type OpenMethod = {
  readonly isOpen: true;
  readonly does: Purpose;
  answer(asked: OpenlyAsked): Promise<Answer>;
};

export type MethodName = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type Route<Who extends Principal = Principal> = {
  /** Below the API's path, without a trailing slash; with one it is the same route. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<MethodName, Method<Who> | OpenMethod>>>;
};

type Authenticate<Who> = (request: FastifyRequest) => Promise<Who>;

export function addRoute<Who extends Principal>(
  app: FastifyInstance,
  route: Route<Who>,
  authenticate: Authenticate<Who>,
): void {
  for (const [name, method] of Object.entries(route.methods)) {
    app.route({
      method: name,
      url: route.path,
      handler: (request, reply) => answer(request, reply, method, authenticate),
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

async function answer<Who extends Principal>(
  request: FastifyRequest,
  reply: FastifyReply,
  method: Method<Who> | OpenMethod,
  authenticate: Authenticate<Who>,
): Promise<void> {
  const ask = await asking(request, method, authenticate);
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
    throw refused('not_acceptable', 'application/vnd.api+json is sent without media type parameters only.', {
      source: { header: 'Accept' },
    });
  }
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  const { status, json, headers } = await ask({
    address: request.ip,
    query,
    url: originOf(request) + path,
    params: request.params as Record<string, string>,
    headers: request.headers,
    body: request.body,
  });
  // With 304, too (RFC 9110 §15.4.5).
  reply.code(status).headers({ vary: 'accept', ...headers });
  if (json === undefined) void reply.send();
  else sendJson(reply, acceptsJsonApi(accept), json);
}

/**
 * Answers how to ask the method: as the principal whose request it is, where the method wants one.
 *
 * @throws {RequestRefused} what `authenticate` throws; insufficient_scope
 */
async function asking<Who extends Principal>(
  request: FastifyRequest,
  method: Method<Who> | OpenMethod,
  authenticate: Authenticate<Who>,
): Promise<(asked: OpenlyAsked) => Promise<Answer>> {
  if ('isOpen' in method) return (asked) => method.answer(asked);
  const principal = await authenticate(request);
  requireScope(principal, method.scope);
  return (asked) => method.answer({ ...asked, principal });
}

/** @throws {RequestRefused} insufficient_scope */
function requireScope(principal: Principal, scope: string): void {
  if (includesScope(principal.scopes, scope)) return;
  throw refused('insufficient_scope', `This request needs the scope ${scope}.`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  });
}
