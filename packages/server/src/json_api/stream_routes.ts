// Routes that answer an event stream (server-sent events, WHATWG HTML §9.2) instead of a document. Who asks is asked on, for
// as long as the stream lasts; errors before it begins are those of the API.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../domain/index.ts';
import { openlyAsked, refuseOtherMethods } from './routes.ts';
import type { Asked, Door } from './routes.ts';
import { requireScope } from './scope.ts';

export type StreamAsked<Who extends Principal = Principal> = Asked<Who> & {
  /** Answers who asks, as he is now. */
  readonly present: () => Who;
  /** Aborted when the client has gone, or may not ask any more. */
  readonly signal: AbortSignal;
};

export type StreamRoute<Who extends Principal = Principal> = {
  readonly path: string;
  readonly scope: string;
  /** Answers the stream's text; what it throws is answered as an error. */
  open(asked: StreamAsked<Who>): Promise<AsyncIterable<string>>;
};

const asksAgainEveryMs = 400;
const headers = {
  'cache-control': 'no-store',
  // Proxies that gather an answer before they pass it on would never pass on this one.
  'x-accel-buffering': 'no',
};

export function addStreamRoute<Who extends Principal>(
  app: FastifyInstance,
  route: StreamRoute<Who>,
  door: Door<Who>,
): void {
  app.route({
    method: 'GET',
    url: route.path,
    exposeHeadRoute: false,
    handler: (request, reply) => answer(request, reply, route, door),
  });
  refuseOtherMethods(app, route.path, ['GET']);
}

async function answer<Who extends Principal>(
  request: FastifyRequest,
  reply: FastifyReply,
  route: StreamRoute<Who>,
  { authenticate, countRequest }: Door<Who>,
): Promise<void> {
  let principal = await authenticate(request);
  if (countRequest !== undefined) reply.headers(countRequest(principal));
  requireScope(principal, route.scope);
  const over = new AbortController();
  reply.raw.once('close', () => over.abort());
  async function askAgain(): Promise<void> {
    const present = await authenticate(request);
    requireScope(present, route.scope);
    principal = present;
  }
  let isAsking = false;
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    // Also where it cannot be known: the client comes again, and is answered then.
    askAgain()
      .catch(() => over.abort())
      .finally(() => (isAsking = false));
  }, asksAgainEveryMs);
  over.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  try {
    const asked = { ...openlyAsked(request), principal, present: () => principal, signal: over.signal };
    const text = Readable.from(await route.open(asked));
    text.on('error', (err) => request.log.error({ err }, 'an event stream broke off'));
    reply.code(200).headers(headers).type('text/event-stream; charset=utf-8');
    void reply.send(text);
  } catch (error) {
    over.abort();
    throw error;
  }
  await reply;
}
