// The parameters of a token request, from wherever a client puts them: the query string (be.ENERGISED's quickstart),
// a form (RFC 6749 §4.4.2), a JSON object (Auth0). RFC 6749 §3.2: none twice, an empty one counts as left out, an
// unknown one is ignored.

import { TokenError } from './errors.ts';

/**
 * Answers the parameters of a token request.
 *
 * @param query       the request's query string without `?`
 * @param contentType the media type without parameters, lower case; undefined when there is none
 * @param body        the request's body, '' for none
 * @throws {TokenError} invalid_request for a parameter that comes twice, or a body that cannot be read
 */
export function tokenParameters(
  query: string,
  contentType: string | undefined,
  body: string,
): Map<string, string> {
  const parameters = new Map<string, string>();
  const given = new Set<string>();
  for (const [name, value] of [...new URLSearchParams(query), ...bodyParameters(contentType, body)]) {
    if (given.has(name))
      throw new TokenError('invalid_request', `The parameter ${shown(name)} is given more than once.`);
    given.add(name);
    if (value !== '') parameters.set(name, value);
  }
  return parameters;
}

function bodyParameters(contentType: string | undefined, body: string): Iterable<[string, string]> {
  if (body === '') return [];
  switch (contentType) {
    case 'application/json':
      return jsonParameters(body);
    case 'application/x-www-form-urlencoded':
      return new URLSearchParams(body);
    default:
      throw new TokenError(
        'invalid_request',
        'The body must be application/x-www-form-urlencoded or application/json.',
      );
  }
}

function jsonParameters(body: string): [string, string][] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw new TokenError('invalid_request', 'The body is not valid JSON.', { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new TokenError('invalid_request', 'The body must be a JSON object.');
  }
  return Object.entries(parsed).map(([name, value]) => {
    if (typeof value !== 'string') {
      throw new TokenError('invalid_request', `The parameter ${shown(name)} must be a string.`);
    }
    return [name, value];
  });
}

// error_description allows only printable ASCII without " and \ (RFC 6749 §5.2).
function shown(name: string): string {
  return name.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?').slice(0, 40);
}
