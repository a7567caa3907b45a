// JSON:API 1.1 §11: the errors of the APIs, and the only place that decides what of a failure leaves it.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorCodes } from '@chargeyard/contract/error_codes';
import type { ErrorCode } from '@chargeyard/contract/error_codes';
import type { ErrorObject } from '@chargeyard/contract/json_api';
import { acceptsJsonApi, sendJson } from './media_type.ts';
import { InvalidToken, NotFound, Unavailable } from '../domain/index.ts';

/** One fault of a request: what is wrong, for a person, and where. */
export type Fault = {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly source?: NonNullable<ErrorObject['source']>;
  /** The URL of what tells more of it. */
  readonly about?: string;
  /** What a charging station answered. */
  readonly meta?: Readonly<Record<string, unknown>>;
};

/** A request is refused, for one or more faults that share an HTTP status. */
export class RequestRefused extends Error {
  readonly faults: readonly [Fault, ...Fault[]];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    faults: readonly [Fault, ...Fault[]],
    options: { headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(faults[0].detail, { cause: options.cause });
    this.name = 'RequestRefused';
    this.faults = faults;
    this.headers = options.headers ?? {};
  }
}

/** Answers a refusal with one fault. */
export function refused(
  code: ErrorCode,
  detail: string,
  options: Omit<Fault, 'code' | 'detail'> & { headers?: Record<string, string>; cause?: unknown } = {},
): RequestRefused {
  const { headers, cause, ...fault } = options;
  return new RequestRefused([{ code, detail, ...fault }], { cause, ...(headers && { headers }) });
}

/** Answers the refusal of an access token (RFC 6750 §3.1). */
export function invalidToken(detail: string, cause?: unknown): RequestRefused {
  return refused('invalid_token', detail, {
    source: { header: 'Authorization' },
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });
}

/** Sends an error in JSON:API's form. What nobody foresaw leaves as a fixed sentence and the request's id. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = refusalFrom(error);
  const { code } = refusal.faults[0];
  const { status } = errorCodes[code];
  // What a station does is no failure of ours.
  if (status >= 500 && !code.startsWith('station_'))
    request.log.error({ err: error }, 'an API request failed');
  reply.code(status).headers(refusal.headers);
  sendJson(reply, acceptsJsonApi(request.headers.accept), JSON.stringify(errorDocument(refusal, request.id)));
}

/** Answers a refusal as a document; each fault's id is the request's, numbered where there are several. */
export function errorDocument({ faults }: RequestRefused, requestId: string): { errors: ErrorObject[] } {
  const errors = faults.map(({ code, detail, source, about, meta }, number) => ({
    id: faults.length === 1 ? requestId : `${requestId}/${number + 1}`,
    status: String(errorCodes[code].status),
    code,
    title: errorCodes[code].title,
    detail,
    ...(about === undefined ? {} : { links: { about } }),
    ...(meta === undefined ? {} : { meta }),
    ...(source === undefined ? {} : { source }),
  }));
  return { errors };
}

function refusalFrom(error: unknown): RequestRefused {
  if (error instanceof RequestRefused) return error;
  if (error instanceof Unavailable) {
    return refused('not_ready', 'The server is not ready. Try again in a few seconds.', {
      headers: { 'retry-after': '5' },
      cause: error,
    });
  }
  if (error instanceof InvalidToken) return invalidToken(error.message, error);
  if (error instanceof NotFound) return refused('not_found', error.message, { cause: error });
  switch ((error as { statusCode?: number }).statusCode) {
    case 400:
      return refused('bad_request', 'The request cannot be read.', { cause: error });
    case 413:
      return refused('payload_too_large', 'The request body is larger than this server takes.', {
        cause: error,
      });
    case 415:
      return refused('unsupported_media_type', 'The media type of the request body is not supported.', {
        source: { header: 'Content-Type' },
        cause: error,
      });
    default:
      return refused('internal_error', 'The server failed. Its log has the cause under this error’s id.', {
        cause: error,
      });
  }
}
