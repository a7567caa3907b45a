import { errorCodes } from '@chargeyard/contract/error_codes';
import type { ErrorCode } from '@chargeyard/contract/error_codes';
import { ErrorDocument } from '@chargeyard/contract/json_api';
import { Check } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { answerError } from '../../src/json_api/errors.ts';
import { Conflict, InvalidToken, NotFound, Unavailable } from '../../src/domain/index.ts';
import { aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';

const app = testApp();
const path = '/api/cpoapi/v1/charging_stations/';
const readOnly = '/api/cpoapi/v1/openapi.json';

let authorization: string;

beforeAll(async () => {
  const tenant = await aTenant(app.store);
  authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
});

function expectError(answer: Answer, code: ErrorCode): void {
  const { status, title } = errorCodes[code];
  expect({ status: answer.status, body: answer.json() }).toEqual({
    status,
    body: {
      errors: [
        expect.objectContaining({
          id: answer.headers['x-request-id'],
          status: String(status),
          code,
          title,
          detail: expect.stringMatching(/^[A-Z].*\.$/),
        }),
      ],
    },
  });
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(Check(ErrorDocument, answer.json())).toBe(true);
}

const askWithIds = () => app.ask('/none', { headers: { 'x-request-id': 'mine', 'request-id': 'mine' } });

describe('the CPO API answers in JSON:API’s form', () => {
  it.each([
    '/api/cpoapi/v1',
    '/api/cpoapi/v1/',
    '/api/cpoapi/v1/none',
    '/api/cpoapi/v1/charging_station/',
    '/api/cpoapi/v1/charging_stations/1/none',
    '/api/cpoapi/v2/charging_stations/',
    '/api',
    '/',
    '/none',
    '/API/cpoapi/v1/charging_stations/',
    '/api/cpoapi/v1//charging_stations/',
  ])('404 for the unknown path %s, whoever asks', async (unknown) => {
    expectError(await app.ask(unknown, { headers: { authorization } }), 'not_found');
    expectError(await app.ask(unknown), 'not_found');
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('404 for an unknown path by %s', async (method) => {
    expectError(await app.ask('/api/cpoapi/v1/none', { method }), 'not_found');
    expectError(
      await app.ask('/api/cpoapi/v1/none', {
        method,
        body: '<a/>',
        headers: { 'content-type': 'application/xml' },
      }),
      'not_found',
    );
  });

  const aSingle = `${path}01a20000-0000-7000-8000-000000000000`;
  const ofList = 'GET, HEAD, POST';
  const ofSingle = 'GET, HEAD, PUT, PATCH, DELETE';
  it.each([
    ...[path, path.slice(0, -1)].map(
      (at) => [at, ofList, ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']] as const,
    ),
    ...[aSingle, `${aSingle}/`].map((at) => [at, ofSingle, ['POST', 'OPTIONS', 'TRACE']] as const),
    [readOnly, 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']] as const,
    [path, ofList, ['PROPFIND', 'REPORT', 'LINK']] as const,
    [aSingle, ofSingle, ['PROPFIND', 'REPORT', 'LINK']] as const,
  ])('405 at %s with Allow: %s for %s', async (at, allow, methods) => {
    for (const method of methods) {
      const answer = await app.ask(at, { method, headers: { authorization } });
      expectError(answer, 'method_not_allowed');
      expect({ method, allow: answer.headers.allow }).toEqual({ method, allow });
    }
  });

  it.each([
    ['JSON', 'application/json', '{"label":"x"}'],
    ['broken JSON', 'application/json', '{'],
    ['a JSON:API document', 'application/vnd.api+json', '{"data":{}}'],
    ['XML', 'application/xml', '<a/>'],
    ['an empty body', 'application/json', ''],
  ])('405 for a POST with %s to what cannot be added to', async (_what, contentType, body) => {
    const answer = await app.ask(readOnly, {
      method: 'POST',
      body,
      headers: { authorization, 'content-type': contentType },
    });
    expectError(answer, 'method_not_allowed');
  });

  it.each(['/api/cpoapi/v1/%zz', `${path}%`, `${path}%e0%a4%a`, '/%c0%80'])(
    '400 for the path %s, whose percent-encoding is broken',
    async (broken) => {
      expectError(await app.ask(broken, { headers: { authorization } }), 'bad_request');
    },
  );

  it('413 for a body of 10 MB, and goes on serving', async () => {
    const answer = await app.ask(path, {
      method: 'POST',
      body: Buffer.alloc(10 * 1024 * 1024, '{'),
      headers: { authorization, 'content-type': 'application/json' },
    });
    expectError(answer, 'payload_too_large');
    expect((await app.ask(path, { headers: { authorization } })).status).toBe(200);
  });

  it('with a request id of its own each time, whatever the client sends', async () => {
    const [one, other] = await Promise.all([askWithIds(), askWithIds()]);
    expect(one.headers['x-request-id']).not.toBe(other.headers['x-request-id']);
    expect(one.headers['x-request-id']).not.toBe('mine');
  });

  it('and its good answers have a request id too', async () => {
    const answer = await app.ask(path, { headers: { authorization } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

/** Answers what is sent for an error, and what is logged. */
function answered(error: unknown) {
  const sent = { status: 0, headers: {} as Record<string, string>, body: undefined as unknown };
  const logged: unknown[] = [];
  const reply = {
    hasHeader: () => false,
    getHeader: () => undefined,
    type: () => reply,
    code: (status: number) => {
      sent.status = status;
      return reply;
    },
    header: () => reply,
    headers: (headers: Record<string, string>) => {
      sent.headers = headers;
      return reply;
    },
    send: (text: string) => {
      sent.body = JSON.parse(text);
      return reply;
    },
  };
  const request = { id: 'r1', headers: {}, log: { error: (entry: unknown) => void logged.push(entry) } };
  answerError(error, request as never, reply as never);
  return { ...sent, logged };
}

describe('answerError', () => {
  it.each([
    [
      new NotFound('There is no such charging station.'),
      404,
      'not_found',
      'There is no such charging station.',
    ],
    [
      new InvalidToken('The access token has expired.'),
      401,
      'invalid_token',
      'The access token has expired.',
    ],
    [new Unavailable('private'), 503, 'not_ready', 'The server is not ready. Try again in a few seconds.'],
  ])('translates %s', (error, status, code, detail) => {
    expect(answered(error)).toMatchObject({
      status,
      body: { errors: [{ id: 'r1', status: String(status), code, detail }] },
    });
  });

  it('says Retry-After when the server is not ready', () => {
    expect(answered(new Unavailable('private')).headers).toEqual({ 'retry-after': '5' });
  });

  it.each([
    ['an error that nobody foresaw', new Error('secret cause')],
    ['what is no error', 'secret cause'],
    ['a rule that its route did not foresee', new Conflict('secret cause')],
  ])('lets nothing out of %s, and logs it', (_what, error) => {
    const { status, body, logged } = answered(error);
    expect({ status, body }).toEqual({
      status: 500,
      body: {
        errors: [
          {
            id: 'r1',
            status: '500',
            code: 'internal_error',
            title: 'The server failed',
            detail: 'The server failed. Its log has the cause under this error’s id.',
          },
        ],
      },
    });
    expect(logged).toEqual([{ err: error }]);
  });
});
