import { randomBytes } from 'node:crypto';
import { TokenErrorResponse, TokenResponse } from '@chargeyard/contract/oauth';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { Check } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import { aTenant, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer, AskedRequest } from '../test_app.ts';

const clock = aClock();
const app = testApp({ clock });

let tenant: { id: string; slug: string };
let client: { clientId: string; clientSecret: string };

beforeAll(async () => {
  tenant = await aTenant(app.store);
  client = await anApiClient(app.store, tenant.id);
});

const form = 'application/x-www-form-urlencoded';

/** The three parameters of the quickstart, with others added, changed (`undefined`: left out). */
function parameters(changed: Record<string, string | undefined> = {}): Record<string, string> {
  const all = {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    ...changed,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const encoded = (values: Record<string, string>) => new URLSearchParams(values).toString();
const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;

/** The quickstart's form of request: all in the query string, a form's media type, an empty body. */
function askAsQuickstart(
  changed: Record<string, string | undefined> = {},
  request: AskedRequest = {},
): Promise<Answer> {
  return app.ask(`/token?${encoded(parameters(changed))}`, {
    method: 'POST',
    ...request,
    headers: { 'content-type': form, ...request.headers },
  });
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  return app.ask(path, { method: 'POST', body, headers: { 'content-type': form, ...headers } });
}

function expectToken(answer: Answer, members = ['access_token', 'expires_in', 'token_type']): void {
  expect({ status: answer.status, body: answer.json() }).toEqual({
    status: 200,
    body: expect.objectContaining({ expires_in: 86_400, token_type: 'Bearer' }),
  });
  expect(Object.keys(answer.json<object>())).toEqual(members);
  expect(Check(TokenResponse, answer.json())).toBe(true);
}

function expectError(answer: Answer, status: number, error: string): void {
  expect({ status: answer.status, body: answer.json() }).toEqual({
    status,
    body: { error, error_description: expect.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/) },
  });
  expect(Check(TokenErrorResponse, answer.json())).toBe(true);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-request-id': expect.stringMatching(/./),
  });
}

describe('what a token request may look like', () => {
  it('the quickstart: parameters in the query string, form content type, empty body', async () => {
    const answer = await askAsQuickstart();
    const { access_token: accessToken } = answer.json<{ access_token: string }>();
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(`{"access_token":"${accessToken}","expires_in":86400,"token_type":"Bearer"}`);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      pragma: 'no-cache',
    });
  });

  it.each(['/token', '/oauth2/token', '/token/', '/oauth2/token/'])(
    'a form in the body of %s (RFC 6749 §4.4.2)',
    async (path) => {
      expectToken(await post(path, encoded(parameters())));
    },
  );

  it.each(['/oauth/token', '/oauth/token/'])(
    'the Auth0 form: JSON at %s, the audience ignored, the scope named',
    async (path) => {
      const body = parameters({ audience: 'https://*.beenergised.cloud/api/cpoapi/v1/' });
      const answer = await post(path, JSON.stringify(body), { 'content-type': 'application/json' });
      expectToken(answer, ['access_token', 'scope', 'expires_in', 'token_type']);
      expect(answer.json()).toMatchObject({ scope: 'cpoapi:*' });
    },
  );

  it.each(['/token', '/oauth2/token', '/oauth/token'])('HTTP Basic at %s (RFC 6749 §2.3.1)', async (path) => {
    const answer = await post(path, 'grant_type=client_credentials', {
      authorization: basic(client.clientId, client.clientSecret),
    });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ token_type: 'Bearer' });
  });

  it.each([
    ['application/x-www-form-urlencoded; charset=UTF-8', encoded],
    ['application/x-www-form-urlencoded;charset=utf-8', encoded],
    ['APPLICATION/X-WWW-FORM-URLENCODED', encoded],
    ['application/json; charset=utf-8', JSON.stringify],
    ['application/json', JSON.stringify],
  ])('a body of %s', async (contentType, write) => {
    expectToken(await post('/token', write(parameters()), { 'content-type': contentType }));
  });

  it('parameters partly in the query string and partly in the body', async () => {
    const { grant_type: grantType, ...others } = parameters();
    expectToken(await post(`/token?grant_type=${grantType}`, encoded(others)));
  });

  it('no content type and no body', async () => {
    const answer = await app.ask(`/token?${encoded(parameters())}`, { method: 'POST' });
    expectToken(answer);
  });

  it('the scheme of the Authorization header in any case', async () => {
    const authorization = basic(client.clientId, client.clientSecret).replace('Basic', 'BASIC');
    expectToken(await post('/token', 'grant_type=client_credentials', { authorization }));
  });

  it('the same client_id beside Basic', async () => {
    const authorization = basic(client.clientId, client.clientSecret);
    expectToken(
      await post('/token', `grant_type=client_credentials&client_id=${client.clientId}`, { authorization }),
    );
  });

  it('an unknown parameter is ignored (RFC 6749 §3.2)', async () => {
    expectToken(await askAsQuickstart({ resource: 'anything' }));
  });

  it('on the host of the own tenant', async () => {
    expectToken(await askAsQuickstart({}, { host: `${tenant.slug}.localhost` }));
  });
});

