// Libraries that know nothing of Chargeyard get tokens from it and verify them.

import { JwtVerifier, JwtRsaVerifier } from 'aws-jwt-verify';
import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { testApp } from '../test_app.ts';

const app = testApp();

let slug: string;
let client: { clientId: string; clientSecret: string };

beforeAll(async () => {
  const tenant = await aTenant(app.store);
  slug = tenant.slug;
  client = await anApiClient(app.store, tenant.id);
  await aChargingStation(app.store, tenant.id);
});

/** `fetch` for hosts that no resolver knows: the connection goes to localhost, the Host header says where to. */
async function fetchOnLocalhost(
  url: string,
  init: { method?: string | undefined; headers?: unknown; body?: unknown } = {},
): Promise<Response> {
  const { hostname, pathname, search } = new URL(url);
  const headers = Object.fromEntries(new Headers(init.headers as Record<string, string>));
  const body =
    init.body === undefined || init.body === null
      ? undefined
      : await new Response(init.body as string | URLSearchParams).text();
  const answer = await app.ask(pathname + search, {
    host: hostname,
    method: init.method ?? 'GET',
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return new Response(answer.text, {
    status: answer.status,
    headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]),
  });
}

const hosts = [
  ['the bare host', () => `http://localhost:${app.port}`],
  ['the tenant’s host', () => `http://${slug}.localhost:${app.port}`],
] as const;

