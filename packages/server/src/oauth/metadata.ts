// What others need to use and to verify our tokens: metadata (RFC 8414, and the same under OpenID Connect Discovery's
// path, which many libraries ask first) and the public keys (RFC 7517). The issuer is the origin that was asked.

import type { FastifyInstance } from 'fastify';
import { scopes } from '@chargeyard/contract/scopes';
import { originOf } from '../hosts.ts';
import type { SigningKeys } from './signing_keys.ts';

const metadataPaths = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];
const jwksPath = '/.well-known/jwks.json';
// A key is published a day before it signs, so an hour in a cache does no harm.
const cached = 'public, max-age=3600';

export function metadataEndpoints(app: FastifyInstance, deps: { signingKeys: SigningKeys }): void {
  for (const path of metadataPaths) {
    app.get(path, async (request, reply) => {
      const issuer = originOf(request);
      reply.header('cache-control', cached);
      return {
        issuer,
        token_endpoint: `${issuer}/oauth2/token`,
        jwks_uri: `${issuer}${jwksPath}`,
        grant_types_supported: ['client_credentials'],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        scopes_supported: scopes,
      };
    });
  }
  app.get(jwksPath, async (_request, reply) => {
    reply.header('cache-control', cached);
    return deps.signingKeys.jwks();
  });
}
