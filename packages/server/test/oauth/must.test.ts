// What RFC 6749 (the client credentials grant) says an authorization server MUST and MUST NOT do, and RFC 6750 a resource
// server, section by section, and where Chargeyard deviates on purpose. More of the token endpoint is in
// token_endpoint.test.ts.

import { TokenErrorResponse } from '@chargeyard/contract/oauth';
import { Check } from 'typebox/value';
import { beforeAll, expect } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import { newSecret } from '../../src/ids.ts';
import { aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { conformsTo } from '../conformance.ts';
import type { ConformanceRow } from '../conformance.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';

const clock = aClock();
const app = testApp({ clock });
const scope = 'cpoapi:charging_stations:read';

let tenantId: string;
let client: { clientId: string; clientSecret: string };
let accessToken: string;

beforeAll(async () => {
  ({ id: tenantId } = await aTenant(app.store));
  client = await anApiClient(app.store, tenantId, { scopes: [scope, 'cpoapi:companies:read'] });
  accessToken = await anAccessToken(app.origin, client);
});

type Parameters = Readonly<Record<string, string>>;
const grant: Parameters = { grant_type: 'client_credentials' };
const withSecret = (): Parameters => ({
  ...grant,
  client_id: client.clientId,
  client_secret: client.clientSecret,
});
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const ownBasic = () => ({ authorization: basic(client.clientId, client.clientSecret) });

/** Sends a token request as RFC 6749 §4.4.2 has it. */
const fetchToken = (body: Parameters | string, headers: Parameters = {}) =>
  app.ask('/oauth2/token', {
    method: 'POST',
    body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

const list = (authorization?: string, at = '/api/cpoapi/v1/charging_stations') =>
  app.ask(at, { headers: authorization === undefined ? {} : { authorization } });

function expectError(answer: Answer, status: number, error: string): void {
  expect([answer.status, answer.json<{ error: string }>().error]).toEqual([status, error]);
  expect(Check(TokenErrorResponse, answer.json())).toBe(true);
}

const aToken = {
  access_token: expect.stringMatching(/^[\w.-]+$/) as string,
  token_type: 'Bearer',
  expires_in: 86_400,
};

const challengeOf = ({ status, headers }: Answer) => [status, headers['www-authenticate']];

/** One of each kind of refusal at the token endpoint. */
const refusals = async (): Promise<[Answer, number, string][]> => {
  const unlicensed = await aTenant(app.store);
  const its = await anApiClient(app.store, unlicensed.id);
  await app.database.look('update tenants set cpo_api_is_licensed = false where id = $1', [unlicensed.id]);
  return [
    [await fetchToken({ ...withSecret(), grant_type: '' }), 400, 'invalid_request'],
    [await fetchToken({ ...withSecret(), client_secret: 'wrong' }), 400, 'invalid_client'],
    [
      await fetchToken({ ...grant, client_id: its.clientId, client_secret: its.clientSecret }),
      400,
      'unauthorized_client',
    ],
    [await fetchToken({ ...withSecret(), grant_type: 'password' }), 400, 'unsupported_grant_type'],
    [await fetchToken({ ...withSecret(), scope: 'cpoapi:*' }), 400, 'invalid_scope'],
  ];
};

const rfc6749: readonly ConformanceRow[] = [
  [
    '2.3',
    'A request with more than one way of authentication is refused',
    async () => expectError(await fetchToken(withSecret(), ownBasic()), 400, 'invalid_request'),
  ],
  [
    '2.3.1',
    'Clients authenticate by HTTP Basic, both halves form-urlencoded',
    async () => {
      expect((await fetchToken(grant, ownBasic())).status).toBe(200);
      const encoded = client.clientId.replace(/^./, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
      const authorization = basic(encoded, client.clientSecret);
      expect((await fetchToken(grant, { authorization })).status).toBe(200);
    },
  ],
  [
    '2.3.1',
    'Clients may authenticate by client_id and client_secret in the body',
    async () => expect((await fetchToken(withSecret())).status).toBe(200),
  ],
  [
    '2.3.1',
    'Deviation: Client credentials in the query string are taken',
    async () => {
      const query = new URLSearchParams(withSecret()).toString();
      expect((await app.ask(`/token?${query}`, { method: 'POST' })).status).toBe(200);
      expect(app.logged.join('\n')).not.toContain(client.clientSecret);
    },
  ],
  [
    '2.3.1',
    'Secrets cannot be guessed by trying',
    async () => {
      const secrets = [newSecret(), newSecret()];
      expect(new Set(secrets).size).toBe(2);
      expect(secrets).toEqual(secrets.map(() => expect.stringMatching(/^[0-9a-f]{64}$/)));
    },
  ],
  [
    '2.3.1',
    'Deviation: Requests without TLS are served',
    async () => {
      expect(app.origin).toMatch(/^http:/);
      expect((await fetchToken(withSecret())).status).toBe(200);
    },
  ],
  [
    '3.2',
    'Tokens are fetched by POST',
    async () => {
      const answer = await app.ask('/oauth2/token');
      expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    },
  ],
  [
    '3.2',
    'A parameter without a value counts as left out, one that is not known is ignored, none comes twice',
    async () => {
      const answer = await fetchToken({ ...withSecret(), scope: '', unknown: 'x' });
      expect({ status: answer.status, body: answer.json() }).toEqual({ status: 200, body: aToken });
      const twice = `${new URLSearchParams(withSecret()).toString()}&grant_type=client_credentials`;
      expectError(await fetchToken(twice), 400, 'invalid_request');
    },
  ],
  [
    '3.3',
    'Without a scope all of the client’s are granted; another scope than the client’s is named in the answer',
    async () => {
      expect((await fetchToken(withSecret())).json()).toEqual(aToken);
      expect((await fetchToken({ ...withSecret(), scope })).json()).toEqual({ ...aToken, scope });
    },
  ],
  [
    '4.4',
    'The grant is for confidential clients only: without its secret no client gets a token',
    async () => {
      expectError(await fetchToken({ ...grant, client_id: client.clientId }), 400, 'invalid_request');
      expectError(
        await fetchToken(grant, { authorization: basic(client.clientId, '') }),
        401,
        'invalid_client',
      );
    },
  ],
  [
    '4.4.2',
    'The grant_type must be client_credentials',
    async () => {
      const { grant_type: _left, ...others } = withSecret();
      expectError(await fetchToken(others), 400, 'invalid_request');
      expectError(await fetchToken({ ...others, grant_type: 'implicit' }), 400, 'unsupported_grant_type');
    },
  ],
  [
    '4.4.2',
    'The client is authenticated',
    async () => {
      expectError(await fetchToken({ ...withSecret(), client_secret: 'wrong' }), 400, 'invalid_client');
      expectError(await fetchToken({ ...withSecret(), client_id: 'nobody' }), 400, 'invalid_client');
    },
  ],
  [
    '4.4.3',
    'There is no refresh token',
    async () => expect((await fetchToken(withSecret())).json()).toEqual(aToken),
  ],
  [
    '5.1',
    'A token is 200 with access_token, token_type and expires_in, in JSON',
    async () => {
      const answer = await fetchToken(withSecret());
      expect({ status: answer.status, body: answer.json() }).toEqual({
        status: 200,
        body: aToken,
      });
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    },
  ],
  [
    '5.1',
    'Answers are not to be cached: Cache-Control: no-store, Pragma: no-cache',
    async () => {
      const answers = [await fetchToken(withSecret()), await fetchToken(grant)];
      const cached = answers.map(({ headers }) => [headers['cache-control'], headers.pragma]);
      expect(cached).toEqual([
        ['no-store', 'no-cache'],
        ['no-store', 'no-cache'],
      ]);
    },
  ],
  [
    '5.2',
    'A refusal is 400 in JSON with one of the codes, and no other characters than allowed',
    async () => {
      for (const [answer, status, error] of await refusals()) {
        expectError(answer, status, error);
        expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
        const values = Object.values(answer.json<Parameters>());
        expect(values.filter((value) => !/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value))).toEqual([]);
      }
    },
  ],
  [
    '5.2',
    'A client that tried Authorization is 401 with a challenge of its scheme',
    async () => {
      const answer = await fetchToken(grant, { authorization: basic(client.clientId, 'wrong') });
      expectError(answer, 401, 'invalid_client');
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+"/);
    },
  ],
];

const rfc6750: readonly ConformanceRow[] = [
  [
    '2.1',
    'Access tokens are taken from Authorization: Bearer, whatever the scheme’s case',
    async () => {
      const answers = [await list(`Bearer ${accessToken}`), await list(`bearer ${accessToken}`)];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    },
  ],
  [
    '2.1',
    'Deviation: The access token alone, without a scheme, is taken',
    async () => expect((await list(accessToken)).status).toBe(200),
  ],
  [
    '2.3',
    'Access tokens are not taken from the query string',
    async () => {
      const answer = await list(undefined, `/api/cpoapi/v1/charging_stations?access_token=${accessToken}`);
      expect(challengeOf(answer)).toEqual([401, 'Bearer realm="Chargeyard"']);
    },
  ],
  [
    '3',
    'A request without a token that is enough gets a challenge of the scheme Bearer, each attribute once',
    async () => {
      const others = await anApiClient(app.store, tenantId, { scopes: ['cpoapi:companies:read'] });
      const answers = [
        await list(),
        await list('Bearer nonsense'),
        await list(await anAccessToken(app.origin, others)),
      ];
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 403]);
      for (const { headers } of answers) {
        const [, attributes = ''] = /^Bearer (\S.*)$/.exec(String(headers['www-authenticate'])) ?? [];
        const names = attributes
          .split(', ')
          .map((each) => /^(\w+)="[\x20\x21\x23-\x5b\x5d-\x7e]+"$/.exec(each)?.[1]);
        expect(names).not.toContain(undefined);
        expect(names).toEqual([...new Set(names)]);
      }
    },
  ],
  [
    '3',
    'Deviation: The 403 of a tenant without a licence has no challenge',
    async () => {
      const unlicensed = await aTenant(app.store);
      const token = await anAccessToken(app.origin, await anApiClient(app.store, unlicensed.id));
      await app.database.look('update tenants set cpo_api_is_licensed = false where id = $1', [
        unlicensed.id,
      ]);
      expect(challengeOf(await list(token))).toEqual([403, undefined]);
    },
  ],
  [
    '3.1',
    'Without any token there is no error code in the challenge',
    async () => expect(challengeOf(await list())).toEqual([401, 'Bearer realm="Chargeyard"']),
  ],
  [
    '3.1',
    'A token that is expired, revoked or malformed is 401 invalid_token',
    async () => {
      const gone = await anApiClient(app.store, tenantId);
      const revoked = await anAccessToken(app.origin, gone);
      await app.store.apiClients.delete(wholeTenant(tenantId), gone.clientId);
      const expired = await anAccessToken(app.origin, client);
      expect((await list(expired)).status).toBe(200);
      const answers = [await list(revoked), await list('Bearer a.b.c'), await list('Bearer two tokens')];
      clock.moveBy(86_400_000);
      answers.push(await list(expired));
      accessToken = await anAccessToken(app.origin, client);
      expect(answers.map(challengeOf)).toEqual(answers.map(() => [401, 'Bearer error="invalid_token"']));
    },
  ],
  [
    '3.1',
    'A token without the scope is 403 insufficient_scope, with the scope that is needed',
    async () => {
      const answer = await list(accessToken, '/api/cpoapi/v1/locations');
      expect(challengeOf(answer)).toEqual([
        403,
        'Bearer error="insufficient_scope", scope="cpoapi:locations:read"',
      ]);
    },
  ],
];

conformsTo('RFC 6749', rfc6749);
conformsTo('RFC 6750', rfc6750);
