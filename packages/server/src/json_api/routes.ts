// What a route of an API is, and what each passes on its way to its handler: who asks, how often, scope, media type. A
// method has a scope, or says that it is open.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import type { Principal } from '../domain/index.ts';
import { addressOf, originOf } from '../hosts.ts';
import { refused } from './errors.ts';
import type { CountRequest } from './rate_limit.ts';
import {
  acceptsJsonApi,
  acceptsNothingOfOurs,
  isUnknownJsonApi,
  sendBytes,
  sendCsv,
  sendJson,
} from './media_type.ts';
import { requireScope } from './scope.ts';

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
  readonly status: 200 | 201 | 202 | 204 | 304;
  /** The document as JSON text, or its bytes; undefined for 204 and 304. */
  readonly json?: string | Buffer;
  /** Instead of a document: CSV, made as it is read. */
  readonly csv?: AsyncIterable<string>;
  /** Instead of a document: bytes, read as they are sent. */
  readonly bytes?: AsyncIterable<Buffer>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What a method is for, as the API's description (openapi.ts) tells it. */
export type Purpose = {
  /**
   * `assign` and `remove` change what belongs to the resource, and answer nothing; `perform` answers the resource; `send`
   * makes one by sending something to a station, and answers it when that has ended, `order` at once; `download` answers
   * bytes.
   */
  readonly action:
    | 'list'
    | 'read'
    | 'create'
    | 'update'
    | 'delete'
    | 'assign'
    | 'remove'
    | 'perform'
    | 'send'
    | 'order'
    | 'download';
  readonly resource: ResourceDeclaration;
  /** One sentence, where the action's own does not fit. */
  readonly summary?: string;
  /** The operationId, where that of action and path does not fit. */
  readonly name?: string;
  /** The names of the query parameters that it knows. */
  readonly parameters: readonly string[];
  /** The attributes that its body may set; without this it takes no body. */
  readonly takes?: TObject;
  /** By what its body is declared, where that is not the resource. */
  readonly body?: ResourceDeclaration;
  /** What it answers, where that is no JSON:API document of the resource. */
  readonly answers?: {
    readonly schema: TSchema;
    /** @param url the absolute URL that is asked */
    readonly example: (url: string) => unknown;
  };
  /** Where `perform` can be meant for some versions of the resource (If-Match). */
  readonly isForVersions?: true;
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

/** What every route asks before its method answers. */
export type Door<Who extends Principal = Principal> = {
  /** Answers who asks; throws {RequestRefused} or {InvalidToken} where nobody may. */
  readonly authenticate: (request: FastifyRequest) => Promise<Who>;
  /** Without it a caller may send as many requests as it likes. */
  readonly countRequest: CountRequest | undefined;
};

export function addRoute<Who extends Principal>(
  app: FastifyInstance,
  route: Route<Who>,
  door: Door<Who>,
): void {
  for (const [name, method] of Object.entries(route.methods)) {
    app.route({
      method: name,
      url: route.path,
      exposeHeadRoute: isRead(method),
      handler: (request, reply) => answer(request, reply, method, door),
    });
  }
  const supported = Object.entries(route.methods).flatMap(([name, method]) =>
    name === 'GET' && isRead(method) ? ['GET', 'HEAD'] : [name],
  );
  refuseOtherMethods(app, route.path, supported);
}

/** Whoever asks for the headers alone does not mean that something is done. */
const isRead = ({ does: { action } }: Method<never> | OpenMethod) => action !== 'send' && action !== 'order';

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
  door: Door<Who>,
): Promise<void> {
  const ask = await asking(request, reply, method, door);
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
  const { status, json, csv, bytes, headers } = await ask(openlyAsked(request));
  // With 304, too (RFC 9110 §15.4.5).
  reply.code(status).headers({ vary: 'accept', 'cache-control': 'private, no-cache', ...headers });
  if (csv !== undefined || bytes !== undefined) {
    if (csv !== undefined) sendCsv(reply, csv);
    if (bytes !== undefined) sendBytes(reply, bytes);
    // It is under way only; without this Fastify would take the handler's end for the answer's.
    await reply;
  } else if (json === undefined) void reply.send();
  else sendJson(reply, acceptsJsonApi(accept), json);
}

/** What a request asks, but for who asks. */
export function openlyAsked(request: FastifyRequest): OpenlyAsked {
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  return {
    address: addressOf(request),
    query,
    url: originOf(request) + path,
    params: request.params as Record<string, string>,
    headers: request.headers,
    body: request.body,
  };
}

/**
 * Answers how to ask the method: as the principal whose request it is, where the method wants one.
 *
 * @throws {RequestRefused} what the door throws; insufficient_scope
 */
async function asking<Who extends Principal>(
  request: FastifyRequest,
  reply: FastifyReply,
  method: Method<Who> | OpenMethod,
  { authenticate, countRequest }: Door<Who>,
): Promise<(asked: OpenlyAsked) => Promise<Answer>> {
  if ('isOpen' in method) return (asked) => method.answer(asked);
  const principal = await authenticate(request);
  if (countRequest !== undefined) reply.headers(countRequest(principal));
  requireScope(principal, method.scope);
  return (asked) => method.answer({ ...asked, principal });
}
