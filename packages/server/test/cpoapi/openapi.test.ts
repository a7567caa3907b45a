// The API's description holds what the server does, and nothing else: routes, answers, examples.

import { Validator } from '@seriousme/openapi-schema-validator';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { registerCpoApi } from '../../src/cpoapi/index.ts';
import { createHttpServer } from '../../src/http_server.ts';
import { newId } from '../../src/ids.ts';
import { createAuthorizationServer } from '../../src/oauth/index.ts';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import {
  aWorld,
  describedApi,
  expectDescribed,
  descriptionUrl,
  examplePath,
  isSent,
  letWait,
  makeExamples,
  noteId,
  sendExample,
} from './described_api.ts';
import type { DescribedApi, Operation, World } from './described_api.ts';

const app = testApp();
let api: DescribedApi;

beforeAll(async () => {
  api = await describedApi(app);
});

describe('the description', () => {
  it('is OpenAPI 3.1 to an independent validator', async () => {
    const text = (await app.ask(descriptionUrl)).text;
    expect(api.description.openapi).toMatch(/^3\.1\./);
    expect(await new Validator().validate(JSON.parse(text) as Record<string, unknown>)).toEqual({
      valid: true,
    });
  });

  it('names every operation once', () => {
    const names = api.operations.map(({ operationId }) => operationId);
    expect([...new Set(names)]).toEqual(names);
  });

  it('refers only to what it holds', () => {
    const references = JSON.stringify(api.description).match(/"#\/components\/[^"]+"/g) ?? [];
    const missing = references.filter((reference) => {
      const [, , kind = '', name = ''] = reference.slice(1, -1).split('/');
      return (
        (api.description.components as Record<string, Record<string, unknown>>)[kind]?.[name] === undefined
      );
    });
    expect(missing).toEqual([]);
  });

  it('is served without a token, for the host that was asked', async () => {
    const answer = await app.ask(descriptionUrl, { host: 'tenant-1.localhost' });
    const origin = `http://tenant-1.localhost:${app.port}`;
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
    });
    expect(answer.json()).toMatchObject({
      servers: [{ url: origin }],
      components: {
        securitySchemes: { oauth2: { flows: { clientCredentials: { tokenUrl: `${origin}/token` } } } },
      },
    });
    const again = await app.ask(descriptionUrl, {
      host: 'tenant-1.localhost',
      headers: { 'if-none-match': answer.headers.etag ?? '' },
    });
    expect(again).toMatchObject({ status: 304, text: '' });
  });

  it.each(['a"b', 'a\\b', '[::1]'])('is JSON whatever host is asked: %s', async (host) => {
    const { status, text } = await app.ask(descriptionUrl, { headers: { host } });
    const { servers } = JSON.parse(text) as { servers?: unknown };
    expect({ status, servers }).toEqual(
      status === 400 ? { status, servers: undefined } : { status: 200, servers: [{ url: `http://${host}` }] },
    );
  });

  it('refuses other methods', async () => {
    const answer = await app.ask(descriptionUrl, { method: 'POST' });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('holds every route of the API and of the token endpoint, and no other', async () => {
    const described = api.operations.map(({ method, path }) => `${method} ${path}`);
    expect(described.toSorted()).toEqual((await routesOfTheServer()).toSorted());
  });
});

/** What is registered, without HEAD (it goes with GET) and without the routes that answer 405. */
async function routesOfTheServer(): Promise<string[]> {
  const server = createHttpServer({ log: pino({ level: 'silent' }), newId, trustedProxies: [] });
  const routes: string[] = [];
  server.addHook('onRoute', ({ method, url }) => {
    const methods = [method].flat();
    if (methods.includes('TRACE') || methods.includes('HEAD') || url.startsWith('/.well-known/')) return;
    routes.push(...methods.map((name) => `${name} ${url.replaceAll(/:(\w+)/g, '{$1}')}`));
  });
  const deps = { store: app.store, clock: systemClock, newId, tenantSlugOfHost: () => undefined };
  const authorizationServer = createAuthorizationServer(deps);
  await authorizationServer.register(server);
  await registerCpoApi(server, {
    ...deps,
    cursorKey: await app.store.cursorKey.read(),
    checkAccessToken: (accessToken) => authorizationServer.checkAccessToken(accessToken),
    countRequest: undefined,
    listen: async () => undefined,
    webhookDelivery: {
      newSecret: () => '',
      whyNotTo: () => undefined,
      positionOfId: () => undefined,
      test: async () => undefined,
    },
    orderCommand: () => Promise.reject(new Error('nothing is ordered here')),
    publicUrl: undefined,
    authenticateSession: async () => undefined,
    tokenEndpoint: authorizationServer.description,
  });
  await server.ready();
  await server.close();
  return routes;
}

