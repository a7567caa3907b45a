import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ErrorDocument } from '@chargeyard/contract/json_api';
import { SignJWT, decodeJwt, importJWK } from 'jose';
import type { JWK, JWTPayload } from 'jose';
import { Check } from 'typebox/value';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const clock = aClock(start);
const app = testApp({ clock });
const dayMs = 86_400_000;

let tenant: { id: string; slug: string };
let client: { clientId: string; clientSecret: string };
let accessToken: string;
/** What its tokens name the client's secret by. */
let secretId: string;

beforeAll(async () => {
  tenant = await aTenant(app.store);
  client = await anApiClient(app.store, tenant.id);
  await aChargingStation(app.store, tenant.id);
  accessToken = await anAccessToken(app.origin, client);
  secretId = String(decodeJwt(accessToken)['secret_id']);
});

beforeEach(() => {
  clock.moveTo(start);
});

const list = (authorization: string | undefined, host = 'localhost') =>
  app.ask('/api/cpoapi/v1/charging_stations/', {
    host,
    headers: authorization === undefined ? {} : { authorization },
  });

/** The signing key as the database has it: what nobody outside can have. */
async function signingKey(): Promise<{ kid: string; privateJwk: JWK }> {
  const [row] = await app.database.look<{ kid: string; private_jwk: JWK }>(
    'select kid, private_jwk from signing_keys order by signs_from limit 1',
  );
  if (row === undefined) throw new Error('there is no signing key');
  return { kid: row.kid, privateJwk: row.private_jwk };
}

function claims(changed: Record<string, unknown> = {}): JWTPayload {
  const now = start.getTime() / 1000;
  const all: Record<string, unknown> = {
    sub: client.clientId,
    client_id: client.clientId,
    secret_id: secretId,
    token_use: 'access',
    scope: 'cpoapi:*',
    iss: app.origin,
    iat: now,
    exp: now + 86_400,
    ...changed,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

async function signedByUs(payload: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
  const { kid, privateJwk } = await signingKey();
  const key = await importJWK(privateJwk, 'RS256');
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(key);
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function expectInvalidToken(answer: Answer): void {
  expect({ status: answer.status, body: answer.json() }).toEqual({
    status: 401,
    body: {
      errors: [
        {
          id: answer.headers['x-request-id'],
          status: '401',
          code: 'invalid_token',
          title: 'The access token is not valid',
          detail: expect.stringMatching(/\.$/),
          source: { header: 'Authorization' },
        },
      ],
    },
  });
  expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  expect(Check(ErrorDocument, answer.json())).toBe(true);
}

describe('the Authorization header', () => {
  it.each([
    ['the token alone, as the documentation’s samples', (token: string) => token],
    ['Bearer (RFC 6750 §2.1)', (token: string) => `Bearer ${token}`],
    ['bearer', (token: string) => `bearer ${token}`],
    ['BEARER', (token: string) => `BEARER ${token}`],
    ['spaces around and between', (token: string) => `  Bearer   ${token}  `],
    ['the token alone with spaces around', (token: string) => `  ${token}  `],
  ])('%s', async (_form, header) => {
    const answer = await list(header(accessToken));
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ meta: { pagination: { total: 1 } } });
  });

  it.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is blank', '   '],
  ])(
    'that %s is 401 missing_token with a challenge and no error in it (RFC 6750 §3.1)',
    async (_how, header) => {
      const answer = await list(header);
      expect({ status: answer.status, body: answer.json() }).toEqual({
        status: 401,
        body: {
          errors: [
            {
              id: answer.headers['x-request-id'],
              status: '401',
              code: 'missing_token',
              title: 'An access token is required',
              detail: 'Send the access token in the header Authorization: Bearer <access_token>.',
              source: { header: 'Authorization' },
            },
          ],
        },
      });
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="Chargeyard"');
    },
  );

  it.each([
    ['Bearer alone', 'Bearer'],
    ['garbage', 'garbage'],
    ['dots alone', '..'],
    ['three parts of garbage', 'a.b.c'],
    ['two words', 'one two three'],
    ['Basic', `Basic ${Buffer.from('a:b').toString('base64')}`],
    ['a header that is no JSON', `${Buffer.from('nonsense').toString('base64url')}.e30.AAAA`],
    ['a header that is null', `${part(null)}.e30.AAAA`],
    ['a header without kid', `${part({ alg: 'RS256' })}.${part({})}.AAAA`],
    ['a kid that is a number', `${part({ alg: 'RS256', kid: 1 })}.${part({})}.AAAA`],
    ['characters beyond ASCII', 'Bearer tökén'],
    ['a long token', `Bearer ${'a'.repeat(8_000)}`],
  ])('with %s is 401 invalid_token', async (_what, header) => {
    expectInvalidToken(await list(header));
  });
});