describe('the access token', () => {
  it('is an RS256 JWT with the claims of a Cognito access token and the tenant', async () => {
    const answer = await askAsQuickstart({}, { host: `${tenant.slug}.localhost` });
    const { access_token: accessToken } = answer.json<{ access_token: string }>();
    const jwks = (await app.ask('/.well-known/jwks.json')).json<{ keys: { kid: string }[] }>();
    const now = clock.now().getTime() / 1000;
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'RS256', kid: jwks.keys[0]?.kid });
    expect(decodeJwt(accessToken)).toEqual({
      sub: client.clientId,
      client_id: client.clientId,
      secret_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      token_use: 'access',
      scope: 'cpoapi:*',
      iss: `http://${tenant.slug}.localhost:${app.port}`,
      iat: now,
      auth_time: now,
      exp: now + 86_400,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      version: 2,
      tenant: tenant.slug,
    });
  });

  it('has a jti of its own each time', async () => {
    const answers = await Promise.all([askAsQuickstart(), askAsQuickstart()]);
    const [one, other] = answers.map(
      (answer) => decodeJwt(answer.json<{ access_token: string }>().access_token).jti,
    );
    expect(one).not.toBe(other);
  });
});

const scopeOf = (answer: Answer) => decodeJwt(answer.json<{ access_token: string }>().access_token)['scope'];

describe('scopes (RFC 6749 §3.3)', () => {
  const reading = 'cpoapi:charging_stations:read';
  const writing = 'cpoapi:charging_stations:write';

  it('a narrower scope that was asked for is granted and named in the answer', async () => {
    const answer = await askAsQuickstart({ scope: reading });
    expectToken(answer, ['access_token', 'scope', 'expires_in', 'token_type']);
    expect(answer.json()).toMatchObject({ scope: reading });
    expect(scopeOf(answer)).toBe(reading);
  });

  it('the client’s own scope that was asked for is not named', async () => {
    expectToken(await askAsQuickstart({ scope: 'cpoapi:*' }));
  });

  it('writing includes reading', async () => {
    const writer = await anApiClient(app.store, tenant.id, { scopes: [writing] });
    const answer = await askAsQuickstart({
      client_id: writer.clientId,
      client_secret: writer.clientSecret,
      scope: reading,
    });
    expect(scopeOf(answer)).toBe(reading);
  });

  it('cpo_api:* of the older quickstart is taken as cpoapi:* and works at the API', async () => {
    const answer = await askAsQuickstart({ scope: 'cpo_api:*' });
    expect(answer.status).toBe(200);
    const { access_token: accessToken } = answer.json<{ access_token: string }>();
    const list = await app.ask('/api/cpoapi/v1/charging_stations/', {
      headers: { authorization: accessToken },
    });
    expect({ status: list.status, body: list.json() }).toMatchObject({ status: 200, body: { data: [] } });
  });

  it.each(['cpoapi:*', 'cpo_api:*', writing, `${reading} ${writing}`, 'cpoapi:nothing:read', 'openid', ' '])(
    'refuses "%s" to a client that may only read charging stations',
    async (scope) => {
      const reader = await anApiClient(app.store, tenant.id, { scopes: [reading] });
      const answer = await askAsQuickstart({
        client_id: reader.clientId,
        client_secret: reader.clientSecret,
        scope,
      });
      expectError(answer, 400, 'invalid_scope');
    },
  );
});

