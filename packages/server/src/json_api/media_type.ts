// Which media type an answer gets (JSON:API 1.1 §5.2): JSON:API's own where the request accepts it, else plain JSON.

import type { FastifyReply } from 'fastify';
import { jsonApiMediaType } from '@chargeyard/contract/json_api';

/** Answers whether an Accept header takes JSON:API's media type, without parameters other than `profile` and `q`. */
export function acceptsJsonApi(accept: string | undefined): boolean {
  return rangesOf(accept).some(({ type, isPlain }) => type === jsonApiMediaType && isPlain);
}

/**
 * Answers whether an Accept header leaves nothing that could be sent: JSON:API's media type is in it, but each time with
 * parameters that we do not know, and no plain JSON beside it. What else it names does not matter, as it always did.
 */
export function acceptsNothingOfOurs(accept: string | undefined): boolean {
  const ranges = rangesOf(accept);
  const ofJsonApi = ranges.filter(({ type }) => type === jsonApiMediaType);
  if (ofJsonApi.length === 0 || ofJsonApi.some(({ isPlain }) => isPlain)) return false;
  return !ranges.some(({ type }) => /^(\*\/\*|application\/(\*|json))$/.test(type));
}

/**
 * Answers whether a Content-Type header is JSON:API's with a parameter that we do not know, which is 415 whatever the
 * method (JSON:API 1.1 §5.2).
 */
export function isUnknownJsonApi(contentType: string | undefined): boolean {
  return rangesOf(contentType).some(({ type, isPlain }) => type === jsonApiMediaType && !isPlain);
}

/** Sends JSON text. JSON:API's media type is sent bare (JSON:API 1.1 §5.1), plain JSON with its charset. */
export function sendJson(reply: FastifyReply, asJsonApi: boolean, json: string | Buffer): void {
  reply.type(asJsonApi ? jsonApiMediaType : 'application/json; charset=utf-8').header('vary', 'accept');
  // As bytes: to a text Fastify adds the charset by itself.
  void reply.send(typeof json === 'string' ? Buffer.from(json) : json);
}

// A comma inside quotes belongs to a parameter, as in profile="…".
function rangesOf(accept: string | undefined): { type: string; isPlain: boolean }[] {
  const parts = accept?.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return parts.map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    // RFC 9110 §12.4.2: a weight of zero is "not acceptable".
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return { type: '', isPlain: true };
    return { type, isPlain: parameters.every((parameter) => /^(profile|q)=|^$/.test(parameter)) };
  });
}
