// What the API's description (OpenAPI 3.1) says of the token endpoint: a Path Item Object per path.

import { TokenErrorResponse, TokenResponse } from '@chargeyard/contract/oauth';
import { tokenPaths } from './token_endpoint.ts';

type Json = { readonly [member: string]: unknown };

const text = { type: 'string' };
// Each may stand in the query string as well as in the body, so none is required in one place.
const parameters = {
  grant_type: { type: 'string', const: 'client_credentials' },
  client_id: text,
  client_secret: { type: 'string', format: 'password' },
  scope: { type: 'string', description: 'Separated by spaces; without it, all that the API client has.' },
};
const body = {
  schema: { type: 'object', properties: parameters },
  examples: {
    clientCredentials: {
      value: { grant_type: 'client_credentials', client_id: 'CLIENT_ID', client_secret: 'CLIENT_SECRET' },
    },
  },
};

const headers = { 'Cache-Control': { schema: { type: 'string', const: 'no-store' } } };
const refusal = (description: string): Json => ({
  description,
  headers,
  content: { 'application/json': { schema: TokenErrorResponse } },
});

function operation(path: string): Json {
  const name = path.replace('/token', '').replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase());
  return {
    operationId: `fetchAccessToken${name}`,
    summary: 'Fetch an access token (RFC 6749 §4.4, client credentials)',
    tags: ['access_tokens'],
    security: [{ basic: [] }, {}],
    parameters: Object.entries(parameters).map(([parameter, schema]) => ({
      name: parameter,
      in: 'query',
      schema,
    })),
    requestBody: { content: { 'application/x-www-form-urlencoded': body, 'application/json': body } },
    responses: {
      200: {
        description: 'The access token, valid for expires_in seconds.',
        headers,
        content: { 'application/json': { schema: TokenResponse } },
      },
      400: refusal('The request, the credentials or the scope are refused (RFC 6749 §5.2).'),
      401: refusal('The credentials in the Authorization header are wrong.'),
      413: refusal('The body is too large.'),
      500: refusal('The server failed.'),
      503: refusal('The server is not ready.'),
    },
  };
}

export const tokenEndpointDescription = {
  tokenPath: tokenPaths[0],
  paths: Object.fromEntries(tokenPaths.map((path) => [path, { post: operation(path) }])),
  securitySchemes: {
    basic: {
      type: 'http',
      scheme: 'basic',
      description: 'client_id and client_secret, at the token endpoint.',
    },
  },
};
