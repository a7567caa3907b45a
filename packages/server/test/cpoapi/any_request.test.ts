// Whatever is sent, the answer is of the protocol's own form and never the server's fault.

import { ErrorDocument } from '@chargeyard/contract/json_api';
import { TokenErrorResponse, TokenResponse } from '@chargeyard/contract/oauth';
import { ChargingStationPage } from '@chargeyard/contract/resources/charging_stations';
import * as fc from 'fast-check';
import { Check } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';

const app = testApp();
const path = '/api/cpoapi/v1/charging_stations/';
const runs = { numRuns: 200 };

let client: { clientId: string; clientSecret: string };
let authorization: string;

beforeAll(async () => {
  const tenant = await aTenant(app.store);
  await aChargingStation(app.store, tenant.id);
  client = await anApiClient(app.store, tenant.id);
  authorization = await anAccessToken(app.origin, client);
});

// What may stand in a request line: printable ASCII. Anything else reaches a server percent-encoded only.
const visible = (most: number) =>
  fc
    .array(fc.integer({ min: 0x21, max: 0x7e }), { maxLength: most })
    .map((codes) => String.fromCharCode(...codes));
const percentEncoded = fc
  .uint8Array({ maxLength: 12 })
  .map((bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
const name = fc.oneof(
  fc.constantFrom('page[limit]', 'page[offset]', 'page%5Blimit%5D', 'page', 'sort', 'filter[label]', ''),
  visible(12),
  percentEncoded,
);
const value = fc.oneof(
  fc.integer({ min: -10, max: 600 }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.double().map(String),
  visible(20),
  percentEncoded,
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
const query = fc
  .array(fc.tuple(name, value), { maxLength: 4 })
  .map((pairs) => pairs.map(([one, other]) => `${one}=${other}`).join('&'));
// Header values as Node takes them: Latin-1 without control characters.
const headerValue = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff })), {
    maxLength: 60,
  })
  .map((codes) => String.fromCharCode(...codes));

function expectErrorDocument(answer: Answer): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  const document = answer.json<{ errors: { status: string }[] }>();
  expect(Check(ErrorDocument, document)).toBe(true);
  expect(document.errors.map(({ status }) => status)).toEqual(
    document.errors.map(() => String(answer.status)),
  );
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
}

function expectPageOrError(answer: Answer): void {
  if (answer.status !== 200) return expectErrorDocument(answer);
  expect(Check(ChargingStationPage, answer.json())).toBe(true);
}

describe('the list of charging stations answers in its form', () => {
  it('any query string', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const answer = await app.ask(`${path}?${asked}`, { headers: { authorization } });
        expectPageOrError(answer);
      }),
      runs,
    );
  });

  it('any page', async () => {
    const whole = fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.maxSafeNat());
    await fc.assert(
      fc.asyncProperty(whole, whole, async (limit, offset) => {
        fc.pre(limit > 0);
        const answer = await app.ask(`${path}?page[limit]=${limit}&page[offset]=${offset}`, {
          headers: { authorization },
        });
        expect({ status: answer.status, body: answer.json() }).toMatchObject({
          status: 200,
          body: {
            meta: { pagination: { total: 1, limit: Math.min(limit, 500), offset, lastPage: true } },
          },
        });
        expect(Check(ChargingStationPage, answer.json())).toBe(true);
      }),
      runs,
    );
  });

  it('any Authorization header', async () => {
    const parts = fc.tuple(visible(20), visible(20), visible(20)).map((each) => each.join('.'));
    const header = fc.record({ alg: fc.constantFrom('RS256', 'none', 'HS256', ''), kid: fc.jsonValue() });
    const jwt = fc.tuple(header, fc.jsonValue(), visible(10)).map(([head, payload, signature]) =>
      [head, payload]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .concat(signature)
        .join('.'),
    );
    const scheme = fc.constantFrom('', 'Bearer ', 'bearer  ', 'Basic ');
    await fc.assert(
      fc.asyncProperty(scheme, fc.oneof(headerValue, parts, jwt), async (before, token) => {
        const answer = await app.ask(path, { headers: { authorization: before + token } });
        expect(answer.status).toBe(401);
        expectErrorDocument(answer);
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
      }),
      runs,
    );
  });

  it('any Accept header', async () => {
    const part = fc.oneof(
      fc.constantFrom(
        'application/vnd.api+json',
        '*/*',
        ';',
        ',',
        '; ext="a"',
        '; q=0',
        '; profile=b',
        'text/html',
      ),
      visible(6),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (accept) => {
        const answer = await app.ask(path, { headers: { authorization, accept: accept.join('') } });
        expect([200, 406]).toContain(answer.status);
        expect(Check(answer.status === 200 ? ChargingStationPage : ErrorDocument, answer.json())).toBe(true);
      }),
      runs,
    );
  });

  it('any Host header', async () => {
    const host = fc.oneof(
      visible(20),
      fc.domain(),
      fc.ipV6().map((address) => `[${address}]`),
    );
    await fc.assert(
      fc.asyncProperty(host, async (asked) => {
        const answer = await app.ask(path, { headers: { authorization, host: asked } });
        expect([200, 400, 401]).toContain(answer.status);
        expect(Check(answer.status === 200 ? ChargingStationPage : ErrorDocument, answer.json())).toBe(true);
      }),
      runs,
    );
  });
});

