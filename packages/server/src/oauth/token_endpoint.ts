// The token endpoint (RFC 6749 §4.4, client credentials) under the three paths that clients of the CPO API know: the
// quickstart's /token, Amazon Cognito's /oauth2/token and Auth0's /oauth/token. Read it from the bottom: one step, one
// rule.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { allRights, canonicalScope, includesScope } from '@chargeyard/contract/scopes';
import type { TokenResponse } from '@chargeyard/contract/oauth';
import type { RegisteredApiClient } from '../domain/index.ts';
import { Unavailable } from '../domain/index.ts';
import { originOf } from '../hosts.ts';
import { takeUtf8Bodies } from '../utf8_body.ts';
import type { AccessTokens } from './access_tokens.ts';
import { authenticatedClient, clientCredentials } from './client_authentication.ts';
import { TokenError } from './errors.ts';
import { tokenParameters } from './parameters.ts';
import { accessTokenLifetimeSeconds } from './signing_keys.ts';

export const tokenPaths = ['/token', '/oauth2/token', '/oauth/token'] as const;
// Auth0 names the granted scope in its answer; the others only where it differs from what was asked (RFC 6749 §5.1).
const alwaysNamesScope = '/oauth/token';
const largestBodyBytes = 16_384;

export type TokenEndpointDeps = {
  readonly accessTokens: AccessTokens;
  readonly findApiClient: (clientId: string) => Promise<RegisteredApiClient | undefined>;
  readonly tenantSlugOfHost: (host: string | undefined) => string | undefined;
};

export function tokenEndpoint(app: FastifyInstance, deps: TokenEndpointDeps): void {
  takeUtf8Bodies(app, {
    notUtf8: () => new TokenError('invalid_request', 'The body is not in UTF-8.'),
    limitBytes: largestBodyBytes,
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
  });
  app.setErrorHandler((error, request, reply) => answerError(tokenErrorFrom(error), request, reply));

  for (const url of tokenPaths) {
    app.route({ method: 'POST', url, handler: (request) => answerToken(request, deps) });
    app.route({
      method: app.supportedMethods.filter((method) => method !== 'POST'),
      url,
      handler: () => {
        throw new TokenError('invalid_request', 'Access tokens are fetched by POST.', {
          status: 405,
          headers: { allow: 'POST' },
        });
      },
    });
  }
}

async function answerToken(request: FastifyRequest, deps: TokenEndpointDeps): Promise<TokenResponse> {
  const [path, query] = splitOnce(request.url, '?');
  const parameters = tokenParameters(
    query,
    mediaTypeOf(request),
    typeof request.body === 'string' ? request.body : '',
  );
  requireClientCredentialsGrant(parameters.get('grant_type'));
  const credentials = clientCredentials(request.headers.authorization, parameters);
  const client = await authenticatedClient(
    credentials,
    deps.findApiClient,
    deps.tenantSlugOfHost(request.host),
  );
  requireLicence(client);
  const scopes = grantedScopes(parameters.get('scope'), client.scopes);
  return {
    access_token: await deps.accessTokens.issue(client, scopes, originOf(request)),
    ...(namesScope(path, scopes, client.scopes) ? { scope: scopes.join(' ') } : {}),
    expires_in: accessTokenLifetimeSeconds,
    token_type: 'Bearer',
  };
}

function requireClientCredentialsGrant(grantType: string | undefined): void {
  if (grantType === undefined)
    throw new TokenError('invalid_request', 'The parameter grant_type is missing.');
  if (grantType !== 'client_credentials') {
    throw new TokenError('unsupported_grant_type', 'The only grant_type here is client_credentials.');
  }
}

function requireLicence(client: RegisteredApiClient): void {
  if (client.cpoApiIsLicensed) return;
  throw new TokenError(
    'unauthorized_client',
    'The CPO API is not licensed for the tenant of this API client.',
  );
}

/** Asked for none, a client gets all that it has; asked for some, just those (RFC 6749 §3.3). */
function grantedScopes(asked: string | undefined, given: readonly string[]): readonly string[] {
  if (asked === undefined) return given;
  const scopes = asked.split(' ').filter((scope) => scope !== '');
  const refused = scopes.find((scope) => {
    const canonical = canonicalScope(scope);
    return (
      canonical === undefined ||
      !(canonical === allRights ? given.includes(allRights) : includesScope(given, canonical))
    );
  });
  if (refused !== undefined || scopes.length === 0) {
    throw new TokenError(
      'invalid_scope',
      'This API client was not given each of the scopes that were asked for.',
    );
  }
  return [...new Set(scopes)];
}

function namesScope(path: string, granted: readonly string[], given: readonly string[]): boolean {
  return path.replace(/\/$/, '') === alwaysNamesScope || granted.join(' ') !== given.join(' ');
}

function tokenErrorFrom(error: unknown): TokenError {
  if (error instanceof TokenError) return error;
  if (error instanceof Unavailable) {
    return new TokenError('temporarily_unavailable', 'The server is not ready. Try again in a few seconds.', {
      headers: { 'retry-after': '5' },
      cause: error,
    });
  }
  const status = (error as { statusCode?: number }).statusCode;
  if (status === 413) {
    return new TokenError('invalid_request', `The body is larger than ${largestBodyBytes} bytes.`, {
      status,
    });
  }
  if (status !== undefined && status < 500) {
    return new TokenError('invalid_request', 'The request cannot be read.', { cause: error });
  }
  return new TokenError('server_error', 'The server failed. Its log has the cause under this X-Request-Id.', {
    cause: error,
  });
}

function answerError(error: TokenError, request: FastifyRequest, reply: FastifyReply): void {
  if (error.status >= 500) request.log.error({ err: error }, 'the token endpoint failed');
  void reply.code(error.status).headers(error.headers).send(error.response);
}

function mediaTypeOf(request: FastifyRequest): string | undefined {
  return request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
