// Which media type an answer gets (JSON:API 1.1 §5.2): JSON:API's own where the request accepts it, else plain JSON.

import { jsonApiMediaType } from '@chargeyard/contract/json_api';
import { refused } from './errors.ts';

const plainJson = 'application/json; charset=utf-8';

/**
 * Answers the media type for an Accept header.
 *
 * @throws {RequestRefused} not_acceptable when JSON:API's media type is there, but only with parameters other than
 *         `profile` and `q`, and nothing else that could be sent
 */
export function answeredMediaType(accept: string | undefined): string {
  if (accept === undefined) return plainJson;
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const isPlain = parameters.every((parameter) => /^(profile|q)=/.test(parameter) || parameter === '');
    return { type, isPlain };
  });
  const ofJsonApi = ranges.filter(({ type }) => type === jsonApiMediaType);
  if (ofJsonApi.some(({ isPlain }) => isPlain)) return jsonApiMediaType;
  if (ofJsonApi.length === 0 || ranges.some(({ type }) => /^(\*\/\*|application\/(\*|json))$/.test(type))) {
    return plainJson;
  }
  throw refused('not_acceptable', `${jsonApiMediaType} is sent without media type parameters only.`, {
    source: { header: 'Accept' },
  });
}