describe('a client that cannot be authenticated', () => {
  it('a wrong secret is 400 invalid_client when it came as a parameter', async () => {
    const answer = await askAsQuickstart({ client_secret: 'wrong' });
    expectError(answer, 400, 'invalid_client');
    expect(answer.headers).not.toHaveProperty('www-authenticate');
  });

  it('a wrong secret is 401 with WWW-Authenticate when it came by Basic (RFC 6749 §5.2)', async () => {
    const answer = await post('/token', 'grant_type=client_credentials', {
      authorization: basic(client.clientId, 'wrong'),
    });
    expectError(answer, 401, 'invalid_client');
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+"/);
  });

  it('an unknown client gets the same answer as a wrong secret', async () => {
    const wrong = await askAsQuickstart({ client_secret: 'wrong' });
    const unknown = await askAsQuickstart({ client_id: '0'.repeat(26) });
    expect({ status: unknown.status, text: unknown.text }).toEqual({
      status: wrong.status,
      text: wrong.text,
    });
  });

  it('another tenant’s client gets the same answer on this tenant’s host, and a token on its own', async () => {
    const other = await aTenant(app.store);
    const foreign = await askAsQuickstart({}, { host: `${other.slug}.localhost` });
    const wrong = await askAsQuickstart({ client_secret: 'wrong' });
    expect({ status: foreign.status, text: foreign.text }).toEqual({
      status: wrong.status,
      text: wrong.text,
    });
  });

  it('no client gets a token on the host of a tenant that does not exist', async () => {
    expectError(await askAsQuickstart({}, { host: 'nobody.localhost' }), 400, 'invalid_client');
  });

  it.each([
    ['no base64', 'Basic §§§'.replaceAll('§', '!')],
    ['no colon inside', `Basic ${Buffer.from('abc').toString('base64')}`],
    ['a broken percent-encoding inside', `Basic ${Buffer.from('a%zz:b').toString('base64')}`],
    ['nothing behind the scheme', 'Basic'],
    ['another scheme', 'Bearer abc'],
    ['a NUL in the client_id', `Basic ${Buffer.from('a%00b:c').toString('base64')}`],
  ])('an Authorization header with %s is 401 invalid_client', async (_what, authorization) => {
    const answer = await post('/token', 'grant_type=client_credentials', { authorization });
    expectError(answer, 401, 'invalid_client');
    expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
  });

  it('a NUL in the client_id is an unknown client', async () => {
    expectError(await askAsQuickstart({ client_id: 'a\0b' }), 400, 'invalid_client');
  });

  it('a deleted client gets no token', async () => {
    const gone = await anApiClient(app.store, tenant.id);
    await app.store.apiClients.delete(wholeTenant(tenant.id), gone.clientId);
    const answer = await askAsQuickstart({ client_id: gone.clientId, client_secret: gone.clientSecret });
    expectError(answer, 400, 'invalid_client');
  });
});

