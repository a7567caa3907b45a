// The one HTTP server: what every answer has in common. Which paths there are is the rooms' business.

import { METHODS, STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorCodes } from '@chargeyard/contract/error_codes';
import Fastify, { LogController } from 'fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { withoutUploadTokens } from './domain/index.ts';
import { trustedBy } from './hosts.ts';
import { answerError, errorDocument, refused } from './json_api/index.ts';

const largestBodyBytes = 1_048_576;
const slowestRequestMs = 30_000;
// Node refuses longer headers, and with them longer paths; the router's own limit would answer for another path.
const longestParameter = 16_384;

declare module 'fastify' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only interfaces merge
  interface FastifyContextConfig {
    /** A station sends a file: it takes its time, and the path has a secret. */
    readonly isUpload?: true;
  }
}

/** What Node is told of connections, over TLS or not. Whole requests are timed here: Node has one time for all. */
export const connectionOptions = {
  headersTimeout: slowestRequestMs,
  requestTimeout: 0,
  // Any other protocol that a client offers to change to (h2c is Java's and curl's habit) is passed over.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
};

// RFC 9110 §7.2: a name or an address, and perhaps a port.
const hostForm = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;

export function createHttpServer(deps: {
  log: Logger;
  newId: () => string;
  trustedProxies: readonly string[];
  /** Milliseconds for a body, default 30 000; uploads are timed by whoever takes them. */
  slowestBodyMs?: number;
}): FastifyInstance {
  const app: FastifyInstance = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: deps.newId,
    http: connectionOptions,
    trustProxy: deps.trustedProxies.length > 0 && trustedBy(deps.trustedProxies),
    bodyLimit: largestBodyBytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: longestParameter },
    // A client may name its target in absolute form (RFC 9112 §3.2.2); the host then stands in the Host header too.
    rewriteUrl: ({ url = '/' }) => url.replace(/^https?:\/\/[^/?#]*/i, '') || '/',
    // A malformed percent-encoding in the path, for instance.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      // Not the error: its message repeats the URL, and a URL can hold a secret.
      request.log.debug({ code: error.code }, 'a URL could not be read');
      answerError(refused('bad_request', 'The URL cannot be read.'), request, reply);
    },
    clientErrorHandler: (error, socket) => answerNoRequest(error, socket, deps.newId()),
  }) as unknown as FastifyInstance;

  // So that a path can answer 405 to a method of another protocol, too.
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method))
      app.addHttpMethod(method, { hasBody: true });
  }
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isUpload !== true)
      endSlowBody(request, deps.slowestBodyMs ?? slowestRequestMs);
    reply.header('x-request-id', request.id);
    // Links and tokens' issuers are made of it. HTTP/1.0 knows no Host.
    if (request.headers.host !== undefined && !isHost(request.headers.host)) {
      throw refused('bad_request', 'The Host header is no host name.', { source: { header: 'Host' } });
    }
    // Behind a trusted proxy it is what that was asked for.
    const { host } = request.headers;
    if (host !== undefined && request.host !== host && !isHost(request.host)) {
      throw refused('bad_request', 'The X-Forwarded-Host header is no host name.', {
        source: { header: 'X-Forwarded-Host' },
      });
    }
  });
  // The path alone: a token request carries its secret in the query string, an upload in the path.
  app.addHook('onResponse', async (request, reply) => {
    const { url, config } = request.routeOptions;
    const path = config.isUpload === true ? url : withoutUploadTokens(request.url.split('?', 1)[0] ?? '');
    const ms = Math.round(reply.elapsedTime);
    request.log.debug({ method: request.method, path, status: reply.statusCode, ms }, 'request');
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    answerError(refused('not_found', 'There is nothing at this path.'), request, reply);
  });
  return app;
}

function endSlowBody({ raw, id }: FastifyRequest, afterMs: number): void {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = raw.headers;
  if (length === '0' && coding === undefined) return;
  const timer = setTimeout(() => {
    if (!raw.complete) answerNoRequest(tooSlow(), raw.socket, id);
  }, afterMs);
  raw.once('close', () => clearTimeout(timer));
}

const tooSlow = () => Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

const isHost = (host: string) => hostForm.test(host) && URL.canParse(`http://${host}`);

/** Answers bytes that are no HTTP request, and closes the connection: where the next request would begin is unknown. */
export function answerNoRequest(error: Error & { code?: string }, socket: Duplex, requestId: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = refusalOf(error.code);
  const status = errorCodes[refusal.faults[0].code].status;
  const body = JSON.stringify(errorDocument(refusal, requestId));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function refusalOf(code: string | undefined) {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refused(
        'headers_too_large',
        'The request’s path and headers are larger than this server takes.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refused('request_timeout', 'The request did not arrive in time.');
    default:
      return refused('bad_request', 'This is no HTTP request that can be read.');
  }
}