describe('an access token is refused', () => {
  it('from the second on in which it expires', async () => {
    const expires = start.getTime() + dayMs;
    clock.moveTo(new Date(expires - 1));
    expect((await list(accessToken)).status).toBe(200);
    clock.moveTo(new Date(expires));
    expectInvalidToken(await list(accessToken));
  });

  it('expired, when it was never seen before', async () => {
    const unseen = await signedByUs(claims({ jti: 'unseen' }));
    clock.moveBy(dayMs);
    expectInvalidToken(await list(unseen));
  });

  it.each([
    ['alg none and no signature', { alg: 'none' }, ''],
    ['alg none, our signature kept', { alg: 'none' }, undefined],
    ['alg NONE', { alg: 'NONE' }, ''],
  ])('with %s', async (_how, header, signature) => {
    const { kid } = await signingKey();
    const kept = signature ?? accessToken.split('.')[2] ?? '';
    expectInvalidToken(await list(`${part({ ...header, kid })}.${part(claims())}.${kept}`));
    expectInvalidToken(await list(`${part(header)}.${part(claims())}.${kept}`));
  });

  it('signed by HS256 with our public key as the secret', async () => {
    const { kid, privateJwk } = await signingKey();
    const { kty, n, e } = privateJwk;
    const publicKey: KeyObject = createPublicKey({ key: { kty, n, e } as never, format: 'jwk' });
    const secrets = [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'pkcs1', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
    ];
    const answers = secrets.map((secret) => {
      const signed = `${part({ alg: 'HS256', kid })}.${part(claims())}`;
      return list(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`);
    });
    for (const answer of await Promise.all(answers)) expectInvalidToken(answer);
  });

  it('with a payload that was changed after it was signed', async () => {
    const [header, , signature] = accessToken.split('.');
    expectInvalidToken(await list(`${header}.${part(claims({ exp: 9_999_999_999 }))}.${signature}`));
  });

  it('with a signature that was changed, also after the right one was seen', async () => {
    await list(accessToken);
    const at = accessToken.lastIndexOf('.') + 10;
    const other = accessToken[at] === 'A' ? 'B' : 'A';
    expectInvalidToken(await list(accessToken.slice(0, at) + other + accessToken.slice(at + 1)));
  });

  it('signed by another RSA key under our kid, or under its own', async () => {
    const { kid } = await signingKey();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const sign = (header: { kid: string; jwk?: JWK }) =>
      new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', ...header }).sign(privateKey);
    expectInvalidToken(await list(await sign({ kid })));
    expectInvalidToken(await list(await sign({ kid: 'unknown' })));
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK;
    expectInvalidToken(await list(await sign({ kid, jwk })));
  });

  it.each([
    ['an id token', { token_use: 'id' }],
    ['without token_use', { token_use: undefined }],
    ['without exp', { exp: undefined }],
    ['without client_id', { client_id: undefined }],
    ['without secret_id', { secret_id: undefined }],
    ['fetched with another secret', { secret_id: '0'.repeat(16) }],
    ['without scope', { scope: undefined }],
    ['with a client_id that is no string', { client_id: 1 }],
    ['with a scope that is no string', { scope: ['cpoapi:*'] }],
    ['with an exp that is no number', { exp: 'tomorrow' }],
    ['not valid yet', { nbf: start.getTime() / 1000 + 60 }],
    ['of a client that never was', { client_id: '0'.repeat(26) }],
  ])('that is %s, though our key signed it', async (_what, changed) => {
    expectInvalidToken(await list(await signedByUs(claims(changed))));
  });

  it('with a critical header that we do not understand, though our key signed it', async () => {
    const token = await signedByUs(claims(), { crit: ['unknown'], unknown: true }).catch(() => undefined);
    const { kid } = await signingKey();
    const forged = `${part({ alg: 'RS256', kid, crit: ['unknown'], unknown: true })}.${part(claims())}.AAAA`;
    expectInvalidToken(await list(token ?? forged));
  });

  it('that our key signed is taken: the tests above would see it', async () => {
    expect((await list(await signedByUs(claims()))).status).toBe(200);
  });

  it('on the host of another tenant, and of one that does not exist', async () => {
    const other = await aTenant(app.store);
    await aChargingStation(app.store, other.id);
    expect((await list(accessToken, `${tenant.slug}.localhost`)).status).toBe(200);
    expectInvalidToken(await list(accessToken, `${other.slug}.localhost`));
    expectInvalidToken(await list(accessToken, 'nobody.localhost'));
  });
});

describe('an API client that was changed', () => {
  it('deleted: its token stops within a second and not at its expiry', async () => {
    const gone = await anApiClient(app.store, tenant.id);
    const itsToken = await anAccessToken(app.origin, gone);
    expect((await list(itsToken)).status).toBe(200);
    await app.store.apiClients.delete(wholeTenant(tenant.id), gone.clientId);
    clock.moveBy(600);
    expectInvalidToken(await list(itsToken));
    clock.moveBy(dayMs / 2);
    expectInvalidToken(await list(itsToken));
  });

  it('deleted before its token was ever shown: refused at once', async () => {
    const gone = await anApiClient(app.store, tenant.id);
    const itsToken = await anAccessToken(app.origin, gone);
    await app.store.apiClients.delete(wholeTenant(tenant.id), gone.clientId);
    expectInvalidToken(await list(itsToken));
  });

  it('with a scope taken away: its token may no more what it names', async () => {
    const lesser = await anApiClient(app.store, tenant.id);
    const itsToken = await anAccessToken(app.origin, lesser);
    expect((await list(itsToken)).status).toBe(200);
    await app.database.look(`update api_clients set scopes = '{cpoapi:nothing:read}' where client_id = $1`, [
      lesser.clientId,
    ]);
    clock.moveBy(600);
    expect((await list(itsToken)).status).toBe(403);
  });

  it('left with a part of its rights: its token may still do that part', async () => {
    const lesser = await anApiClient(app.store, tenant.id);
    const itsToken = await anAccessToken(app.origin, lesser);
    await app.database.look(
      `update api_clients set scopes = '{cpoapi:charging_stations:read}' where client_id = $1`,
      [lesser.clientId],
    );
    expect((await list(itsToken)).status).toBe(200);
  });

  it('bound to a company afterwards: its token sees that company from then on', async () => {
    const bound = await anApiClient(app.store, tenant.id);
    const itsToken = await anAccessToken(app.origin, bound);
    const companyId = crypto.randomUUID();
    await app.store.companies.insert(tenant.id, {
      id: companyId,
      name: 'Empty',
      parentId: undefined,
      createdAt: start,
    });
    await app.database.look(
      `update api_clients set company_id = $2, visibility = 'company' where client_id = $1`,
      [bound.clientId, companyId],
    );
    expect((await list(itsToken)).json()).toMatchObject({ data: [], meta: { pagination: { total: 0 } } });
  });
});

describe('scope at the API', () => {
  it('that is not enough is 403 insufficient_scope with a challenge (RFC 6750 §3.1)', async () => {
    const token = await signedByUs(claims({ scope: 'cpoapi:something_else:read' }));
    const answer = await list(token);
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 403,
      body: {
        errors: [
          {
            id: answer.headers['x-request-id'],
            status: '403',
            code: 'insufficient_scope',
            title: 'The caller lacks a scope',
            detail: 'This request needs the scope cpoapi:charging_stations:read.',
          },
        ],
      },
    });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer error="insufficient_scope", scope="cpoapi:charging_stations:read"',
    );
  });

  it.each(['cpoapi:*', 'cpoapi:charging_stations:read', 'cpoapi:charging_stations:write'])(
    '%s may read charging stations',
    async (scope) => {
      const its = await anApiClient(app.store, tenant.id, { scopes: [scope] });
      expect((await list(await anAccessToken(app.origin, its))).status).toBe(200);
    },
  );
});