const operations = (...methods: string[]) =>
  api.resourceOperations.filter((each) => methods.includes(each.method) && !isSent(each));
const isDeletion = ({ path, tags }: Operation) => path.endsWith(`/${tags[0]}/{id}`);
const everyAttribute = (name: string) => !['createdAt', 'updatedAt'].includes(name);

function writtenAttributes(type: string): (name: string) => boolean {
  const changes = api.resourceOperations.find(
    ({ tags, method, requestBody }) => tags[0] === type && method === 'PATCH' && requestBody,
  );
  const body = changes?.requestBody?.content['application/json']?.examples?.['flat']?.value;
  return (name) => name in ((body ?? {}) as Record<string, unknown>);
}

describe.each(['flat', 'jsonApi'])('the examples, their bodies in the form %s', (form) => {
  let world: World;
  let made: [Operation, Answer][];
  const executed = new Set<string>();

  const send = async (operation: Operation): Promise<Answer> => {
    const answer = await sendExample(world, operation, form);
    expectDescribed(api, operation, answer);
    executed.add(operation.operationId);
    return answer;
  };

  beforeAll(async () => {
    world = await aWorld(app);
    made = await makeExamples(app, api, world, form);
  });

  // The tests of this block go through one world in order: what is made is changed, read, and deleted.
  it('create what their answers show', () => {
    for (const [operation, answer] of made) {
      expectDescribed(api, operation, answer);
      executed.add(operation.operationId);
      expectExample(operation, answer, 'all');
    }
  });

  it('change it to what it is', async () => {
    for (const operation of operations('PUT', 'PATCH').filter(({ requestBody }) => requestBody)) {
      const answer = await send(operation);
      expect(answer.status, answer.text).toBe(200);
      expectExample(operation, answer, 'written');
    }
  });

  it('assign it to one another', async () => {
    for (const operation of operations('PUT').filter(({ requestBody }) => requestBody === undefined)) {
      expect((await send(operation)).status).toBe(204);
    }
  });

  it('read it', async () => {
    for (const operation of operations('GET')) {
      const answer = await send(operation);
      expect(answer.status, answer.text).toBe(200);
      if (isDownload(operation)) expectDescribed(api, operation, answer);
      else expectExample(operation, answer, 'written');
    }
  });

  it('create it below other resources, too', async () => {
    const known = new Map(world.ids);
    for (const parent of ['/cp/', '/charging_stations/']) {
      // Below a station of its own: there can be one connector of a number.
      const below = operations('POST').filter(({ path }) => path.includes(`v1${parent}{`));
      const { id } = await aChargingStation(app.store, world.tenantId);
      world.ids.set(String(below[0]?.parameters.find((each) => each.in === 'path')?.example), id);
      // Maintenance windows name a connector.
      for (const operation of below.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
        const answer = await send(operation);
        expect(answer.status, answer.text).toBe(201);
        noteId(world, operation, answer);
      }
    }
    for (const [example, id] of known) world.ids.set(example, id);
  });

  it('do to webhooks what can be done', async () => {
    const actions = /\/(rotate_secret|test|redeliver)$/;
    for (const operation of operations('POST').filter(({ path }) => actions.test(path))) {
      const answer = await send(operation);
      expect(answer.status, answer.text).toBe(200);
    }
  });

  it('accept what waits', async () => {
    for (const operation of operations('POST').filter(({ path }) => path.endsWith('/accept'))) {
      const answer = await send(operation);
      expect(answer.status, answer.text).toBe(200);
      await letWait(app, world, String(operation.parameters.find(({ name }) => name === 'id')?.example));
    }
  });

  it('are sent to a station that is not connected', async () => {
    for (const operation of api.resourceOperations.filter(isSent)) {
      const answer = await send(operation);
      expect(answer.status, answer.text).toBe(operation.path.includes('/synchronous/') ? 503 : 202);
    }
  });

  it('delete it', async () => {
    // What was made last refers to what was made before.
    const order = made.map(([{ tags }]) => tags[0]);
    const byOrder = operations('DELETE').toSorted(
      (one, other) => order.indexOf(other.tags[0]) - order.indexOf(one.tags[0]),
    );
    const deleted = new Set<unknown>();
    for (const operation of [...byOrder.filter((each) => !isDeletion(each)), ...byOrder.filter(isDeletion)]) {
      const { tags } = operation;
      const answer = await send(operation);
      // Below a station it is the same resource.
      expect(answer.status, answer.text).toBe(deleted.has(tags[0]) ? 404 : 204);
      if (isDeletion(operation)) deleted.add(tags[0]);
    }
  });

  it('were all sent', () => {
    expect(
      api.resourceOperations.filter(({ operationId }) => !executed.has(operationId)).map(({ path }) => path),
    ).toEqual([]);
  });

  /** `written` looks at the attributes only that a request can set: a station told others meanwhile, or did not. */
  function expectExample(operation: Operation, answer: Answer, which: 'all' | 'written'): void {
    const described = operation.responses[String(answer.status)]?.content?.['application/json'];
    const example = described?.example as AnyDocument;
    expect(api.faultsOf(described?.schema ?? false, example)).toEqual([]);
    const actual = JSON.parse(world.asDescribed(answer.text)) as AnyDocument;
    const shown = which === 'all' ? everyAttribute : writtenAttributes(operation.tags[0] ?? '');
    expect(withAttributes(actual, shown), operation.operationId).toEqual(withAttributes(example, shown));
  }
});

