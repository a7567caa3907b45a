// The door of the authorization server: issues access tokens to API clients and tells whose a token is.

import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { ApiClientPrincipal } from '../domain/index.ts';
import type { Store } from '../store/index.ts';
import { createAccessTokens } from './access_tokens.ts';
import { tokenEndpointDescription } from './description.ts';
import { metadataEndpoints } from './metadata.ts';
import { createSigningKeys } from './signing_keys.ts';
import { tokenEndpoint } from './token_endpoint.ts';

export type AuthorizationServer = {
  /** Adds the token endpoint, the metadata and the public keys to an HTTP server. */
  register(app: FastifyInstance): Promise<void>;
  /** What the API's description says of the token endpoint. */
  readonly description: typeof tokenEndpointDescription;
  /** Answers who asks, or throws `InvalidToken`. */
  checkAccessToken(accessToken: string): Promise<ApiClientPrincipal>;
};

export function createAuthorizationServer(deps: {
  store: Pick<Store, 'apiClients' | 'signingKeys'>;
  clock: Clock;
  newId: () => string;
  tenantSlugOfHost: (host: string | undefined) => string | undefined;
}): AuthorizationServer {
  const { store, clock, newId, tenantSlugOfHost } = deps;
  const findApiClient = (clientId: string) => store.apiClients.find(clientId);
  const signingKeys = createSigningKeys({ store: store.signingKeys, clock });
  const accessTokens = createAccessTokens({ signingKeys, findApiClient, clock, newId });
  return {
    async register(app) {
      await app.register(async (scoped) =>
        tokenEndpoint(scoped, { accessTokens, findApiClient, tenantSlugOfHost }),
      );
      await app.register(async (scoped) => metadataEndpoints(scoped, { signingKeys }));
    },
    description: tokenEndpointDescription,
    checkAccessToken: (accessToken) => accessTokens.check(accessToken),
  };
}
