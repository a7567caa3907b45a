// Which media type an answer gets (JSON:API 1.1 §5.2): JSON:API's own where the request accepts it, else plain JSON. Lists
// can be CSV, too.

import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { bytesMediaType, csvMediaType, jsonApiMediaType } from '@chargeyard/contract/json_api';

/** Answers whether an Accept header takes JSON:API's media type, without parameters other than `profile` and `q`. */
export function acceptsJsonApi(accept: string | undefined): boolean {
  return acceptedIn(accept).some(({ type, isPlain }) => type === jsonApiMediaType && isPlain);
}

/**
 * Answers whether an Accept header leaves nothing that could be sent: JSON:API's media type is in it, but each time with
 * parameters that we do not know, and no plain JSON beside it. What else it names does not matter, as it always did.
 */
export function acceptsNothingOfOurs(accept: string | undefined): boolean {
  const ranges = acceptedIn(accept);
  const ofJsonApi = ranges.filter(({ type }) => type === jsonApiMediaType);
  if (ofJsonApi.length === 0 || ofJsonApi.some(({ isPlain }) => isPlain)) return false;
  return !ranges.some(({ type }) => /^(\*\/\*|application\/(\*|json))$/.test(type));
}

/**
 * Answers whether a Content-Type header is JSON:API's with a parameter that we do not know, which is 415 whatever the
 * method (JSON:API 1.1 §5.2).
 */
export function isUnknownJsonApi(contentType: string | undefined): boolean {
  return acceptedIn(contentType).some(({ type, isPlain }) => type === jsonApiMediaType && !isPlain);
}

/** Answers whether an Accept header names CSV and weighs it more than JSON (RFC 9110 §12.5.1). */
export function prefersCsv(accept: string | undefined): boolean {
  const ranges = rangesOf(accept);
  const weightOf = (...types: string[]) =>
    types
      .map((type) => ranges.find((range) => range.type === type)?.weight)
      .find((weight) => weight !== undefined) ?? 0;
  const json = ['application/json', jsonApiMediaType].map((type) => weightOf(type, 'application/*', '*/*'));
  return weightOf(csvMediaType) > Math.max(...json);
}

/** Sends JSON text. JSON:API's media type is sent bare (JSON:API 1.1 §5.1), plain JSON with its charset. */
export function sendJson(reply: FastifyReply, asJsonApi: boolean, json: string | Buffer): void {
  reply.type(asJsonApi ? jsonApiMediaType : 'application/json; charset=utf-8').header('vary', 'accept');
  // As bytes: to a text Fastify adds the charset by itself.
  void reply.send(typeof json === 'string' ? Buffer.from(json) : json);
}

/**
 * Sends CSV as it comes, no faster than the client reads. When the client goes away, what makes the text is ended; when
 * that fails, the connection is cut, so that nobody takes a part for the whole.
 */
export function sendCsv(reply: FastifyReply, text: AsyncIterable<string>): void {
  reply.type(`${csvMediaType}; charset=utf-8; header=present`);
  sendAsItComes(reply, text);
}

/** As `sendCsv`, for bytes. */
export function sendBytes(reply: FastifyReply, bytes: AsyncIterable<Buffer>): void {
  reply.type(bytesMediaType);
  sendAsItComes(reply, bytes);
}

function sendAsItComes(reply: FastifyReply, content: AsyncIterable<string | Buffer>): void {
  // HEAD has the same headers, and makes no content.
  const stream = Readable.from(reply.request.method === 'HEAD' ? [] : content);
  stream.on('error', (err) => reply.log.error({ err }, 'an answer broke off'));
  void reply.send(stream);
}

/** RFC 9110 §12.4.2: a weight of zero is "not acceptable". */
const acceptedIn = (header: string | undefined) => rangesOf(header).filter(({ weight }) => weight > 0);

// A comma inside quotes belongs to a parameter, as in profile="…".
function rangesOf(header: string | undefined): { type: string; isPlain: boolean; weight: number }[] {
  const parts = header?.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return parts.map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const [weight = '1'] = parameters.flatMap(
      (parameter) => /^q=([01](?:\.\d*)?)$/.exec(parameter)?.[1] ?? [],
    );
    const isPlain = parameters.every((parameter) => /^(profile|q)=|^$/.test(parameter));
    return { type, isPlain, weight: Number(weight) };
  });
}