const isDownload = ({ path }: Operation) => path.endsWith('/content');

type Resource = { readonly attributes: Readonly<Record<string, unknown>> };
type AnyDocument = {
  readonly data: Resource | readonly Resource[];
  /** Pages tell of themselves here, new resources what is shown once. */
  readonly meta?: { readonly secret?: string };
};

/** Answers the document with those attributes of its resources that are asked for. */
function withAttributes(document: AnyDocument, isShown: (name: string) => boolean): unknown {
  const shown = (resource: Resource) => ({
    ...resource,
    attributes: Object.fromEntries(
      Object.entries(resource.attributes ?? {}).filter(([name]) => isShown(name)),
    ),
  });
  const { data, meta } = document;
  const secret = meta?.secret === undefined ? {} : { meta: { secret: 'shown' } };
  return { ...document, ...secret, data: Array.isArray(data) ? data.map(shown) : shown(data as Resource) };
}

describe('the token endpoint', () => {
  it('answers its example as described, in each of its media types', async () => {
    const world = await aWorld(app);
    const endpoints = api.operations.filter(({ operationId }) => operationId.startsWith('fetchAccessToken'));
    expect(endpoints).toHaveLength(3);
    for (const operation of endpoints) {
      for (const [type, content] of Object.entries(operation.requestBody?.content ?? {})) {
        const example = {
          ...(content.examples?.['clientCredentials']?.value as Record<string, string>),
          client_id: world.clientId,
          client_secret: world.clientSecret,
        };
        const body = type.endsWith('json')
          ? JSON.stringify(example)
          : new URLSearchParams(example).toString();
        const answer = await app.ask(operation.path, {
          method: 'POST',
          body,
          headers: { 'content-type': type },
        });
        expect(answer.status).toBe(200);
        expectDescribed(api, operation, answer);
      }
      expectDescribed(api, operation, await app.ask(operation.path, { method: 'POST' }));
    }
  });
});

describe('every operation', () => {
  it('refuses a request without a token as described', async () => {
    for (const operation of api.resourceOperations) {
      const answer = await app.ask(examplePath(operation), { method: operation.method });
      expect(answer.status).toBe(401);
      expectDescribed(api, operation, answer);
    }
  });

  it('needs the scope that is described, and no other', async () => {
    const tenant = await aTenant(app.store);
    const all = new Set(
      api.resourceOperations.flatMap(({ security }) => security.flatMap((scheme) => scheme['oauth2'] ?? [])),
    );
    for (const scope of all) {
      const client = await anApiClient(app.store, tenant.id, { scopes: [scope] });
      const authorization = await anAccessToken(app.origin, client);
      for (const operation of api.resourceOperations) {
        const wanted = operation.security.flatMap((scheme) => scheme['oauth2'] ?? []);
        const isEnough = wanted.every(
          (each) => each === scope || each === scope.replace(/:(write|execute)$/, ':read'),
        );
        const answer = await app.ask(examplePath(operation), {
          method: operation.method,
          headers: { authorization },
        });
        expect(answer.status === 403, `${operation.operationId} with ${scope}`).toBe(!isEnough);
        expectDescribed(api, operation, answer);
      }
    }
  });

  it('answers GET with query parameters as described', async () => {
    expect.hasAssertions();
    const world = await aWorld(app);
    await makeExamples(app, api, world);
    const queries = [
      'page[limit]=1',
      'page[cursor]=start&page[limit]=1',
      'page[offset]=900',
      'page[limit]=0',
      'a=b',
    ];
    for (const operation of api.resourceOperations.filter(({ method }) => method === 'GET')) {
      const path = world.here(examplePath(operation));
      const sparse = operation.parameters.find(({ name }) => name.startsWith('fields['));
      const first = (sparse?.schema['items'] as { enum?: string[] } | undefined)?.enum?.[0];
      for (const query of [...queries, `${sparse?.name}=${first}`, `${sparse?.name}=`]) {
        expectDescribed(api, operation, await world.ask(`${path}?${query}`));
      }
    }
  });
});