describe('any path gets an answer in its form', () => {
  it.each(['/', '/api/cpoapi/v1/', path, '/health', '/.well-known/'])('below %s', async (prefix) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(visible(30), percentEncoded), async (rest) => {
        const at = prefix + rest;
        // The list itself, by way of `?` and `#`.
        fc.pre(!/^\/api\/cpoapi\/v1\/charging_stations\/?([?;#]|$)/.test(at));
        const answer = await app.ask(at, { headers: { authorization } });
        expectErrorDocument(answer);
        expect([400, 404]).toContain(answer.status);
      }),
      runs,
    );
  });
});

function expectTokenForm(answer: Answer): void {
  expect([200, 400, 401]).toContain(answer.status);
  expect(Check(answer.status === 200 ? TokenResponse : TokenErrorResponse, answer.json())).toBe(true);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.text).toMatch(/^[\x20-\x7e]*$/);
}

describe('the token endpoint answers in RFC 6749’s form', () => {
  const parameterName = fc.oneof(
    fc.constantFrom('grant_type', 'client_id', 'client_secret', 'scope', 'audience'),
    visible(8),
    percentEncoded,
  );
  const parameterValue = fc.oneof(fc.constant('client_credentials'), visible(20), percentEncoded);
  const parameters = fc
    .array(fc.tuple(parameterName, parameterValue), { maxLength: 5 })
    .map((pairs) => pairs.map(([one, other]) => `${one}=${other}`).join('&'));

  it('any query string and any body', async () => {
    const contentType = fc.constantFrom(
      'application/x-www-form-urlencoded',
      'application/json',
      'text/plain',
      'nonsense',
    );
    const body = fc.oneof(parameters, fc.json(), fc.string({ unit: 'binary', maxLength: 30 }));
    await fc.assert(
      fc.asyncProperty(parameters, contentType, body, async (asked, type, sent) => {
        expectTokenForm(
          await app.ask(`/token?${asked}`, {
            method: 'POST',
            body: Buffer.from(sent),
            headers: { 'content-type': type },
          }),
        );
      }),
      runs,
    );
  });

  it('any credentials', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, text, fc.boolean(), async (id, secret, byBasic) => {
        const credentials = new URLSearchParams({ client_id: id, client_secret: secret }).toString();
        const encoded = Buffer.from(
          `${encodeURIComponent(id.toWellFormed())}:${encodeURIComponent(secret.toWellFormed())}`,
        ).toString('base64');
        const answer = await app.ask(
          `/token?grant_type=client_credentials${byBasic ? '' : `&${credentials}`}`,
          { method: 'POST', headers: byBasic ? { authorization: `Basic ${encoded}` } : {} },
        );
        expectTokenForm(answer);
        expect(answer.status).not.toBe(200);
      }),
      runs,
    );
  });

  it('any Authorization header', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', 'Basic ', 'basic  ', 'Bearer '),
        headerValue,
        async (scheme, rest) => {
          fc.pre((scheme + rest).trim() !== '');
          const answer = await app.ask('/token?grant_type=client_credentials', {
            method: 'POST',
            headers: { authorization: scheme + rest },
          });
          expectTokenForm(answer);
          expect(answer.status).toBe(401);
        },
      ),
      runs,
    );
  });

  it('any scope', async () => {
    const scope = fc.array(
      fc.oneof(fc.constantFrom('cpoapi:*', 'cpo_api:*', 'cpoapi:charging_stations:read'), visible(10)),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(scope, async (asked) => {
        const body = new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: client.clientId,
          client_secret: client.clientSecret,
          scope: asked.join(' '),
        }).toString();
        expectTokenForm(
          await app.ask('/token', {
            method: 'POST',
            body,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          }),
        );
      }),
      { numRuns: 60 },
    );
  });
});
