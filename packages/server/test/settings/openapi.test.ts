// The settings API's description holds what the server does, and nothing else: routes, answers, examples.

import { Validator } from '@seriousme/openapi-schema-validator';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createHttpServer } from '../../src/http_server.ts';
import { newId } from '../../src/ids.ts';
import { createSettings } from '../../src/settings/index.ts';
import { aUser, anApiClient } from '../builders.ts';
import { describedApi, examplePath, expectDescribed } from '../cpoapi/described_api.ts';
import type { DescribedApi, Operation } from '../cpoapi/described_api.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { cookieOf } from './signed_in.ts';

const app = testApp();
const url = '/api/settings/v1/openapi.json';
let api: DescribedApi;

beforeAll(async () => {
  api = await describedApi(app, url);
});

describe('the description of the settings API', () => {
  it('is OpenAPI 3.1 to an independent validator, and needs no session', async () => {
    const { text } = await app.ask(url);
    expect(await new Validator().validate(JSON.parse(text) as Record<string, unknown>)).toEqual({
      valid: true,
    });
  });

  it('names every operation once', () => {
    const names = api.operations.map(({ operationId }) => operationId);
    expect([...new Set(names)]).toEqual(names);
  });

  it('holds every route of the API, and no other', async () => {
    const server = createHttpServer({ log: pino({ level: 'silent' }), newId, trustedProxies: [] });
    const routes: string[] = [];
    server.addHook('onRoute', (route) => {
      const methods = [route.method].flat();
      if (methods.includes('TRACE') || methods.includes('HEAD')) return;
      routes.push(...methods.map((name) => `${name} ${route.url.replaceAll(/:(\w+)/g, '{$1}')}`));
    });
    const deps = {
      store: app.store,
      clock: systemClock,
      cursorKey: await app.store.cursorKey.read(),
      tenantSlugOfHost: () => undefined,
      countRequest: undefined,
    };
    await createSettings(deps).register(server);
    await server.ready();
    await server.close();
    const described = api.operations.map(({ method, path }) => `${method} ${path}`);
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it('wants the session everywhere but to sign in, and says so', async () => {
    for (const operation of api.operations.filter(({ path }) => path !== url)) {
      const answer = await app.ask(examplePath(operation), { method: operation.method });
      expectDescribed(api, operation, answer);
      const isOpen = operation.operationId === 'signIn';
      expect([operation.security.length, answer.status]).toEqual(isOpen ? [0, 400] : [1, 401]);
    }
  });
});

const isRotation = ({ operationId }: Operation) => operationId === 'rotateApiClientSecret';

describe.each(['flat', 'jsonApi'])('the examples, their bodies in the form %s', (form) => {
  it('are what the server takes and answers, one after the other', async () => {
    // The examples' own tenant is there once.
    const tenant = { id: newId(), slug: `demo-${form.toLowerCase()}` };
    await app.store.tenants.insert({ ...tenant, createdAt: new Date() });
    // Number 1 is the examples' user; the owner signs in.
    await aUser(app.store, tenant.id, { role: 'viewer' });
    await aUser(app.store, tenant.id, { email: 'owner@example.com', password: 'correct horse battery' });
    const { clientId } = await anApiClient(app.store, tenant.id);
    const ocppPassword = { id: newId(), name: 'Stations', passwordHash: 'none', createdAt: new Date() };
    await app.store.ocppPasswords.insert(tenant.id, ocppPassword);
    const exampleOf = (name: string) => {
      const operation = api.operations.find(({ operationId }) => operationId === name);
      return String(operation?.parameters.find((parameter) => parameter.name === 'id')?.example);
    };
    const here = (path: string) =>
      path
        .replace(exampleOf('rotateApiClientSecret'), clientId)
        .replace(exampleOf('getOcppPassword'), ocppPassword.id);
    let cookie = '';
    const send = async (operation: Operation): Promise<Answer> => {
      const type = form === 'flat' ? 'application/json' : 'application/vnd.api+json';
      const example = operation.requestBody?.content[type]?.examples?.[form]?.value;
      const body = JSON.stringify(example)?.replace('"demo"', JSON.stringify(tenant.slug));
      const answer = await app.ask(here(examplePath(operation)), {
        method: operation.method,
        headers: { cookie, ...(body === undefined ? {} : { 'content-type': type }) },
        ...(body === undefined ? {} : { body }),
      });
      expectDescribed(api, operation, answer);
      expect(answer.status, `${operation.operationId}: ${answer.text}`).toBeLessThan(300);
      if (answer.headers['set-cookie'] !== undefined) cookie = cookieOf(answer);
      expectExample(operation, answer);
      return answer;
    };
    // A user is changed to the example before another can be made like it; the session ends last.
    const order = ['signIn', 'PATCH', 'PUT', 'GET', 'DELETE', 'POST', 'changeOwnPassword', 'signOut'];
    const rank = ({ operationId, method }: Operation) => {
      const own = order.indexOf(operationId);
      return own < 0 ? order.indexOf(method) : own;
    };
    const operations = api.operations
      .filter(({ path }) => path !== url)
      .toSorted((a, b) => rank(a) - rank(b));
    await send(operations[0] as Operation);
    await send(operations.find(isRotation) as Operation);
    for (const operation of operations.slice(1).filter((each) => !isRotation(each))) await send(operation);
  });
});

/** Checks that the answer shows what was sent, and that the example is of the described form. */
function expectExample(operation: Operation, answer: Answer): void {
  const described = operation.responses[String(answer.status)]?.content?.['application/json'];
  if (described === undefined) return;
  expect(api.faultsOf(described.schema, described.example)).toEqual([]);
  const sent = operation.requestBody?.content['application/json']?.examples?.['flat']?.value as
    Record<string, unknown> | undefined;
  if (sent !== undefined) {
    const { password: _, tenant: __, ...shown } = sent;
    expectShown(answer, shown);
  }
  const shapeOf = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.slice(0, 1).map(shapeOf)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]))
        : null;
  expect(shapeOf(answer.json()), operation.operationId).toEqual(shapeOf(described.example));
}

function expectShown(answer: Answer, attributes: Record<string, unknown>): void {
  expect(answer.json()).toMatchObject({ data: { attributes } });
}