async function expectStations(issuer: string, accessToken: string): Promise<void> {
  const answer = await fetchOnLocalhost(`${issuer}/api/cpoapi/v1/charging_stations/`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect(await answer.json()).toMatchObject({ meta: { pagination: { total: 1 } } });
}

describe.each(hosts)('openid-client on %s', (_host, issuer) => {
  it.each([
    ['client_secret_basic', openid.ClientSecretBasic],
    ['client_secret_post', openid.ClientSecretPost],
  ] as const)('discovers, gets a token by %s and lists stations', async (_method, authentication) => {
    const configuration = await openid.discovery(
      new URL(issuer()),
      client.clientId,
      undefined,
      authentication(client.clientSecret),
      { execute: [openid.allowInsecureRequests], [openid.customFetch]: fetchOnLocalhost },
    );
    const token = await openid.clientCredentialsGrant(configuration);
    expect(token).toEqual({ access_token: expect.any(String), expires_in: 86_400, token_type: 'bearer' });
    await expectStations(issuer(), token.access_token);
  });

  it('discovers by RFC 8414 and is challenged for a wrong secret', async () => {
    const configuration = await openid.discovery(
      new URL(issuer()),
      client.clientId,
      undefined,
      openid.ClientSecretBasic('wrong'),
      {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
        [openid.customFetch]: fetchOnLocalhost,
      },
    );
    await expect(
      openid.clientCredentialsGrant(configuration, { scope: 'cpoapi:charging_stations:read' }),
    ).rejects.toMatchObject({ code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE', status: 401 });
  });
});

describe.each(hosts)('oauth4webapi on %s', (_host, issuer) => {
  const options = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: fetchOnLocalhost };

  it.each(['oidc', 'oauth2'] as const)('takes the metadata of %s discovery', async (algorithm) => {
    const at = new URL(issuer());
    const answer = await oauth.discoveryRequest(at, { ...options, algorithm });
    const server = await oauth.processDiscoveryResponse(at, answer);
    expect(server).toEqual({
      issuer: issuer(),
      token_endpoint: `${issuer()}/oauth2/token`,
      jwks_uri: `${issuer()}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      scopes_supported: [
        'cpoapi:*',
        'cpoapi:charging_stations:read',
        'cpoapi:charging_stations:write',
        'cpoapi:connectors:read',
        'cpoapi:connectors:write',
        'cpoapi:companies:read',
        'cpoapi:companies:write',
        'cpoapi:charging_station_models:read',
        'cpoapi:charging_station_models:write',
        'cpoapi:locations:read',
        'cpoapi:locations:write',
        'cpoapi:maintenance_windows:read',
        'cpoapi:maintenance_windows:write',
        'cpoapi:driver_tokens:read',
        'cpoapi:driver_tokens:write',
        'cpoapi:waiting_charging_stations:read',
        'cpoapi:waiting_charging_stations:write',
        'cpoapi:webhooks:read',
        'cpoapi:webhooks:write',
        'cpoapi:technicians:read',
        'cpoapi:errors:read',
        'cpoapi:configurations:read',
        'cpoapi:transactions:read',
        'cpoapi:meter_values:read',
        'cpoapi:latest_meter_values:read',
        'cpoapi:communication_log:read',
        'cpoapi:station_files:read',
        'cpoapi:station_reports:read',
        'cpoapi:events:read',
        'cpoapi:remote_commands:read',
        'cpoapi:remote_commands:execute',
      ],
    });
  });

  it.each([
    ['client_secret_basic', oauth.ClientSecretBasic],
    ['client_secret_post', oauth.ClientSecretPost],
  ] as const)('gets a token by %s, with a narrower scope named', async (_method, authentication) => {
    const at = new URL(issuer());
    const server = await oauth.processDiscoveryResponse(
      at,
      await oauth.discoveryRequest(at, { ...options, algorithm: 'oauth2' }),
    );
    const party = { client_id: client.clientId };
    const answer = await oauth.clientCredentialsGrantRequest(
      server,
      party,
      authentication(client.clientSecret),
      { scope: 'cpoapi:charging_stations:read' },
      options,
    );
    const token = await oauth.processClientCredentialsResponse(server, party, answer);
    expect(token).toEqual({
      access_token: expect.any(String),
      scope: 'cpoapi:charging_stations:read',
      expires_in: 86_400,
      token_type: 'bearer',
    });
    await expectStations(issuer(), token.access_token);
  });

  it('reads the challenge of a wrong secret by Basic', async () => {
    const server = { issuer: issuer(), token_endpoint: `${issuer()}/oauth2/token` };
    const party = { client_id: client.clientId };
    const answer = await oauth.clientCredentialsGrantRequest(
      server,
      party,
      oauth.ClientSecretBasic('wrong'),
      {},
      options,
    );
    await expect(oauth.processClientCredentialsResponse(server, party, answer)).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: 'basic', parameters: { realm: 'Chargeyard', charset: 'UTF-8' } }],
    });
  });

  it('reads the error of a wrong secret by post', async () => {
    const server = { issuer: issuer(), token_endpoint: `${issuer()}/oauth2/token` };
    const party = { client_id: client.clientId };
    const answer = await oauth.clientCredentialsGrantRequest(
      server,
      party,
      oauth.ClientSecretPost('wrong'),
      {},
      options,
    );
    await expect(oauth.processClientCredentialsResponse(server, party, answer)).rejects.toMatchObject({
      status: 400,
      error: 'invalid_client',
    });
  });
});

const jwksCache = () =>
  new SimpleJwksCache({
    fetcher: { fetch: async (uri) => (await fetchOnLocalhost(uri)).arrayBuffer() },
  });

/** A verifier that asks of a token's claims what aws-jwt-verify's Cognito verifier does. */
const verifierOf = (issuer: string, wanted: { tokenUse: 'access' | 'id'; clientId: string }) =>
  JwtVerifier.create(
    {
      issuer,
      audience: null,
      jwksUri: `${issuer}/.well-known/jwks.json`,
      customJwtCheck: ({ payload }) => validateCognitoJwtFields(payload, wanted),
    },
    { jwksCache: jwksCache() },
  );

describe.each(hosts)('verifiers of tokens issued on %s', (_host, issuer) => {
  async function token(): Promise<string> {
    const answer = await fetchOnLocalhost(
      `${issuer()}/token?${new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.clientId,
        client_secret: client.clientSecret,
      }).toString()}`,
      { method: 'POST' },
    );
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  const jwksUri = () => `${issuer()}/.well-known/jwks.json`;
  it.each([
    ['JwtVerifier', JwtVerifier],
    ['JwtRsaVerifier', JwtRsaVerifier],
  ] as const)('aws-jwt-verify’s %s takes them as Cognito’s access tokens', async (_name, verifier) => {
    const verify = verifier.create(
      {
        issuer: issuer(),
        audience: null,
        jwksUri: jwksUri(),
        customJwtCheck: ({ payload }) =>
          validateCognitoJwtFields(payload, { tokenUse: 'access', clientId: client.clientId }),
        scope: 'cpoapi:*',
      },
      { jwksCache: jwksCache() },
    );
    expect(await verify.verify(await token())).toMatchObject({
      client_id: client.clientId,
      sub: client.clientId,
      scope: 'cpoapi:*',
      version: 2,
      tenant: slug,
    });
  });

  it('aws-jwt-verify refuses them as id tokens and for another client', async () => {
    const accessToken = await token();
    const as = (wanted: { tokenUse: 'access' | 'id'; clientId: string }) =>
      verifierOf(issuer(), wanted).verify(accessToken);
    await expect(as({ tokenUse: 'id', clientId: client.clientId })).rejects.toThrow(/token use/i);
    await expect(as({ tokenUse: 'access', clientId: 'other' })).rejects.toThrow(/client id/i);
  });

  it('jose takes them with a remote key set', async () => {
    const keys = createRemoteJWKSet(new URL(jwksUri()), {
      [joseFetch]: (url: string, init: object) => fetchOnLocalhost(url, init),
    });
    const { payload, protectedHeader } = await jwtVerify(await token(), keys, {
      issuer: issuer(),
      algorithms: ['RS256'],
      requiredClaims: ['sub', 'client_id', 'token_use', 'scope', 'iat', 'exp', 'auth_time', 'jti'],
    });
    expect(payload.sub).toBe(client.clientId);
    expect(Object.keys(protectedHeader)).toEqual(['alg', 'kid']);
  });
});

it('aws-jwt-verify fetches the public keys itself when the server is reached by name', async () => {
  const accessToken = await anAccessToken(app.origin, client);
  const verifier = JwtVerifier.create(
    { issuer: app.origin, audience: null, jwksUri: `${app.origin}/.well-known/jwks.json` },
    {
      jwksCache: new SimpleJwksCache({ fetcher: { fetch: async (uri) => (await fetch(uri)).arrayBuffer() } }),
    },
  );
  expect(await verifier.verify(accessToken)).toMatchObject({ client_id: client.clientId });
});