describe('a tenant without the licence of the CPO API', () => {
  it('is unauthorized_client at the token endpoint, and 403 at the API for tokens from before', async () => {
    const unlicensed = await aTenant(app.store);
    const its = await anApiClient(app.store, unlicensed.id);
    const credentials = { client_id: its.clientId, client_secret: its.clientSecret };
    const before = (await askAsQuickstart(credentials)).json<{ access_token: string }>().access_token;
    await app.database.look('update tenants set cpo_api_is_licensed = false where id = $1', [unlicensed.id]);

    expectError(await askAsQuickstart(credentials), 400, 'unauthorized_client');
    const list = await app.ask('/api/cpoapi/v1/charging_stations/', {
      headers: { authorization: `Bearer ${before}` },
    });
    expect({ status: list.status, body: list.json() }).toEqual({
      status: 403,
      body: {
        errors: [
          {
            id: list.headers['x-request-id'],
            status: '403',
            code: 'cpo_api_not_licensed',
            title: 'The CPO API is not licensed for this tenant',
            detail: expect.any(String),
          },
        ],
      },
    });
  });

  it('is not told to whoever does not know the secret', async () => {
    const unlicensed = await aTenant(app.store);
    const its = await anApiClient(app.store, unlicensed.id);
    await app.database.look('update tenants set cpo_api_is_licensed = false where id = $1', [unlicensed.id]);
    expectError(
      await askAsQuickstart({ client_id: its.clientId, client_secret: 'wrong' }),
      400,
      'invalid_client',
    );
  });
});

