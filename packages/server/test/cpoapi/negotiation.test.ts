import { ErrorDocument } from '@chargeyard/contract/json_api';
import { Check } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { testApp } from '../test_app.ts';

const app = testApp();
const path = '/api/cpoapi/v1/charging_stations/';
const plain = 'application/json; charset=utf-8';
const jsonApi = 'application/vnd.api+json';

let authorization: string;

beforeAll(async () => {
  const tenant = await aTenant(app.store);
  authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
});

describe('the media type of an answer (JSON:API 1.1 §5.2)', () => {
  it.each([
    ['*/*', plain],
    ['application/json', plain],
    ['application/*', plain],
    ['text/html', plain],
    ['', plain],
    [jsonApi, jsonApi],
    ['application/VND.API+JSON', jsonApi],
    [`application/json, ${jsonApi}`, jsonApi],
    [`${jsonApi};q=0.9, */*;q=0.1`, jsonApi],
    [`${jsonApi}; profile="https://profiles.example/a"`, jsonApi],
    [`${jsonApi}; ext="https://ext.example/a", ${jsonApi}`, jsonApi],
    [`${jsonApi}; ext="https://ext.example/a", application/json`, plain],
    [`${jsonApi}; charset=utf-8, */*`, plain],
    [`${jsonApi};q=0, application/json`, plain],
  ])('is for Accept "%s": %s', async (accept, contentType) => {
    const answer = await app.ask(path, { headers: { authorization, accept } });
    expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
      status: 200,
      type: contentType,
    });
  });

  it('is plain JSON without an Accept header', async () => {
    const answer = await app.ask(path, { headers: { authorization } });
    expect(answer.headers['content-type']).toBe(plain);
  });

  it.each([
    `${jsonApi}; ext="https://ext.example/a"`,
    `${jsonApi}; charset=utf-8`,
    `${jsonApi}; ext=a, ${jsonApi}; charset=utf-8`,
    `${jsonApi}; ext=a, text/html`,
  ])('is 406 for Accept "%s"', async (accept) => {
    const answer = await app.ask(path, { headers: { authorization, accept } });
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 406,
      body: {
        errors: [
          {
            id: answer.headers['x-request-id'],
            status: '406',
            code: 'not_acceptable',
            title: 'No acceptable media type can be sent',
            detail: 'The media type application/vnd.api+json is sent without parameters only.',
            source: { header: 'Accept' },
          },
        ],
      },
    });
  });

  it.each([
    ['400 for a parameter', `${path}?unknown=1`, 400],
    ['400 for a path', '/api/cpoapi/v1/%zz', 400],
    ['401', path, 401],
    ['404 for a station', `${path}none`, 404],
    ['404 for a path', '/api/cpoapi/v1/none', 404],
    ['405', path, 405],
  ])('is JSON:API’s for an error too, where that is accepted: %s', async (_which, at, status) => {
    const answer = await app.ask(at, {
      method: status === 405 ? 'DELETE' : 'GET',
      headers: { accept: jsonApi, ...(status === 401 ? {} : { authorization }) },
    });
    expect(answer.status).toBe(status);
    expect(Check(ErrorDocument, answer.json())).toBe(true);
    expect(answer.headers['content-type']).toBe(jsonApi);
  });
});

describe('the media type of a request (JSON:API 1.1 §5.2)', () => {
  it.each([`${jsonApi}; charset=utf-8`, `${jsonApi}; ext="https://ext.example/a"`])(
    'with a parameter that is not known is 415, also without a body: %s',
    async (contentType) => {
      const answer = await app.ask(path, { headers: { authorization, 'content-type': contentType } });
      expect({ status: answer.status, errors: answer.json() }).toMatchObject({
        status: 415,
        errors: { errors: [{ code: 'unsupported_media_type', source: { header: 'Content-Type' } }] },
      });
    },
  );

  it.each(['application/json', jsonApi, `${jsonApi}; profile="https://profiles.example/a"`, 'text/plain'])(
    'does not matter on a GET otherwise: %s',
    async (contentType) => {
      const answer = await app.ask(path, { headers: { authorization, 'content-type': contentType } });
      expect(answer.status).toBe(200);
    },
  );
});