describe('a request that is wrong', () => {
  it.each(['grant_type', 'client_id', 'client_secret'])('without %s', async (name) => {
    const answer = await askAsQuickstart({ [name]: undefined });
    expectError(answer, 400, 'invalid_request');
    expect(answer.json()).toMatchObject({ error_description: expect.stringContaining(name) });
  });

  it.each(['grant_type', 'client_id', 'client_secret'])(
    'with an empty %s, which counts as left out (RFC 6749 §3.2)',
    async (name) => {
      const answer = await askAsQuickstart({ [name]: '' });
      expectError(answer, 400, 'invalid_request');
      expect(answer.text).toBe((await askAsQuickstart({ [name]: undefined })).text);
    },
  );

  it('an empty scope counts as left out too', async () => {
    expectToken(await askAsQuickstart({ scope: '' }));
  });

  it.each(['password', 'authorization_code', 'refresh_token', 'CLIENT_CREDENTIALS'])(
    'grant_type %s is not supported',
    async (grantType) => {
      expectError(await askAsQuickstart({ grant_type: grantType }), 400, 'unsupported_grant_type');
    },
  );

  it.each(['grant_type', 'client_id', 'client_secret', 'scope', 'unknown'])(
    'with %s twice in the query string, twice in the body, or once in each',
    async (name) => {
      const once = parameters({ scope: 'cpoapi:*', unknown: 'x' });
      const again = `${name}=${encodeURIComponent(once[name] ?? '')}`;
      const answers = [
        await post(`/token?${encoded(once)}&${again}`, ''),
        await post('/token', `${encoded(once)}&${again}`),
        await post(`/token?${again}`, encoded(once)),
      ];
      for (const answer of answers) {
        expectError(answer, 400, 'invalid_request');
        expect(answer.json()).toMatchObject({ error_description: expect.stringContaining(name) });
      }
    },
  );

  it('with a client secret by Basic and in the body', async () => {
    const answer = await post('/token', encoded(parameters()), {
      authorization: basic(client.clientId, client.clientSecret),
    });
    expectError(answer, 400, 'invalid_request');
  });

  it('with one client_id by Basic and another in the body', async () => {
    const answer = await post('/token', 'grant_type=client_credentials&client_id=other', {
      authorization: basic(client.clientId, client.clientSecret),
    });
    expectError(answer, 400, 'invalid_request');
  });

  it.each([
    ['broken', '{"grant_type":'],
    ['an array', '["grant_type"]'],
    ['null', 'null'],
    ['a string', '"grant_type=client_credentials"'],
    ['with a number', '{"grant_type":1}'],
    ['with null', '{"grant_type":null}'],
    ['with an object', '{"grant_type":{"a":"b"}}'],
  ])('with JSON that is %s', async (_what, body) => {
    expectError(await post('/token', body, { 'content-type': 'application/json' }), 400, 'invalid_request');
  });

  it.each(['application/xml', 'text/plain', 'multipart/form-data; boundary=x', 'nonsense'])(
    'with a body of %s',
    async (contentType) => {
      const answer = await post('/token', encoded(parameters()), { 'content-type': contentType });
      expectError(answer, 400, 'invalid_request');
    },
  );

  it.each(['application/x-www-form-urlencoded', 'application/json'])(
    'with a body of %s that is not in UTF-8',
    async (contentType) => {
      const body = Buffer.from('{"grant_type":"\xe4"}', 'latin1');
      const answer = await app.ask('/token', {
        method: 'POST',
        headers: { 'content-type': contentType },
        body,
      });
      expectError(answer, 400, 'invalid_request');
    },
  );

  it('with a body and no content type', async () => {
    const answer = await app.ask('/token', { method: 'POST', body: encoded(parameters()) });
    expectError(answer, 400, 'invalid_request');
  });

  it('with a parameter’s name that may not stand in an error_description', async () => {
    expectError(await post('/token', '"\\ü\n=1&"\\ü\n=2'), 400, 'invalid_request');
  });

  it('with a body of 10 MB is 413, and the server goes on', async () => {
    const body = `grant_type=${randomBytes(5 * 1024 * 1024).toString('hex')}`;
    expectError(await post('/token', body), 413, 'invalid_request');
    expectToken(await askAsQuickstart());
  });

  it('with a body of 10 MB of unknown length is 413 too', async () => {
    const body = Buffer.alloc(10 * 1024 * 1024, 'a');
    const answer = await app.ask('/token', {
      method: 'POST',
      body,
      headers: { 'content-type': form, 'transfer-encoding': 'chunked' },
    });
    expectError(answer, 413, 'invalid_request');
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('by %s is 405 with Allow', async (method) => {
    const answer = await askAsQuickstart({}, { method });
    expectError(answer, 405, 'invalid_request');
    expect(answer.headers.allow).toBe('POST');
  });

  it('by HEAD is 405 with Allow and no body', async () => {
    const answer = await app.ask('/token', { method: 'HEAD' });
    expect({ status: answer.status, allow: answer.headers.allow, text: answer.text }).toEqual({
      status: 405,
      allow: 'POST',
      text: '',
    });
  });
});

describe('secrets', () => {
  it('are not in the log, wherever they were in the request and whatever the answer was', async () => {
    const secret = client.clientSecret;
    const header = basic(client.clientId, secret);
    const token = (await askAsQuickstart()).json<{ access_token: string }>().access_token;
    await post('/token', encoded(parameters()));
    await post('/token', JSON.stringify(parameters()), { 'content-type': 'application/json' });
    await post('/token', 'grant_type=client_credentials', { authorization: header });
    await askAsQuickstart({ grant_type: 'password' });
    await askAsQuickstart({ client_id: 'unknown' });
    await askAsQuickstart({ client_id: 'a\0b' });
    await post(`/token?${encoded(parameters())}`, encoded(parameters()));
    await app.ask(`/token%zz?${encoded(parameters())}`, { method: 'POST' });
    await app.ask(`/unknown?${encoded(parameters())}`, { method: 'POST' });
    await app.ask('/api/cpoapi/v1/charging_stations/', { headers: { authorization: token } });
    await app.ask('/api/cpoapi/v1/unknown', { headers: { authorization: `Bearer ${token}` } });

    const log = app.logged.join('\n');
    expect(log).toContain('"path":"/token"');
    for (const hidden of [secret, header, header.replace('Basic ', ''), token]) {
      expect(log).not.toContain(hidden);
    }
  });

  it('are kept as salted hashes only', async () => {
    const rows = await app.database.look<{ secret_hash: string }>('select * from api_clients');
    const text = JSON.stringify(rows);
    expect(text).not.toContain(client.clientSecret);
    expect(rows.map((row) => row.secret_hash)).toEqual(
      rows.map(() => expect.stringMatching(/^sha256\$[0-9a-f]{32}\$[0-9a-f]{64}$/)),
    );
    expect(new Set(rows.map((row) => row.secret_hash)).size).toBe(rows.length);
  });
});
